"""Who may stand on the sheet of a match: eleven starters of a team, one goalkeeper, nobody twice, the right team."""

import re
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import NotFound, Unprocessable
from app.models import Formation, Match, Player, Position, Team
from app.models.base import ClubRow

Row = TypeVar("Row", bound=ClubRow)

STARTERS = 11
MAX_SUBSTITUTES = 15
_ROLE_WORD = re.compile(r"[A-Za-z]{1,5}")


@dataclass(frozen=True, slots=True)
class Place:
    """What a client says about one player on the sheet."""

    team_id: uuid.UUID
    player_id: uuid.UUID
    formation_id: uuid.UUID | None
    is_starting: bool
    position_in_formation: str | None

    @property
    def role(self) -> str | None:
        """The word for it, in capitals; None: nothing is said, or coordinates ("0.5,0.9")."""
        word = (self.position_in_formation or "").strip()
        return word.upper() if _ROLE_WORD.fullmatch(word) else None


@dataclass(frozen=True, slots=True)
class Squads:
    """The rows that the places of a sheet refer to, by id."""

    players: Mapping[uuid.UUID, Player]
    teams: Mapping[uuid.UUID, Team]
    formations: Mapping[uuid.UUID, Formation]

    def is_goalkeeper(self, place: Place) -> bool:
        """The place on the sheet tells it; where that is no role, the player's own does."""
        if place.role is not None:
            return place.role == "GK"
        return self.players[place.player_id].position is Position.GOALKEEPER


@dataclass(slots=True)
class _Complaints:
    """What is wrong with a sheet: the code of the first complaint, and all of them by field."""

    code: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, pointer: str, code: str, why: str) -> None:
        self.code = self.code or code
        self.fields.setdefault(pointer, []).append(why)

    def raise_any(self) -> None:
        if self.fields:
            sentence = "; ".join(dict.fromkeys(why for reasons in self.fields.values() for why in reasons))
            fields = {pointer: "; ".join(reasons) for pointer, reasons in self.fields.items()}
            raise Unprocessable(f"The line-up is not valid: {sentence}.", code=self.code, fields=fields)


def load_squads(session: Session, account: Account, match: Match, places: Sequence[Place]) -> Squads:
    """
    Raises:
        NotFound: a team, player or formation does not exist in the club of the match.
    """
    formation_ids = {place.formation_id for place in places if place.formation_id}
    return Squads(
        players=_rows(session, account, match, Player, {place.player_id for place in places}),
        teams=_rows(session, account, match, Team, {place.team_id for place in places} | set(_known_sides(match))),
        formations=_rows(session, account, match, Formation, formation_ids),
    )


def check_sheet(match: Match, places: Sequence[Place], squads: Squads) -> None:
    """The rules of a whole sheet.

    Raises:
        Unprocessable: with everything that is wrong.
    """
    complaints, sides = _Complaints(), _sides(match, places)
    for index, place in enumerate(places):
        for name, code, why in _faults(place, places[:index], sides, squads):
            complaints.add(f"/entries/{index}/{name}", code, why)
    for code, why in _numbers([place for place in places if place.team_id in sides], squads):
        complaints.add("/entries", code, why)
    complaints.raise_any()


def check_addition(match: Match, standing: Sequence[Place], place: Place, squads: Squads) -> None:
    """The rules of one place more on a sheet that may stay unfinished. What stands on it is not judged again.

    Raises:
        Unprocessable: with everything that is wrong.
    """
    complaints = _Complaints()
    for name, code, why in _faults(place, standing, _sides(match, [*standing, place]), squads):
        complaints.add(f"/{name}", code, why)
    of_team = [other for other in standing if other.team_id == place.team_id]
    for name, code, why in _surplus(place, of_team, squads.teams[place.team_id].name):
        complaints.add(f"/{name}", code, why)
    complaints.raise_any()


def missing_of(match: Match, places: Sequence[Place], squads: Squads) -> list[str]:
    """What a sheet lacks of the elevens of both teams, in sentences."""
    if not places:
        return ["Nobody stands on the line-up."]
    sides = _sides(match, places)
    complaints = (why for team_id in sides for _, why in _numbers_of(team_id, places, squads))
    return [f"{why}." for why in complaints] + ["The other team does not stand on the line-up."] * (2 - len(sides))


def _sides(match: Match, places: Sequence[Place]) -> list[uuid.UUID]:
    """The teams of the match; where nobody has entered them, the first ones on the sheet."""
    return list(dict.fromkeys([*_known_sides(match), *(place.team_id for place in places)]))[:2]


def _known_sides(match: Match) -> list[uuid.UUID]:
    return [team_id for team_id in (match.home_team_id, match.away_team_id) if team_id is not None]


def _faults(
    place: Place, earlier: Sequence[Place], sides: Collection[uuid.UUID], squads: Squads
) -> Iterator[tuple[str, str, str]]:
    """What is wrong with one place, given those before it: the field, a code, and why."""
    if place.team_id not in sides:
        yield "team_id", "team_not_in_match", "a team on it does not play in this match"
    if any(place.player_id == other.player_id for other in earlier):
        yield "player_id", "player_twice", "a player stands on it twice"
    if squads.players[place.player_id].team_id not in {None, place.team_id}:
        yield "player_id", "player_of_other_team", "a player on it belongs to another team"
    if place.formation_id is None:
        return
    if squads.formations[place.formation_id].team_id not in {None, place.team_id}:
        yield "formation_id", "formation_of_other_team", "a formation on it belongs to another team"
    chosen = {other.formation_id for other in earlier if other.team_id == place.team_id}
    if not chosen <= {None, place.formation_id}:
        yield "formation_id", "several_formations", "a team on it has more than one formation"


def _surplus(place: Place, of_team: Sequence[Place], name: str) -> Iterator[tuple[str, str, str]]:
    """What is one too many for a team. Whoever has no role on the sheet does not count as a goalkeeper here: a sheet
    that is still being written may get one who is named.
    """
    starters = [other for other in of_team if other.is_starting]
    if place.is_starting and len(starters) >= STARTERS:
        yield "is_starting", "starters_count", f"{name} has {STARTERS} starters already"
    if not place.is_starting and len(of_team) - len(starters) >= MAX_SUBSTITUTES:
        yield "is_starting", "bench_full", f"{name} has {MAX_SUBSTITUTES} substitutes already"
    if place.is_starting and place.role == "GK" and any(other.role == "GK" for other in starters):
        yield "position_in_formation", "goalkeeper_count", f"{name} has a goalkeeper already"


def _numbers(places: Sequence[Place], squads: Squads) -> Iterator[tuple[str, str]]:
    """Which numbers of the teams on a sheet are wrong: a code, and why."""
    for team_id in dict.fromkeys(place.team_id for place in places):
        yield from _numbers_of(team_id, places, squads)


def _numbers_of(team_id: uuid.UUID, places: Sequence[Place], squads: Squads) -> Iterator[tuple[str, str]]:
    name, of_team = squads.teams[team_id].name, [place for place in places if place.team_id == team_id]
    starters = [place for place in of_team if place.is_starting]
    if len(starters) != STARTERS:
        too_many = len(starters) > STARTERS
        of_eleven = f"starters instead of {STARTERS}" if too_many else f"of {STARTERS} starters"
        yield "starters_count", f"{name} has {len(starters)} {of_eleven}"
    goalkeepers = sum(squads.is_goalkeeper(place) for place in starters)
    if goalkeepers != 1:
        yield "goalkeeper_count", f"{name} has {goalkeepers or 'no'} goalkeeper{'s' * (goalkeepers > 1)}"
    if len(of_team) - len(starters) > MAX_SUBSTITUTES:
        yield "bench_full", f"{name} has more than {MAX_SUBSTITUTES} substitutes"


def _rows(
    session: Session, account: Account, match: Match, model: type[Row], row_ids: set[uuid.UUID]
) -> dict[uuid.UUID, Row]:
    query = select(model).where(model.id.in_(row_ids), model.club_id == match.club_id, model.visible_to(account))
    found = {row.id: row for row in session.scalars(query)}
    if missing := row_ids - set(found):
        raise NotFound(f"There is no entry {min(map(str, missing))} in {model.__tablename__} that you can see.")
    return found
