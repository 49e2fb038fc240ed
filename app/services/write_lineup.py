"""The sheet of a match: who may stand on it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Conflict, NotFound, Unprocessable
from app.models import Formation, Match, MatchLineup, MatchLineupEntry, Player, Team
from app.models.base import ClubRow
from app.services.db_service import Repository


@dataclass(frozen=True, slots=True)
class LineupPlace:
    team_id: uuid.UUID
    player_id: uuid.UUID
    formation_id: uuid.UUID | None
    is_starting: bool
    position_in_formation: str | None


def write_lineup(session: Session, account: Account, match_id: uuid.UUID, places: Sequence[LineupPlace]) -> MatchLineup:
    """Write the one sheet of a match.

    Raises:
        NotFound: match, team, player or formation does not exist for this account.
        Unprocessable: somebody stands on it twice, or plays for another team.
        Conflict: the match has a sheet already.
    """
    match = Repository(session, account, Match).get(match_id)
    _check_places(session, account, match, places)
    lineup = MatchLineup(
        club_id=match.club_id,
        match_id=match.id,
        entries=[MatchLineupEntry(sheet_order=order, **asdict(place)) for order, place in enumerate(places)],
    )
    try:
        return Repository(session, account, MatchLineup).add(lineup)
    except IntegrityError as error:
        raise Conflict("The match has a line-up already.", code="lineup_exists") from error


def _check_places(session: Session, account: Account, match: Match, places: Sequence[LineupPlace]) -> None:
    player_ids = [place.player_id for place in places]
    if len(set(player_ids)) < len(player_ids):
        raise Unprocessable("A player stands on the line-up twice.", code="player_twice")
    _check_visible(session, account, Team, {place.team_id for place in places})
    _check_visible(session, account, Formation, {place.formation_id for place in places if place.formation_id})
    _check_visible(session, account, Player, player_ids)
    teams = {match.home_team_id, match.away_team_id} - {None}
    if teams and not {place.team_id for place in places} <= teams:
        raise Unprocessable("A team on the line-up does not play in this match.", code="team_not_in_match")
    team_of = dict(session.execute(select(Player.id, Player.team_id).where(Player.id.in_(player_ids))).all())
    if any(team_of[place.player_id] not in {None, place.team_id} for place in places):
        raise Unprocessable("A player on the line-up belongs to another team.", code="player_of_other_team")


def _check_visible(session: Session, account: Account, model: type[ClubRow], row_ids: Iterable[uuid.UUID]) -> None:
    wanted = set(row_ids)
    seen = session.scalars(select(model.id).where(model.id.in_(wanted), model.visible_to(account))).all()
    if missing := wanted - set(seen):
        raise NotFound(f"There is no entry {min(map(str, missing))} in {model.__tablename__} that you can see.")
