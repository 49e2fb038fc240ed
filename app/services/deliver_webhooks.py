"""The outbox of webhooks: who sends a message, and what follows from what came of it.

A sender *claims* a delivery with a lease, sends it without a transaction, and settles it. Whoever dies in between has
perhaps sent it: after the lease another one sends it again, under the same message id, by which the receiver knows it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import CursorResult, Exists, Select, delete, exists, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.core.database import Database, database_now
from app.models import DeliveryState, Webhook, WebhookDelivery, WebhookEvent
from app.services.webhook_exchange import Message, Outcome

log = structlog.get_logger(__name__)

_GONE = 410
_REASON_GONE = "The receiver answered 410 (Gone): it wants no more messages."
_REASON_FAILURES = "{} messages in a row could not be delivered."


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """``delays_s`` are the pauses after the first failure, the second and so on; then a message is given up.

    A webhook is disabled after ``disable_after`` messages in a row that were given up.
    """

    delays_s: tuple[float, ...]
    disable_after: int

    def delay(self, attempt: int, event: WebhookEvent) -> timedelta | None:
        """How long to wait after an attempt that failed; None: no longer. Who asks for a test waits for its outcome."""
        if event is WebhookEvent.TEST or attempt > len(self.delays_s):
            return None
        return timedelta(seconds=self.delays_s[attempt - 1])


@dataclass(frozen=True, slots=True)
class Sending:
    """The right to send one message, and the message."""

    delivery_id: uuid.UUID
    webhook_id: uuid.UUID
    attempt: int
    message: Message


def claim_delivery(session: Session, *, lease: timedelta) -> Sending | None:
    """Take the delivery that has been due for longest, of a webhook for which nobody else is sending right now.

    So one slow receiver keeps one sender busy, and not all of them.
    """
    now = database_now(session)
    for delivery, webhook in session.execute(_due(now)).all():
        # Under the lock of the webhook, so that two senders do not both find it idle.
        session.execute(select(Webhook.id).where(Webhook.id == webhook.id).with_for_update())
        is_busy = session.scalar(select(_somebody_sends_to(webhook.id, now)))
        if not is_busy and _is_leased(session, delivery, until=now + lease):
            return Sending(delivery.id, webhook.id, delivery.attempt + 1, _message(delivery, webhook, now))
    return None


def settle_delivery(session: Session, sending: Sending, outcome: Outcome, policy: DeliveryPolicy) -> None:
    """Note what came of an attempt; of one that lost its lease to another, nothing."""
    # The webhook first, as a deletion does: two transactions that lock in two orders may wait for each other.
    webhook = session.get(Webhook, sending.webhook_id, with_for_update=True)
    delivery = session.get(WebhookDelivery, sending.delivery_id, with_for_update=True)
    if webhook is None or delivery is None or not _is_of(sending, delivery):
        return
    now = database_now(session)
    delivery.leased_until = None
    delivery.last_status, delivery.last_error = outcome.status, outcome.error
    delivery.response_ms = outcome.response_ms
    pause = policy.delay(delivery.attempt, delivery.event_type)
    if outcome.error is None:
        _finish(delivery, DeliveryState.DELIVERED, now)
        webhook.consecutive_failures = 0
    elif outcome.status == _GONE:
        _finish(delivery, DeliveryState.FAILED, now)
        _disable(webhook, _REASON_GONE)
    elif pause is None:
        _finish(delivery, DeliveryState.FAILED, now)
        _count_failure(webhook, delivery, policy)
    else:
        delivery.next_attempt_at = now + pause


def sweep_deliveries(database: Database, keep: timedelta) -> int:
    """Delete what was delivered or given up longer than ``keep`` ago; how many there were. What waits, stays."""
    with database.unit_of_work() as session:
        old = delete(WebhookDelivery).where(
            WebhookDelivery.state != DeliveryState.PENDING,
            WebhookDelivery.finished_at < database_now(session) - keep,
        )
        result = session.execute(old.execution_options(synchronize_session=False))
        assert isinstance(result, CursorResult)
        return result.rowcount


def _due(now: datetime) -> Select[WebhookDelivery, Webhook]:
    return (
        select(WebhookDelivery, Webhook)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(
            WebhookDelivery.state == DeliveryState.PENDING,
            WebhookDelivery.next_attempt_at <= now,
            Webhook.is_active,
            ~_somebody_sends_to(Webhook.id, now),
        )
        .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.created_at)
        .limit(8)  # others may be quicker with the first ones
    )


def _somebody_sends_to(webhook_id: uuid.UUID | InstrumentedAttribute[uuid.UUID], now: datetime) -> Exists:
    other = aliased(WebhookDelivery)
    return exists().where(
        other.webhook_id == webhook_id, other.state == DeliveryState.PENDING, other.leased_until >= now
    )


def _is_leased(session: Session, delivery: WebhookDelivery, *, until: datetime) -> bool:
    """Compare and swap: whether it was us who took the delivery as it was read."""
    as_read = (
        WebhookDelivery.id == delivery.id,
        WebhookDelivery.attempt == delivery.attempt,
        WebhookDelivery.state == DeliveryState.PENDING,
    )
    taken = update(WebhookDelivery).where(*as_read).values(attempt=delivery.attempt + 1, leased_until=until)
    result = session.execute(taken.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _message(delivery: WebhookDelivery, webhook: Webhook, now: datetime) -> Message:
    old = webhook.previous_secret if webhook.previous_secret_until and webhook.previous_secret_until > now else None
    secrets = (webhook.secret,) if old is None else (webhook.secret, old)
    return Message(webhook.url, delivery.message_id, delivery.payload, secrets)


def _is_of(sending: Sending, delivery: WebhookDelivery) -> bool:
    return delivery.state is DeliveryState.PENDING and delivery.attempt == sending.attempt


def _finish(delivery: WebhookDelivery, state: DeliveryState, now: datetime) -> None:
    delivery.state = state
    delivery.finished_at = now


def _count_failure(webhook: Webhook, delivery: WebhookDelivery, policy: DeliveryPolicy) -> None:
    if delivery.event_type is WebhookEvent.TEST:
        return
    webhook.consecutive_failures += 1
    if webhook.consecutive_failures >= policy.disable_after:
        _disable(webhook, _REASON_FAILURES.format(webhook.consecutive_failures))


def _disable(webhook: Webhook, reason: str) -> None:
    """What is still in its outbox waits until an owner switches the webhook on again."""
    webhook.is_active = False
    webhook.disabled_reason = reason
    log.warning("webhook disabled", webhook_id=str(webhook.id), reason=reason)
