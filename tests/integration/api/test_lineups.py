"""The sheet of a match: who may stand on it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.models import Formation, Match, MatchStatus, Membership, Player, Team
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class League:
    """A match of Reds against Blues with one player each, a third team, and a match without teams."""

    api: Api
    match: str
    open_match: str
    ids: dict[str, str]

    def entry(self, team: str, player: str, **more: object) -> Entry:
        return {"team_id": self.ids.get(team, team), "player_id": self.ids.get(player, player), **more}

    def post(self, *entries: Entry, match: str | None = None) -> Any:
        body = {"match_id": match or self.match, "entries": list(entries)}
        return self.api.client.post("/api/match_lineups", headers=self.api.headers, json=body)


@pytest.fixture
def league(make_api: Callable[..., Api]) -> League:
    api = make_api(embedded_workers=0)
    with api.client.app.state.parts.database.unit_of_work() as session:
        club_id = session.scalars(select(Membership.club_id)).one()
        teams = [Team(club_id=club_id, name=name) for name in ("Reds", "Blues", "Greens")]
        session.add_all(teams)
        session.flush()
        home_away = {"home_team_id": teams[0].id, "away_team_id": teams[1].id}
        matches = [
            Match(club_id=club_id, match_date=datetime(2026, 5, 1, tzinfo=UTC), status=MatchStatus.UPCOMING, **who)
            for who in (home_away, {})
        ]
        players = [
            Player(club_id=club_id, name=name, team_id=team)
            for name, team in (("ada", teams[0].id), ("bo", teams[1].id), ("cy", teams[2].id), ("free", None))
        ]
        session.add_all([*matches, *players])
        session.flush()
        formation = session.scalars(select(Formation.id).where(Formation.name == "4-3-3")).one()
        rows = [("Reds", teams[0]), ("Blues", teams[1]), ("Greens", teams[2]), *((row.name, row) for row in players)]
        ids = {name: str(row.id) for name, row in rows} | {"4-3-3": str(formation)}
        return League(api, str(matches[0].id), str(matches[1].id), ids)


def test_a_sheet_is_read_back_as_it_was_written(league: League) -> None:
    written = league.post(
        league.entry("Blues", "bo", is_starting=False),
        league.entry("Reds", "ada", formation_id=league.ids["4-3-3"], position_in_formation="GK"),
        league.entry("Reds", "free"),
    )
    assert written.status_code == 201, written.text
    assert written.headers["Location"] == f"/api/match_lineups/{written.json()['id']}"
    read = league.api.client.get(written.headers["Location"], headers=league.api.headers).json()
    assert read == written.json()
    assert [entry["player_id"] for entry in read["entries"]] == [league.ids[name] for name in ("bo", "ada", "free")]
    assert [entry["is_starting"] for entry in read["entries"]] == [False, True, True]
    assert read["entries"][1]["position_in_formation"] == "GK"


def test_a_match_has_one_sheet(league: League) -> None:
    assert league.post(league.entry("Reds", "ada")).status_code == 201
    assert_problem(league.post(league.entry("Blues", "bo")), 409, "lineup_exists")


def test_any_team_may_play_in_a_match_whose_teams_are_not_known(league: League) -> None:
    assert league.post(league.entry("Greens", "cy"), match=league.open_match).status_code == 201


NOBODY = str(uuid.uuid4())
REFUSED: dict[str, tuple[Callable[[League], list[Entry]], int, str]] = {
    "a player twice": (lambda of: [of.entry("Reds", "ada"), of.entry("Reds", "ada")], 422, "player_twice"),
    "a player for both teams": (lambda of: [of.entry("Reds", "free"), of.entry("Blues", "free")], 422, "player_twice"),
    "a team that does not play": (lambda of: [of.entry("Greens", "cy")], 422, "team_not_in_match"),
    "a player of the other team": (lambda of: [of.entry("Reds", "bo")], 422, "player_of_other_team"),
    "an unknown player": (lambda of: [of.entry("Reds", NOBODY)], 404, "not_found"),
    "an unknown team": (lambda of: [of.entry(NOBODY, "ada")], 404, "not_found"),
    "an unknown formation": (lambda of: [of.entry("Reds", "ada", formation_id=NOBODY)], 404, "not_found"),
    "nobody at all": (lambda _: [], 422, "validation_failed"),
    "an id that is none": (lambda of: [of.entry("Reds", "17")], 422, "validation_failed"),
    "a position of 51 letters": (
        lambda of: [of.entry("Reds", "ada", position_in_formation="x" * 51)],
        422,
        "validation_failed",
    ),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("case", REFUSED)
def test_a_sheet_against_the_rules_is_refused(league: League, case: str) -> None:
    make, status, code = REFUSED[case]
    assert_problem(league.post(*make(league)), status, code)
    # Nothing of it stays: the match is still without a sheet.
    assert league.post(league.entry("Reds", "ada")).status_code == 201


def test_a_sheet_of_an_unknown_match_is_refused(league: League) -> None:
    assert_problem(league.post(league.entry("Reds", "ada"), match=NOBODY), 404, "not_found")
