"""Say who a track is: the figures that were measured of it become those of a player."""

import uuid

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import Match, Player, PlayerMatchStatistics, Track
from app.services.db_service import Repository
from app.services.match_sides import check_player_in_match


def assign_track(
    session: Session, account: Account, row: PlayerMatchStatistics, player_id: uuid.UUID | None
) -> PlayerMatchStatistics:
    """Give a measured row, and the track that it was measured of, to a player; None takes the name away again.

    A player may have several tracks of one analysis: somebody who was lost and found again.

    Raises:
        NotFound: the player does not exist for this account.
        Unprocessable: the player does not play in the match.
    """
    if player_id == row.player_id:
        return row
    if player_id is not None:
        match = Repository(session, account, Match).get(row.match_id)
        player = Repository(session, account, Player).get(player_id, club_id=row.club_id)
        check_player_in_match(session, match, player)
    of_track = (Track.report_id == row.report_id, Track.track_number == row.track_number)
    session.execute(update(Track).where(*of_track).values(player_id=player_id))
    return Repository(session, account, PlayerMatchStatistics).change(row, {"player_id": player_id})
