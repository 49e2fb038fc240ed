"""One answer for the screen of a match, in ten statements."""

import pytest

from tests.integration.api.conftest import assert_problem
from tests.integration.api.league import League, found_league
from tests.integration.api.played_match import counted_statements
from tests.integration.conftest import Api
from tests.waiting import finished_job

STATEMENTS = 10  # and one for the account


@pytest.fixture
def league(api: Api) -> League:
    return found_league(api)


def test_a_match_of_which_little_is_known_has_empty_parts(league: League) -> None:
    details = league.call("GET", f"/matches/{league.ids['open match']}/details").json()
    assert details["match_info"] == league.call("GET", f"/matches/{league.ids['open match']}").json()
    of_team = dict.fromkeys(("team_id", "team_name", "primary_color", "secondary_color", "logo_url", "formation"))
    nobody = of_team | {"players": []}
    assert (details["home_lineup"], details["away_lineup"]) == (nobody, nobody)
    lists = ("events", "player_stats", "team_stats", "videos", "reports", "segments")
    assert [details[name] for name in lists] == [[]] * len(lists)
    assert details["latest_job"] is None


def test_everything_about_a_match_is_in_one_answer(league: League, film: bytes) -> None:
    api, ids = league.api, league.ids
    formation = league.make("/formations", {"name": "4-4-2"})
    reds = [place | {"formation_id": formation["id"]} for place in league.eleven("Reds")]
    assert league.post_sheet(*reds, league.place("Reds", 12), *league.eleven("Blues")).status_code == 201
    match = {"match_id": ids["match"]}
    league.make("/match_events", match | {"event_type": "goal", "minute": 70, "player_id": ids["Reds 9"]})
    league.make("/match_events", match | {"event_type": "goal", "minute": 12, "player_id": ids["Blues 9"]})
    league.make("/player_match_statistics", match | {"player_id": ids["Reds 9"], "goals": 1})
    entered = league.make("/match_team_statistics", match | {"team_id": ids["Blues"], "total_shots": 4})
    accepted = api.client.post("/api/analyze_match", headers=api.headers, files={"file": film}, data=match).json()
    finished_job(api.client, api.headers, accepted["job_id"])
    league.make("/video_segments", match | {"title": "Goal", "start_s": 0.2, "end_s": 1.0})

    parts = api.client.app.state.parts
    for busy in (parts.workers, parts.webhooks):  # they ask the database for work, all the time
        busy.stop()
    with counted_statements(api.client.app) as statements:
        details = league.call("GET", f"/matches/{ids['match']}/details").json()
    assert len(statements) <= STATEMENTS + 1
    home, away = details["home_lineup"], details["away_lineup"]
    assert (home["team_name"], home["formation"]["name"], len(home["players"])) == ("Reds", "4-4-2", 12)
    assert (away["team_name"], away["formation"], len(away["players"])) == ("Blues", None, 11)
    assert (home["players"][0]["name"], home["players"][0]["position_in_formation"]) == ("Reds 1", "GK")
    assert [player["is_starting"] for player in home["players"]] == [True] * 11 + [False]
    scorers = [(event["minute"], event["player_name"], event["jersey_number"]) for event in details["events"]]
    assert scorers == [(12, "Blues 9", 9), (70, "Reds 9", 9)]
    entered_figures = [row for row in details["player_stats"] if row["report_id"] is None]
    assert [(row["goals"], row["player_name"], row["jersey_number"]) for row in entered_figures] == [(1, "Reds 9", 9)]
    measured = [row for row in details["player_stats"] if row["report_id"]]
    assert len(measured) == 4
    assert all(row["heatmap"] is None and row["player_name"] is None for row in measured)
    stored, absent = details["team_stats"]
    assert (stored["id"], stored["total_shots"]) == (entered["id"], 4)
    assert (absent["team_id"], absent["total_shots"]) == (ids["Reds"], None)
    assert [video["duration_s"] for video in details["videos"]] == [1.6]
    assert [report["players_tracked"] for report in details["reports"]] == [4]
    assert [segment["title"] for segment in details["segments"]] == ["Goal"]
    assert details["latest_job"] == league.call("GET", f"/jobs/{accepted['job_id']}").json()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_events_and_figures_have_names_without_a_sheet_and_sides_their_colours(league: League) -> None:
    ids, colours = league.ids, {"primary_color": "#c8102e", "secondary_color": "#ffffff"}
    league.call("PATCH", f"/teams/{ids['Reds']}", colours)
    league.make("/match_events", league.of_reds(event_type="goal", minute=70))
    league.make("/match_events", {"match_id": ids["match"], "event_type": "goal", "minute": 71})
    league.make("/player_match_statistics", league.of_reds(goals=1))
    details = league.call("GET", f"/matches/{ids['match']}/details").json()
    assert [(event["player_name"], event["jersey_number"]) for event in details["events"]] == [
        ("Reds 9", 9),
        (None, None),
    ]
    assert [(row["player_name"], row["jersey_number"]) for row in details["player_stats"]] == [("Reds 9", 9)]
    assert details["home_lineup"] == colours | {
        "team_id": ids["Reds"],
        "team_name": "Reds",
        "logo_url": None,
        "formation": None,
        "players": [],
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_match_without_teams_shows_those_of_its_sheet(league: League) -> None:
    path = f"/matches/{league.ids['open match']}"
    league.post_sheet(*league.eleven("Blues"), *league.eleven("Reds"), match="open match")
    league.api.client.app.state.parts.workers.stop()
    with counted_statements(league.api.client.app) as statements:
        details = league.call("GET", f"{path}/details").json()
    assert len(statements) <= STATEMENTS + 1
    sides = [details["home_lineup"], details["away_lineup"]]
    assert [(side["team_name"], len(side["players"])) for side in sides] == [("Blues", 11), ("Reds", 11)]
    assert [row["team_id"] for row in details["team_stats"]] == [side["team_id"] for side in sides]
    league.call("PATCH", path, {"home_team_id": league.ids["Reds"]})
    details = league.call("GET", f"{path}/details").json()
    assert [details[side]["team_name"] for side in ("home_lineup", "away_lineup")] == ["Reds", "Blues"]


def test_the_details_of_a_foreign_match_do_not_exist(league: League) -> None:
    rival = league.api.register("rival@example.com")
    answer = league.api.client.get(f"/api/matches/{league.ids['match']}/details", headers=rival)
    assert_problem(answer, 404, "not_found")
