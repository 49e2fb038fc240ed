"""What belongs to another club does not exist: 404 everywhere, and never in a list."""

import uuid

import pytest

from app.models import Match, MatchStatus, Player, Team
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.waiting import finished_job


@pytest.fixture
def analysed(api: Api, film: bytes) -> dict[str, str]:
    """Ids of everything that an analysis and a line-up made for the first coach."""
    accepted = api.client.post("/api/analyze_match", headers=api.headers, files={"file": film}).json()
    job = finished_job(api.client, api.headers, accepted["job_id"])
    club_id = _club_of(api)
    with api.client.app.state.parts.database.unit_of_work() as session:
        team = Team(club_id=club_id, name="Reds")
        session.add(team)
        session.flush()
        player = Player(club_id=club_id, team_id=team.id, name="Ada")
        session.add(player)
        session.flush()
        ids = {"team": str(team.id), "player": str(player.id)}
    entry = {"team_id": ids["team"], "player_id": ids["player"]}
    place = {"match_id": accepted["match_id"], **entry}
    lineup = api.client.post("/api/match_lineups", headers=api.headers, json=place).json()
    return ids | {
        "job": accepted["job_id"],
        "match": accepted["match_id"],
        "report": job["result"]["report_id"],
        "lineup": lineup["lineup_id"],
    }


def _club_of(api: Api) -> uuid.UUID:
    with api.client.app.state.parts.database.reading() as session:
        matches = session.query(Match).all()
    return matches[0].club_id


def test_the_rows_of_one_club_do_not_exist_for_another(api: Api, analysed: dict[str, str]) -> None:
    rival = api.register("rival@example.com")
    for path in (
        f"/api/jobs/{analysed['job']}",
        f"/api/matches/{analysed['match']}",
        f"/api/analysis_reports/{analysed['report']}",
        f"/api/match_lineups/{analysed['lineup']}",
    ):
        assert api.client.get(path, headers=api.headers).status_code == 200, path
        assert_problem(api.client.get(path, headers=rival), 404, "not_found")

    for path in ("/api/matches", "/api/player_match_statistics"):
        own, foreign = (api.client.get(path, headers=headers) for headers in (api.headers, rival))
        assert (len(own.json()) > 0, foreign.json()) == (True, []), path
        assert foreign.headers["X-Total-Count"] == "0"
    filtered = api.client.get("/api/player_match_statistics", headers=rival, params={"match_id": analysed["match"]})
    assert filtered.json() == []


def test_nobody_writes_with_the_rows_of_another_club(api: Api, analysed: dict[str, str]) -> None:
    rival = api.register("rival@example.com")
    formation = {"name": "4-4-2 of others", "team_id": analysed["team"], "positions": []}
    assert_problem(api.client.post("/api/formations", headers=rival, json=formation), 404, "not_found")
    entry = {"team_id": analysed["team"], "player_id": analysed["player"]}
    sheet = {"match_id": analysed["match"], "entries": [entry]}
    assert_problem(api.client.post("/api/match_lineups", headers=rival, json=sheet), 404, "not_found")


def test_both_clubs_may_use_the_same_names(api: Api) -> None:
    rival = api.register("rival@example.com")
    for headers in (api.headers, rival):
        answer = api.client.post("/api/formations", headers=headers, json={"name": "Diamond"})
        assert answer.status_code == 201
        names = [row["name"] for row in api.client.get("/api/formations", headers=headers).json()]
        assert names.count("Diamond") == 1


def test_a_match_that_was_made_by_an_upload_is_a_played_one(api: Api, analysed: dict[str, str]) -> None:
    match = api.client.get(f"/api/matches/{analysed['match']}", headers=api.headers).json()
    assert (match["status"], match["home_team_name"]) == (MatchStatus.COMPLETED, None)
    assert (match["pitch_length_m"], match["pitch_width_m"]) == (105, 68)
