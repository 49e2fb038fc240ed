"""Pictures follow their rows: a new one stays only if its row is committed, an old one goes only then."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.database import after_commit
from app.models import Player, Team
from app.services.picture_store import PictureStore


@contextmanager
def kept_picture(pictures: PictureStore, content: bytes) -> Iterator[str]:
    """Keep a picture if the block commits the row with its URL, and only then.

    When the connection to the database breaks, nobody knows whether the commit arrived. The file stays: one that nobody
    shows costs less than one that is missing.
    """
    url = pictures.keep(content)
    try:
        yield url
    except BaseException as error:
        if not (isinstance(error, DBAPIError) and error.connection_invalidated):
            pictures.delete(url)
        raise


def forget_picture(session: Session, pictures: PictureStore, url: str | None) -> None:
    """Delete the picture of a row once the row is changed or deleted for good."""
    if url is not None:
        after_commit(session, partial(pictures.delete, url))


def forget_pictures_of_club(session: Session, pictures: PictureStore, club_id: uuid.UUID) -> None:
    """Delete the pictures of all teams and players of a club once it is deleted for good; call it before that."""
    for owner, column in ((Team, Team.logo_url), (Player, Player.image_url)):
        for url in session.scalars(select(column).where(owner.club_id == club_id, column.is_not(None))):
            forget_picture(session, pictures, url)
