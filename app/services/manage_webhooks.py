"""What owners do with webhooks, beyond plain reads and writes."""

import base64
import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.account import Account, Role
from app.core.database import database_now
from app.core.errors import Conflict, Forbidden, NotFound
from app.models import Club, Webhook, WebhookDelivery
from app.services.db_service import Repository
from app.services.roles import require_role

MOST_PER_CLUB = 20
"""Each end of a job is told to all of them; more would make the server a tool to flood somebody with."""

SECRET_OVERLAP = timedelta(hours=24)
_SECRET_BYTES = 32


def make_webhook_secret() -> str:
    """256 random bits in the spelling of the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def add_webhook(session: Session, account: Account, webhook: Webhook) -> Webhook:
    """
    Raises:
        NotFound: the club of the webhook is none of the account's.
        Forbidden: the account does not own it.
        Conflict: the club has as many webhooks as it may.
    """
    webhook.club_id = webhook.club_id or account.club_id
    require_role(account, webhook.club_id, Webhook.written_by)
    # Under the lock of the club, so that two requests at once do not both add the last one.
    session.scalars(select(Club.id).where(Club.id == webhook.club_id).with_for_update()).one()
    count = session.scalar(select(func.count()).where(Webhook.club_id == webhook.club_id)) or 0
    if count >= MOST_PER_CLUB:
        raise Conflict(f"A club has at most {MOST_PER_CLUB} webhooks.", code="too_many_webhooks")
    return Repository(session, account, Webhook).add(webhook)


def change_webhook(session: Session, account: Account, webhook: Webhook, changes: Mapping[str, object]) -> Webhook:
    """Change a locked webhook. One that is switched on begins without failures."""
    forgiven = {"consecutive_failures": 0, "disabled_reason": None} if changes.get("is_active") else {}
    return Repository(session, account, Webhook).change(webhook, {**changes, **forgiven})


def rotate_secret(session: Session, account: Account, webhook: Webhook) -> Webhook:
    """Give a locked webhook a new secret. The old one signs beside it for a day: the receiver can change in peace."""
    changes = {
        "secret": make_webhook_secret(),
        "previous_secret": webhook.secret,
        "previous_secret_until": database_now(session) + SECRET_OVERLAP,
    }
    return Repository(session, account, Webhook).change(webhook, changes)


def require_ownership(account: Account) -> None:
    """
    Raises:
        Forbidden: the account owns no club, so it sees no webhook.
    """
    if not account.clubs_with(Role.OWNER):
        raise Forbidden("This needs the role owner in a club.")


def webhook_of_owner(session: Session, account: Account, webhook_id: uuid.UUID) -> Webhook:
    """
    Raises:
        NotFound: there is no such webhook, or it belongs to another club.
        Forbidden: the account does not own the club: an address is a secret, so the others do not read it either.
    """
    webhook = Repository(session, account, Webhook).get(webhook_id)
    require_role(account, webhook.club_id, Role.OWNER)
    return webhook


def active_webhook(session: Session, account: Account, webhook_id: uuid.UUID) -> Webhook:
    """A webhook that can be sent something, locked.

    Raises:
        NotFound, Forbidden: as above.
        Conflict: it is switched off.
    """
    webhook = Repository(session, account, Webhook).get_to_change(webhook_id)
    if not webhook.is_active:
        raise Conflict("This webhook is switched off; set is_active to true first.", code="webhook_inactive")
    return webhook


def delivery_of(
    session: Session, account: Account, webhook: Webhook, delivery_id: uuid.UUID, *, lock: bool = False
) -> WebhookDelivery:
    """
    Raises:
        NotFound: there is no such delivery, or it went to another webhook.
    """
    deliveries = Repository(session, account, WebhookDelivery)
    delivery = deliveries.get_to_change(delivery_id) if lock else deliveries.get(delivery_id)
    if delivery.webhook_id != webhook.id:
        raise NotFound(f"There is no delivery {delivery_id} of this webhook.")
    return delivery
