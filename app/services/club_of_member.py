"""People and teams belong to one club."""

import uuid

from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import Team
from app.services.db_service import Repository


def club_of_member(
    session: Session, account: Account, team_id: uuid.UUID | None, *, club_id: uuid.UUID | None
) -> uuid.UUID | None:
    """The club of somebody who joins a team; ``club_id`` of somebody who is in none.

    Raises:
        NotFound: there is no such team in the club, or in any club of the account.
    """
    if team_id is None:
        return club_id
    return Repository(session, account, Team).get(team_id, club_id=club_id).club_id
