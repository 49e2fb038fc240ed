"""Who can have a part in a match: its two teams, and their players. What nobody has entered rules nobody out."""

import uuid

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core.errors import Unprocessable
from app.models import Match, MatchLineup, MatchLineupEntry, Player, PlayerMatchStatistics


def check_team_in_match(match: Match, team_id: uuid.UUID, *, field: str = "/team_id") -> None:
    """
    Raises:
        Unprocessable: two other teams play in the match.
    """
    if not may_play(match, team_id):
        sentence = "The team does not play in this match."
        raise Unprocessable(sentence, code="team_not_in_match", fields={field: "does not play in this match"})


def check_player_in_match(session: Session, match: Match, player: Player, *, field: str = "/player_id") -> None:
    """A player who has changed teams since is still known by the line-up of the match, or by figures of it.

    Raises:
        Unprocessable: the player belongs to none of the two teams, and the match knows nothing of the player.
    """
    if player.team_id is None or may_play(match, player.team_id) or _is_known(session, match, player):
        return
    sentence = "The player belongs to none of the teams of this match."
    raise Unprocessable(sentence, code="player_not_in_match", fields={field: "is of another team"})


def may_play(match: Match, team_id: uuid.UUID | None) -> bool:
    return team_id in {match.home_team_id, match.away_team_id} or None in {match.home_team_id, match.away_team_id}


def _is_known(session: Session, match: Match, player: Player) -> bool:
    places = select(MatchLineupEntry.id).join(MatchLineup, MatchLineup.id == MatchLineupEntry.lineup_id)
    on_sheet = places.where(MatchLineup.match_id == match.id, MatchLineupEntry.player_id == player.id)
    of = PlayerMatchStatistics
    in_figures = select(of.id).where(of.match_id == match.id, of.player_id == player.id)
    return bool(session.scalar(select(or_(on_sheet.exists(), in_figures.exists()))))
