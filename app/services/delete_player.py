"""A player goes; what was measured stays."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import Player, PlayerMatchStatistics
from app.services.changes import changing, of_club
from app.services.db_service import Repository
from app.services.picture_store import PictureStore
from app.services.replace_picture import forget_picture


def delete_player(session: Session, account: Account, player: Player, *, pictures: PictureStore) -> None:
    """Delete a player of ``Repository.get_to_change`` with picture, entered figures and line-up places.

    Measured figures are those of a track; they lose the name, and stay.
    """
    of = PlayerMatchStatistics
    measured = (of.player_id == player.id, of.report_id.is_not(None))
    options = changing(of_club(player.club_id))
    session.execute(update(of).where(*measured).values(player_id=None), execution_options=options)
    forget_picture(session, pictures, player.image_url)
    Repository(session, account, Player).delete(player)
