"""Two squads and a match between them."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2
from sqlalchemy import select

from app.models import Match, MatchStatus, Player, Position, Team, User
from tests.integration.conftest import Api

STARTERS = 11
SQUAD = 14  # of whom the first is the goalkeeper, and the last three sit on the bench

Json = dict[str, Any]


@dataclass
class League:
    """Ids by name: "Reds", "Reds 1" (the goalkeeper) to "Reds 14", and so on; ``match`` is Reds against Blues."""

    api: Api
    ids: dict[str, str] = field(default_factory=dict)

    def name(self, name: str) -> uuid.UUID:
        """A new id that can be asked for by its name."""
        self.ids[name] = str(uuid.uuid4())
        return uuid.UUID(self.ids[name])

    def call(self, method: str, path: str, body: object = None, **headers: str) -> httpx2.Response:
        sent = self.api.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        options: dict[str, Any] = {} if body is None else {"json": body}
        return self.api.client.request(method, f"/api{path}", headers=sent, **options)

    def make(self, path: str, body: Mapping[str, object]) -> Json:
        answer = self.call("POST", path, body)
        assert answer.status_code == 201, answer.text
        made: Json = answer.json()
        return made

    def place(self, team: str, number: int, **more: object) -> Json:
        return {
            "team_id": self.ids[team],
            "player_id": self.ids[f"{team} {number}"],
            "is_starting": number <= STARTERS,
            "position_in_formation": "GK" if number == 1 else None,
        } | more

    def eleven(self, team: str) -> list[Json]:
        return [self.place(team, number) for number in range(1, STARTERS + 1)]

    def of_reds(self, **more: object) -> Json:
        """Something that concerns the ninth of the Reds in the match."""
        return {"match_id": self.ids["match"], "player_id": self.ids["Reds 9"]} | more

    def post_sheet(self, *entries: Json, match: str = "match") -> httpx2.Response:
        return self.call("POST", "/match_lineups", {"match_id": self.ids[match], "entries": list(entries)})


def found_league(api: Api) -> League:
    """Squads and matches, written at once: through the API they would take seconds for every test."""
    league = League(api)
    with api.client.app.state.parts.database.unit_of_work() as session:
        club_id = session.scalars(select(User.active_club_id).where(User.email == "coach@example.com")).one()
        for team in ("Reds", "Blues", "Greens"):
            session.add(Team(id=league.name(team), club_id=club_id, name=team))
        session.flush()
        session.add_all(_squad(league, club_id))
        session.add(Player(id=league.name("free"), club_id=club_id, name="Free agent"))
        session.flush()
        league.name("match")
        league.name("open match")
        session.add(_match(league, "match", club_id, home_team_id="Reds", away_team_id="Blues"))
        session.add(_match(league, "open match", club_id))
    return league


def _squad(league: League, club_id: uuid.UUID) -> Iterator[Player]:
    for team, size in (("Reds", SQUAD), ("Blues", SQUAD), ("Greens", 1)):
        for number in range(1, size + 1):
            yield Player(
                id=league.name(f"{team} {number}"),
                club_id=club_id,
                team_id=uuid.UUID(league.ids[team]),
                name=f"{team} {number}",
                jersey_number=number,
                position=Position.GOALKEEPER if number == 1 else Position.MIDFIELDER,
            )


def _match(league: League, name: str, club_id: uuid.UUID, **teams: str) -> Match:
    return Match(
        id=uuid.UUID(league.ids[name]),
        club_id=club_id,
        match_date=datetime(2026, 5, 9, 15, 30, tzinfo=UTC),
        status=MatchStatus.COMPLETED,
        **{side: uuid.UUID(league.ids[team]) for side, team in teams.items()},
    )
