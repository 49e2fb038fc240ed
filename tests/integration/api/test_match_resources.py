"""Competitions, matches and what happens in them: their rules, and what goes with what."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from app.models import Calibration, Job, JobStatus, Video
from tests.integration.api.conftest import assert_problem, rows, stored_files
from tests.integration.api.league import League, found_league
from tests.integration.conftest import Api
from tests.waiting import finished_job

Json = dict[str, Any]


@pytest.fixture
def league(api: Api) -> League:
    return found_league(api)


def test_a_competition_lives_through_its_whole_life(api: Api) -> None:
    league = League(api)
    cup = league.make("/competitions", {"name": "Harbour Cup", "season": "2026/27"})
    league.make("/competitions", {"name": "Harbour Cup", "season": "2027/28"})
    friendly = league.make("/competitions", {"name": "Friendly"})
    assert friendly["season"] == ""
    twin = league.call("POST", "/competitions", {"name": "Harbour Cup", "season": "2026/27"})
    assert_problem(twin, 409, "already_exists")
    match = league.make("/matches", {"match_date": "2026-05-09T15:00:00Z", "competition_id": cup["id"]})
    assert match["competition_name"] == "Harbour Cup"
    renamed = league.call("PATCH", f"/competitions/{cup['id']}", {"name": "Port Cup"})
    assert (renamed.json()["name"], renamed.json()["season"]) == ("Port Cup", "2026/27")
    assert league.call("GET", f"/matches/{match['id']}").json()["competition_name"] == "Port Cup"
    assert league.call("DELETE", f"/competitions/{cup['id']}").status_code == 204
    assert league.call("GET", f"/matches/{match['id']}").json()["competition_id"] is None


def test_a_match_is_made_changed_and_found(league: League) -> None:
    ids = league.ids
    body = {
        "match_date": "2026-11-28T15:00:00+01:00",
        "home_team_id": ids["Blues"],
        "away_team_id": ids["Greens"],
        "venue": "Møllebakken",
        "pitch_length_m": 100.5,
    }
    match = league.make("/matches", body)
    assert (match["match_date"], match["status"]) == ("2026-11-28T14:00:00Z", "upcoming")
    assert (match["home_team_name"], match["away_team_name"]) == ("Blues", "Greens")
    assert (match["pitch_length_m"], match["pitch_width_m"], match["home_score"]) == (100.5, 68, None)
    assert league.call("GET", f"/matches/{match['id']}").json() == match

    changed = league.call(
        "PATCH", f"/matches/{match['id']}", {"status": "completed", "home_score": 2, "away_score": 0, "venue": None}
    ).json()
    assert (changed["status"], changed["home_score"], changed["venue"]) == ("completed", 2, None)
    swapped = {"home_team_id": ids["Greens"], "away_team_id": ids["Blues"]}
    assert league.call("PATCH", f"/matches/{match['id']}", swapped).json()["home_team_name"] == "Greens"

    for query, found in (
        (f"team_id={ids['Blues']}", {ids["match"], match["id"]}),
        (f"home_team_id={ids['Reds']}", {ids["match"]}),
        ("status=upcoming", set()),
        ("match_date[gte]=2026-11-28T00:00:00Z", {match["id"]}),
        ("q=greens", {match["id"]}),
        ("q=BLUE", {ids["match"], match["id"]}),
        ("home_team_id[null]=true", {ids["open match"]}),
    ):
        assert {row["id"] for row in league.call("GET", f"/matches?{query}").json()} == found, query


BAD_MATCHES: dict[str, tuple[Callable[[League], Json], int, str]] = {
    "a team against itself": (
        lambda of: {"home_team_id": of.ids["Reds"], "away_team_id": of.ids["Reds"]},
        422,
        "same_team",
    ),
    "an unknown team": (lambda _: {"home_team_id": str(uuid.uuid4())}, 404, "not_found"),
    "an unknown competition": (lambda _: {"competition_id": str(uuid.uuid4())}, 404, "not_found"),
    "an unknown club": (lambda _: {"club_id": str(uuid.uuid4())}, 404, "not_found"),
    "no kick-off": (lambda _: {"match_date": None}, 422, "validation_failed"),
    "a kick-off without a zone": (lambda _: {"match_date": "2026-05-09T15:00:00"}, 422, "validation_failed"),
    "minus one goal": (lambda _: {"home_score": -1}, 422, "validation_failed"),
    "a hundred goals": (lambda _: {"home_score": 100}, 422, "validation_failed"),
    "goals as text": (lambda _: {"home_score": "3"}, 422, "validation_failed"),
    "a pitch beyond Law 1": (lambda _: {"pitch_length_m": 130}, 422, "validation_failed"),
    "another status": (lambda _: {"status": "abandoned"}, 422, "validation_failed"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_match_against_the_rules_is_refused(league: League) -> None:
    before = league.call("GET", "/matches").json()
    for case, (make, status, code) in BAD_MATCHES.items():
        body = {"match_date": "2026-05-09T15:00:00Z"} | make(league)
        for method, path in (("POST", "/matches"), ("PATCH", f"/matches/{league.ids['match']}")):
            if method == "PATCH" and case == "an unknown club":
                continue  # a match stays in its club
            answer = league.call(method, path, body)
            assert (case, method, answer.status_code) == (case, method, status), answer.text
            assert_problem(answer, status, code)
    assert league.call("GET", "/matches").json() == before


IN_THE_WAY: dict[str, tuple[Callable[[League], object], str]] = {
    "a sheet": (lambda of: of.post_sheet(*of.eleven("Reds")), "line-up places (11)"),
    "an event": (lambda of: of.make("/match_events", of.of_reds(event_type="goal", minute=1)), "events (1)"),
    "a player's figures": (
        lambda of: of.make("/player_match_statistics", of.of_reds(goals=1)),
        "rows of statistics (1)",
    ),
    "the team's figures": (
        lambda of: of.make("/match_team_statistics", {"match_id": of.ids["match"], "team_id": of.ids["Reds"]}),
        "rows of statistics (1)",
    ),
}


@pytest.mark.parametrize("case", IN_THE_WAY)
def test_a_team_is_not_replaced_while_the_match_has_something_of_it(league: League, case: str) -> None:
    write, named = IN_THE_WAY[case]
    write(league)
    ids, path = league.ids, f"/matches/{league.ids['match']}"
    before = league.call("GET", path).json()
    for body in ({"home_team_id": ids["Greens"]}, {"home_team_id": None}):
        answer = league.call("PATCH", path, body)
        assert_problem(answer, 409, "team_in_use")
        assert named in answer.json()["detail"]
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/home_team_id"]
    assert league.call("GET", path).json() == before
    for body in (
        {"away_team_id": ids["Greens"]},
        {"home_team_id": ids["Greens"], "away_team_id": ids["Reds"]},
        {"home_team_id": ids["Reds"], "away_team_id": None},
    ):
        assert league.call("PATCH", path, body).status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_match_whose_teams_were_open_gets_those_of_its_sheet(league: League) -> None:
    ids, path = league.ids, f"/matches/{league.ids['open match']}"
    league.post_sheet(*league.eleven("Reds"), match="open match")
    others = {"home_team_id": ids["Blues"], "away_team_id": ids["Greens"]}
    assert_problem(league.call("PATCH", path, others), 409, "team_in_use")
    right = {"home_team_id": ids["Blues"], "away_team_id": ids["Reds"]}
    assert league.call("PATCH", path, right).status_code == 200


def test_a_match_goes_with_its_rows_and_files(league: League, film: bytes) -> None:
    api = league.api
    accepted = api.client.post(
        "/api/analyze_match", headers=api.headers, files={"file": film}, data={"match_id": league.ids["match"]}
    ).json()
    finished_job(api.client, api.headers, accepted["job_id"])
    path = f"/matches/{accepted['match_id']}"
    assert len(stored_files(api.settings)) == 1
    _set_status(api, JobStatus.PROCESSING)
    assert_problem(league.call("DELETE", path), 409, "analysis_running")
    assert len(stored_files(api.settings)) == 1
    positions = api.settings.data_dir / "artifacts" / accepted["job_id"]
    assert positions.is_dir()
    _set_status(api, JobStatus.COMPLETED)
    assert league.call("DELETE", path).status_code == 204
    assert not positions.exists()
    assert {model.__name__: rows(api.client.app, model) for model in (Job, Video, Calibration)} == {
        "Job": 0,
        "Video": 0,
        "Calibration": 0,
    }
    assert stored_files(api.settings) == []
    assert_problem(league.call("GET", path), 404, "not_found")


def _set_status(api: Api, status: JobStatus) -> None:
    with api.client.app.state.parts.database.unit_of_work() as session:
        session.execute(update(Job).values(status=status))


def test_an_event_takes_the_team_of_its_player(league: League) -> None:
    ids = league.ids
    goal = {"match_id": ids["match"], "event_type": "goal", "minute": 90, "stoppage_minute": 3}
    event = league.make("/match_events", goal | {"player_id": ids["Blues 9"], "x_m": 94.0, "y_m": 34.5})
    assert (event["team_id"], event["minute"], event["stoppage_minute"]) == (ids["Blues"], 90, 3)
    moved = league.call("PATCH", f"/match_events/{event['id']}", {"minute": 89, "stoppage_minute": None}).json()
    assert (moved["minute"], moved["stoppage_minute"], moved["player_id"]) == (89, None, ids["Blues 9"])
    assert league.call("GET", f"/match_events?player_id={ids['Blues 9']}").json() == [moved]
    assert league.call("GET", "/match_events?event_type=red_card").json() == []
    assert league.call("DELETE", f"/match_events/{event['id']}").status_code == 204
    assert league.call("GET", "/match_events").json() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_player_who_changes_teams_has_played_for_the_old_one(league: League) -> None:
    ids = league.ids
    league.post_sheet(*league.eleven("Reds"))
    goal = {"match_id": ids["match"], "event_type": "goal", "minute": 30}
    on_sheet = league.make("/match_events", goal | {"player_id": ids["Reds 9"]})
    left_out = league.make("/match_events", goal | {"player_id": ids["Reds 14"]})
    for name in ("Reds 9", "Reds 14"):
        assert league.call("PATCH", f"/players/{ids[name]}", {"team_id": ids["Greens"]}).status_code == 200
    for event in (on_sheet, left_out):
        noted = league.call("PATCH", f"/match_events/{event['id']}", {"notes": "Header."})
        assert (noted.status_code, noted.json()["team_id"]) == (200, ids["Reds"])
    assert league.make("/match_events", goal | {"player_id": ids["Reds 9"]})["team_id"] == ids["Reds"]
    assert_problem(
        league.call("POST", "/match_events", goal | {"player_id": ids["Reds 14"]}), 422, "player_not_in_match"
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_figures_of_a_match_tell_that_somebody_played_in_it(league: League) -> None:
    """Of a match without a sheet nobody can say for which team; the event may."""
    ids = league.ids
    league.make("/player_match_statistics", league.of_reds(goals=1))
    league.call("PATCH", f"/players/{ids['Reds 9']}", {"team_id": ids["Greens"]})
    goal = league.of_reds(event_type="goal", minute=30)
    assert league.make("/match_events", goal)["team_id"] is None
    assert league.make("/match_events", goal | {"team_id": ids["Reds"]})["team_id"] == ids["Reds"]
    assert_problem(league.call("POST", "/match_events", goal | {"team_id": ids["Greens"]}), 422, "team_not_in_match")


def test_who_goes_off_and_comes_on_again_does_so_by_turns(league: League) -> None:
    league.post_sheet(*league.eleven("Reds"), league.place("Reds", 12))

    def enter(kind: str, minute: int, stoppage: int | None = None) -> str:
        """The id of the event, or the code of the refusal."""
        body = league.of_reds(event_type=kind, minute=minute, stoppage_minute=stoppage)
        answer = league.call("POST", "/match_events", body).json()
        return str(answer.get("code") or answer["id"])

    assert enter("sub_in", 60) == "on_pitch"
    first = enter("sub_out", 45, 2)
    assert enter("sub_out", 50) == "not_on_pitch"
    again = enter("sub_in", 70)
    assert enter("sub_in", 60) == "on_pitch"  # and so again at minute 70
    assert enter("sub_out", 80) != "not_on_pitch"
    assert enter("red_card", 75) == "sent_off"  # he went off at minute 80
    assert enter("red_card", 85) != "sent_off"
    assert enter("red_card", 86) == "sent_off"
    assert enter("sub_in", 88) == "sent_off"
    # A change is judged as well; what does not concern the order is not.
    moved = league.call("PATCH", f"/match_events/{again}", {"minute": 40})
    assert_problem(moved, 422, "on_pitch")
    assert moved.json()["detail"] == "The player is on the pitch already in minute 40, and cannot come on."
    assert league.call("PATCH", f"/match_events/{first}", {"stoppage_minute": 1, "notes": "Hurt."}).status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_team_without_a_sheet_changes_whom_it_likes(league: League) -> None:
    ids = league.ids
    league.post_sheet(*league.eleven("Reds"))
    change = {"match_id": ids["match"], "event_type": "sub_in", "minute": 60}
    league.make("/match_events", change | {"player_id": ids["Blues 12"]})
    for player, team in (("Reds 12", None), ("free", "Reds"), ("free", None)):
        body = change | {"player_id": ids[player], "team_id": team and ids[team]}
        assert_problem(league.call("POST", "/match_events", body), 422, "not_on_sheet")


BAD_EVENTS: dict[str, tuple[Callable[[League], Json], int, str]] = {
    "a team that does not play": (lambda of: {"team_id": of.ids["Greens"]}, 422, "team_not_in_match"),
    "a player who does not play": (lambda of: {"player_id": of.ids["Greens 1"]}, 422, "player_not_in_match"),
    "a player of the other team": (
        lambda of: {"player_id": of.ids["Reds 9"], "team_id": of.ids["Blues"]},
        422,
        "player_of_other_team",
    ),
    "an unknown player": (lambda _: {"player_id": str(uuid.uuid4())}, 404, "not_found"),
    "minute 131": (lambda _: {"minute": 131}, 422, "validation_failed"),
    "beyond the pitch": (lambda _: {"x_m": 106.0}, 422, "off_pitch"),
    "behind the end of the video": (lambda _: {"video_time_s": 1.7}, 422, "outside_video"),
    "a starter comes on": (lambda of: {"event_type": "sub_in", "player_id": of.ids["Reds 5"]}, 422, "on_pitch"),
    "a substitute goes off": (
        lambda of: {"event_type": "sub_out", "player_id": of.ids["Reds 12"]},
        422,
        "not_on_pitch",
    ),
    "a stranger goes off": (lambda of: {"event_type": "sub_out", "player_id": of.ids["Reds 14"]}, 422, "not_on_sheet"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_event_that_cannot_have_happened_is_refused(league: League, film: bytes) -> None:
    """The film lasts 1.6 s."""
    ids, api = league.ids, league.api
    league.post_sheet(*league.eleven("Reds"), league.place("Reds", 12))
    api.client.post("/api/analyze_match", headers=api.headers, files={"file": film}, data={"match_id": ids["match"]})
    sound = {"match_id": ids["match"], "event_type": "goal", "minute": 10, "video_time_s": 1.5}
    event = league.make("/match_events", sound)
    for case, (make, status, code) in BAD_EVENTS.items():
        for method, path in (("POST", "/match_events"), ("PATCH", f"/match_events/{event['id']}")):
            answer = league.call(method, path, sound | make(league))
            assert (case, method, answer.status_code) == (case, method, status), answer.text
            assert_problem(answer, status, code)
    assert league.call("GET", "/match_events").json() == [event]


def test_another_club_can_refer_to_nothing_of_a_match(league: League) -> None:
    rival = league.api.register("rival@example.com")
    own = League(Api(league.api.client, league.api.settings, league.api.engine, rival))
    goal = {"match_id": league.ids["match"], "event_type": "goal", "minute": 1}
    assert_problem(own.call("POST", "/match_events", goal), 404, "not_found")
    theirs = {"match_date": "2026-05-09T15:00:00Z", "home_team_id": league.ids["Reds"]}
    assert_problem(own.call("POST", "/matches", theirs), 404, "not_found")


def test_the_rows_of_two_clubs_do_not_mix_even_for_a_member_of_both(league: League) -> None:
    """Else the members of one club would see the names of the other through the match."""
    second = league.call("POST", "/clubs", {"name": "Second club"}).json()["id"]
    team = league.make("/teams", {"name": "Second team", "club_id": second})
    for body in (
        {"home_team_id": league.ids["Reds"], "away_team_id": team["id"]},
        {"home_team_id": league.ids["Reds"], "club_id": second},
    ):
        assert_problem(league.call("POST", "/matches", {"match_date": "2026-05-09T15:00:00Z"} | body), 404, "not_found")
    match = league.make("/matches", {"match_date": "2026-05-09T15:00:00Z", "home_team_id": team["id"]})
    assert match["club_id"] == second
