"""Forget invitations that nobody took: the address is of somebody who may never have heard of us."""

from datetime import timedelta

import structlog
from sqlalchemy import select

from app.core.database import Database, database_now
from app.models import Invitation

log = structlog.get_logger(__name__)


def sweep_invitations(database: Database, keep: timedelta) -> int:
    """Delete the invitations that expired longer than ``keep`` ago without being accepted; how many there were."""
    with database.unit_of_work() as session:
        before = database_now(session) - keep
        untaken = (Invitation.accepted_at.is_(None), Invitation.expires_at < before)
        swept = session.scalars(select(Invitation).where(*untaken).with_for_update()).all()
        for invitation in swept:
            session.delete(invitation)
    if swept:
        log.info("invitations forgotten", invitations=len(swept))
    return len(swept)
