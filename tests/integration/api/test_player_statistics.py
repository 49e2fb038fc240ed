"""Figures of players: entered ones beside measured ones, and neither overwrites the other."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from app.core.account import Role
from app.models import AuditEntry, MatchLineup, MatchLineupEntry, PlayerMatchStatistics, Track
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import PlayedMatch, as_role, counted_statements, play_match
from tests.integration.conftest import Api

PATH = "/api/player_match_statistics"
Json = Any


@pytest.fixture
def match(shared_api: Api) -> PlayedMatch:
    return play_match(shared_api.client.app)


@pytest.fixture(scope="module")
def viewer(shared_api: Api) -> dict[str, str]:
    return as_role(shared_api, Role.VIEWER, play_match(shared_api.client.app).club_id)


def enter(api: Api, match: PlayedMatch, **figures: object) -> Json:
    body = {"match_id": str(match.match_id), "player_id": str(match.home_player_id), **figures}
    return api.client.post(PATH, headers=api.headers, json=body)


def patch(api: Api, row_id: object, **changes: object) -> Json:
    return api.client.patch(f"{PATH}/{row_id}", headers=api.headers, json=changes)


def track_players(api: Api, report_id: uuid.UUID) -> list[uuid.UUID | None]:
    with api.client.app.state.parts.database.reading() as session:
        of_report = select(Track.player_id).where(Track.report_id == report_id)
        return list(session.scalars(of_report.order_by(Track.track_number)).all())


def test_entered_figures_are_kept_beside_the_measured_ones(api: Api) -> None:
    match = play_match(api.client.app)
    answer = enter(api, match, goals=2, shots=3, shots_on_target=3, rating=7.5, distance_m=9000.0)
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert (row["goals"], row["rating"], row["passes"], row["report_id"]) == (2, 7.5, None, None)
    assert row["distance_m"] is None  # nobody measured it, whatever the body says
    assert api.client.get(answer.headers["Location"], headers=api.headers).json() == row
    assert len(api.client.get(PATH, headers=api.headers).json()) == 3


def test_the_figures_that_published_clients_read_are_derived_from_the_measured_ones(
    shared_api: Api, match: PlayedMatch
) -> None:
    row = shared_api.client.get(f"{PATH}/{match.measured_ids[0]}", headers=shared_api.headers).json()
    derived = (row["distance_covered_km"], row["avg_speed_kmh"], row["max_speed_kmh"])
    assert derived == (0.031, 11.272, 16.128)
    entered = enter(shared_api, match, goals=0).json()
    assert entered["distance_covered_km"] is entered["avg_speed_kmh"] is entered["max_speed_kmh"] is None


@pytest.mark.parametrize(
    ("figures", "pointer"),
    [
        ({"minutes_played": 131}, "/minutes_played"),
        ({"goals": -1}, "/goals"),
        ({"passes": 1001}, "/passes"),
        ({"passes": 2**40}, "/passes"),
        ({"rating": 10.1}, "/rating"),
        ({"press_resistance_success_rate": 100.5}, "/press_resistance_success_rate"),
        ({"notes": "x" * 5001}, "/notes"),
        ({"player_id": None}, "/player_id"),
        ({"match_id": "one"}, "/match_id"),
    ],
)
def test_figures_out_of_their_bounds_are_refused(
    shared_api: Api, match: PlayedMatch, figures: Json, pointer: str
) -> None:
    answer = enter(shared_api, match, **figures)
    assert_problem(answer, 422, "validation_failed")
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("figures", "part"),
    [
        ({"shots": 1, "shots_on_target": 2}, "/shots_on_target"),
        ({"passes": 10, "accurate_passes": 11}, "/accurate_passes"),
    ],
)
def test_a_part_may_not_be_more_than_the_whole_also_after_a_change(
    shared_api: Api, match: PlayedMatch, figures: dict[str, int], part: str
) -> None:
    refused = enter(shared_api, match, **figures)
    assert_problem(refused, 422, "figures_contradict")
    assert [error["pointer"] for error in refused.json()["errors"]] == [part]
    whole, part_name = figures
    row = enter(shared_api, match, **{whole: figures[part_name], part_name: figures[part_name]}).json()
    assert_problem(patch(shared_api, row["id"], **{whole: 1}), 422, "figures_contradict")
    assert patch(shared_api, row["id"], **{whole: None}).status_code == 200  # not known: contradicts nothing
    assert_problem(patch(shared_api, row["id"], **{whole: 1}), 422, "figures_contradict")
    assert patch(shared_api, row["id"], **{whole: 1, part_name: 1}).status_code == 200


def test_there_is_one_entered_row_for_a_match_and_a_player(shared_api: Api, match: PlayedMatch) -> None:
    assert enter(shared_api, match, goals=1).status_code == 201
    answer = enter(shared_api, match, goals=2)
    assert_problem(answer, 409, "statistics_exist")
    assert answer.json()["errors"][0]["pointer"] == "/player_id"


def test_of_many_who_enter_at_once_one_succeeds(api: Api) -> None:
    match = play_match(api.client.app)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda goals: enter(api, match, goals=goals), range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"statistics_exist"}


def test_the_player_must_be_of_one_of_the_two_teams(shared_api: Api, match: PlayedMatch) -> None:
    answer = enter(shared_api, match, player_id=str(match.outsider_id))
    assert_problem(answer, 422, "player_not_in_match")
    assert answer.json()["errors"][0]["pointer"] == "/player_id"
    assert enter(shared_api, match, player_id=str(match.away_player_id)).status_code == 201


def test_a_player_of_a_match_whose_teams_nobody_has_entered_may_be_anybody(shared_api: Api) -> None:
    match = play_match(shared_api.client.app, with_teams=False)
    assert enter(shared_api, match, player_id=str(match.outsider_id)).status_code == 201


def test_a_player_who_stood_on_the_line_up_and_has_changed_teams_since_is_known(
    shared_api: Api, match: PlayedMatch
) -> None:
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        sheet = MatchLineup(club_id=match.club_id, match_id=match.match_id)
        session.add(sheet)
        session.flush()
        place = {"team_id": match.home_id, "player_id": match.outsider_id, "is_starting": True, "sheet_order": 0}
        session.add(MatchLineupEntry(club_id=match.club_id, lineup_id=sheet.id, **place))
    assert enter(shared_api, match, player_id=str(match.outsider_id)).status_code == 201


@pytest.mark.parametrize("change", [{"match_id": None}, {"player_id": None}])
def test_what_another_club_has_does_not_exist(
    shared_api: Api, other_club: dict[str, str], match: PlayedMatch, change: dict[str, None]
) -> None:
    theirs = play_match(shared_api.client.app, "rival@example.com")
    foreign = {"match_id": str(theirs.match_id), "player_id": str(theirs.home_player_id)}
    assert_problem(enter(shared_api, match, **{name: foreign[name] for name in change}), 404, "not_found")
    for answer in (
        shared_api.client.get(f"{PATH}/{match.measured_ids[0]}", headers=other_club),
        shared_api.client.get(f"{PATH}/player/{match.home_player_id}", headers=other_club),
        shared_api.client.get(f"/api/matches/{match.match_id}/player_figures", headers=other_club),
        shared_api.client.patch(f"{PATH}/{match.measured_ids[0]}", headers=other_club, json={"player_id": None}),
        shared_api.client.delete(f"{PATH}/{match.measured_ids[0]}", headers=other_club),
    ):
        assert_problem(answer, 404, "not_found")
    assert_problem(patch(shared_api, match.measured_ids[0], player_id=foreign["player_id"]), 404, "not_found")


def test_a_viewer_reads_figures_but_neither_enters_nor_changes_them(
    shared_api: Api, viewer: dict[str, str], match: PlayedMatch
) -> None:
    row_id = enter(shared_api, match, goals=1).json()["id"]
    body = {"match_id": str(match.match_id), "player_id": str(match.away_player_id)}
    assert shared_api.client.get(f"{PATH}/{row_id}", headers=viewer).status_code == 200
    for answer in (
        shared_api.client.post(PATH, headers=viewer, json=body),
        shared_api.client.patch(f"{PATH}/{row_id}", headers=viewer, json={"goals": 2}),
        shared_api.client.patch(f"{PATH}/{match.measured_ids[0]}", headers=viewer, json={"player_id": None}),
        shared_api.client.delete(f"{PATH}/{row_id}", headers=viewer),
    ):
        assert_problem(answer, 403, "forbidden")


def test_entered_figures_change_one_by_one_and_null_takes_them_away(shared_api: Api, match: PlayedMatch) -> None:
    row = enter(shared_api, match, goals=1, rating=6.0, notes="late").json()
    changed = patch(shared_api, row["id"], goals=2, notes=None).json()
    assert changed == row | {"goals": 2, "notes": None, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > row["updated_at"]


def test_what_was_read_may_be_sent_back_and_is_no_change(shared_api: Api, match: PlayedMatch) -> None:
    entered = enter(shared_api, match, goals=1).json()
    for row_id in (entered["id"], match.measured_ids[0]):
        row = shared_api.client.get(f"{PATH}/{row_id}", headers=shared_api.headers).json()
        answer = patch(shared_api, row_id, **row)
        assert (answer.status_code, answer.json()) == (200, row)
    with shared_api.client.app.state.parts.database.reading() as session:
        about = select(AuditEntry.action).where(AuditEntry.resource_id == uuid.UUID(entered["id"]))
        assert session.scalars(about).all() == ["create"]


@pytest.mark.parametrize(
    "changes",
    [
        {"distance_m": 9000.0},
        {"top_speed_mps": None},
        {"heatmap": None},
        {"distance_covered_km": 9.0},
        {"max_speed_kmh": 31.0},
        {"goals": 1, "rating": 8.0},  # entered figures have a row of their own
    ],
)
def test_a_measured_figure_can_never_be_changed(shared_api: Api, match: PlayedMatch, changes: Json) -> None:
    before = shared_api.client.get(f"{PATH}/{match.measured_ids[0]}", headers=shared_api.headers).json()
    answer = patch(shared_api, match.measured_ids[0], player_id=str(match.home_player_id), **changes)
    assert_problem(answer, 422, "measured_figure")
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}" for name in changes]
    assert shared_api.client.get(f"{PATH}/{match.measured_ids[0]}", headers=shared_api.headers).json() == before


def test_a_measured_figure_cannot_be_entered_by_a_change(shared_api: Api, match: PlayedMatch) -> None:
    row = enter(shared_api, match, goals=1).json()
    answer = patch(shared_api, row["id"], distance_m=9000.0)
    assert_problem(answer, 422, "measured_figure")
    assert answer.json()["errors"][0]["pointer"] == "/distance_m"


def test_entered_figures_stay_with_their_player(shared_api: Api, match: PlayedMatch) -> None:
    row = enter(shared_api, match, goals=1).json()
    assert_problem(patch(shared_api, row["id"], player_id=str(match.away_player_id)), 422, "player_fixed")
    assert_problem(patch(shared_api, row["id"], player_id=None), 422, "player_fixed")


def test_who_a_track_is_can_be_said_and_taken_back(api: Api) -> None:
    match = play_match(api.client.app)
    answer = patch(api, match.measured_ids[1], player_id=str(match.home_player_id))
    assert (answer.status_code, answer.json()["player_id"]) == (200, str(match.home_player_id))
    assert track_players(api, match.report_id) == [None, match.home_player_id]
    assert patch(api, match.measured_ids[1], player_id=None).json()["player_id"] is None
    assert track_players(api, match.report_id) == [None, None]


def test_a_track_is_nobody_of_another_team(shared_api: Api, match: PlayedMatch) -> None:
    answer = patch(shared_api, match.measured_ids[0], player_id=str(match.outsider_id))
    assert_problem(answer, 422, "player_not_in_match")
    assert track_players(shared_api, match.report_id) == [None, None]


def test_entered_rows_can_be_deleted_and_measured_ones_stay(shared_api: Api, match: PlayedMatch) -> None:
    row_id = enter(shared_api, match, goals=1).json()["id"]
    assert shared_api.client.delete(f"{PATH}/{row_id}", headers=shared_api.headers).status_code == 204
    assert_problem(shared_api.client.get(f"{PATH}/{row_id}", headers=shared_api.headers), 404, "not_found")
    measured = shared_api.client.delete(f"{PATH}/{match.measured_ids[0]}", headers=shared_api.headers)
    assert_problem(measured, 409, "measured_rows_stay")
    assert enter(shared_api, match, goals=1).status_code == 201


def test_a_change_is_refused_when_somebody_was_quicker(shared_api: Api, match: PlayedMatch) -> None:
    row_id = enter(shared_api, match, goals=1).json()["id"]
    tag = shared_api.client.get(f"{PATH}/{row_id}", headers=shared_api.headers).headers["ETag"]
    headers = shared_api.headers | {"If-Match": tag}
    first = shared_api.client.patch(f"{PATH}/{row_id}", headers=headers, json={"goals": 2})
    second = shared_api.client.patch(f"{PATH}/{row_id}", headers=headers, json={"goals": 3})
    assert first.status_code == 200
    assert_problem(second, 412, "precondition_failed")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("source=entered", ["entered"]),
        ("source=measured", [1, 2]),
        ("player_id[null]=true", [1, 2]),
        ("player_id[null]=false", ["entered"]),
        ("distance_m[gt]=40", [2]),
        ("distance_m[lte]=40", [1]),
        ("goals[gte]=1", ["entered"]),
        ("rating[lt]=7", []),
        ("team=A&sort=-distance_m", [2, 1]),
        ("team[null]=true", ["entered"]),
    ],
)
def test_lists_can_be_filtered_by_source_and_by_figures(
    shared_api: Api, match: PlayedMatch, query: str, found: list[object]
) -> None:
    enter(shared_api, match, goals=1, rating=7.0)
    answer = shared_api.client.get(f"{PATH}?match_id={match.match_id}&{query}", headers=shared_api.headers)
    assert answer.status_code == 200, answer.text
    assert [row["track_number"] or "entered" for row in answer.json()] == found


def test_an_unknown_source_is_refused_with_the_words_that_there_are(shared_api: Api) -> None:
    answer = shared_api.client.get(f"{PATH}?source=guessed", headers=shared_api.headers)
    assert_problem(answer, 422, "validation_failed")
    assert "'measured' or 'entered'" in answer.json()["detail"]


def test_all_figures_of_one_player_are_listed_with_the_same_rules(shared_api: Api, match: PlayedMatch) -> None:
    entered = enter(shared_api, match, goals=1).json()["id"]
    patch(shared_api, match.measured_ids[0], player_id=str(match.home_player_id))
    path = f"{PATH}/player/{match.home_player_id}"
    answer = shared_api.client.get(path, headers=shared_api.headers, params={"sort": "-report_id"})
    assert [row["id"] for row in answer.json()] == [str(match.measured_ids[0]), entered]
    assert answer.headers["X-Total-Count"] == "2"
    only = shared_api.client.get(path, headers=shared_api.headers, params={"source": "entered"})
    assert [row["id"] for row in only.json()] == [entered]
    unknown = shared_api.client.get(path, headers=shared_api.headers, params={"colour": "red"})
    assert_problem(unknown, 422, "parameter_unknown")


def test_entered_and_measured_figures_stand_side_by_side(shared_api: Api, match: PlayedMatch) -> None:
    enter(shared_api, match, goals=1, rating=8.0)
    enter(shared_api, match, player_id=str(match.away_player_id), goals=0)
    patch(shared_api, match.measured_ids[1], player_id=str(match.home_player_id))
    path = f"/api/matches/{match.match_id}/player_figures"
    abt, ozil, unnamed = shared_api.client.get(path, headers=shared_api.headers).json()
    assert (abt["player_name"], abt["team_id"], abt["measured"]) == ("Abt", str(match.away_id), [])
    assert abt["measured_distance_m"] is None
    assert (ozil["player_name"], ozil["entered"]["goals"], ozil["entered"]["rating"]) == ("Özil", 1, 8.0)
    assert [row["statistics_id"] for row in ozil["measured"]] == [str(match.measured_ids[1])]
    assert ozil["measured_distance_m"] == 62.624
    assert (unnamed["player_id"], unnamed["player_name"], unnamed["entered"]) == (None, None, None)
    assert [row["track_number"] for row in unnamed["measured"]] == [1]


def test_figures_side_by_side_come_in_pages_and_take_no_unknown_parameter(shared_api: Api, match: PlayedMatch) -> None:
    path = f"/api/matches/{match.match_id}/player_figures"
    whole, page = (
        shared_api.client.get(path, headers=shared_api.headers, params=params)
        for params in ({}, {"limit": 1, "offset": 1})
    )
    assert page.json() == whole.json()[1:2]
    assert page.headers["X-Total-Count"] == str(len(whole.json())) == "2"
    assert 'rel="prev"' in page.headers["Link"]
    for name in ("foo", "sort"):
        unknown = shared_api.client.get(path, headers=shared_api.headers, params={name: "1"})
        assert_problem(unknown, 422, "parameter_unknown")


def test_several_tracks_of_one_player_add_up(shared_api: Api, match: PlayedMatch) -> None:
    for row_id in match.measured_ids:
        patch(shared_api, row_id, player_id=str(match.home_player_id))
    path = f"/api/matches/{match.match_id}/player_figures"
    (ozil,) = shared_api.client.get(path, headers=shared_api.headers).json()
    assert [row["track_number"] for row in ozil["measured"]] == [1, 2]
    assert (ozil["measured_distance_m"], ozil["measured_seconds_seen"]) == (93.936, 20.0)


def test_lists_cost_few_statements_however_many_rows_there_are(shared_api: Api, match: PlayedMatch) -> None:
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        of_report = {"club_id": match.club_id, "match_id": match.match_id, "report_id": match.report_id}
        session.add_all(PlayerMatchStatistics(**of_report, track_number=number) for number in range(10, 110))
    for path, most in ((f"{PATH}?limit=100", 1), (f"/api/matches/{match.match_id}/player_figures", 2)):
        with counted_statements(shared_api.client.app) as statements:
            assert len(shared_api.client.get(path, headers=shared_api.headers).json()) >= 100
        assert len(statements) == most, statements


def test_both_lists_of_figures_need_an_account(shared_api: Api, match: PlayedMatch) -> None:
    gets: Callable[[str], Json] = shared_api.client.get
    for path in (PATH, f"{PATH}/player/{match.home_player_id}", f"/api/matches/{match.match_id}/player_figures"):
        assert_problem(gets(path), 401, "unauthenticated")


def test_measured_figures_outlive_the_player_they_were_given_to(api: Api) -> None:
    played = play_match(api.client.app)
    path = f"/api/player_match_statistics/{played.measured_ids[0]}"
    given = api.client.patch(path, headers=api.headers, json={"player_id": str(played.home_player_id)})
    assert given.status_code == 200, given.text
    gone = api.client.delete(f"/api/players/{played.home_player_id}", headers=api.headers)
    assert gone.status_code == 204, gone.text
    left = api.client.get(path, headers=api.headers).json()
    assert (left["player_id"], left["distance_m"]) == (None, given.json()["distance_m"])
