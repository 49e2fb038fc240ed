"""Write messages into the outbox, in the transaction of what they tell about.

So a message can neither get lost nor tell of something that was rolled back. Sending is another matter: see
:mod:`app.services.deliver_webhooks`.
"""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.database import database_now
from app.models import AnalysisReport, DeliveryState, Job, Webhook, WebhookDelivery, WebhookEvent
from app.schemas.webhook_message import JobEnded, JobEndedMessage, WebhookTested, WebhookTestMessage


def record_job_end(session: Session, job_id: uuid.UUID, event: WebhookEvent) -> None:
    """Tell the active webhooks of the job's club that subscribe to ``event``. The job must have its final state."""
    club_id = session.execute(select(Job.club_id).where(Job.id == job_id)).scalar_one()
    webhooks = [webhook for webhook in _active_webhooks(session, club_id) if event in _subscribed(webhook)]
    if not webhooks:
        return
    now = database_now(session)
    message = JobEndedMessage(type=event, timestamp=now, data=_job_ended(session, job_id))
    for webhook in webhooks:
        session.add(_delivery(webhook, event, message.model_dump_json(), due_at=now))


def record_test(session: Session, webhook: Webhook) -> WebhookDelivery:
    """Tell a webhook that this is only a test."""
    now = database_now(session)
    message = WebhookTestMessage(type=WebhookEvent.TEST, timestamp=now, data=WebhookTested(webhook_id=webhook.id))
    delivery = _delivery(webhook, WebhookEvent.TEST, message.model_dump_json(), due_at=now)
    session.add(delivery)
    session.flush()
    return delivery


def record_again(session: Session, earlier: WebhookDelivery) -> WebhookDelivery:
    """Send the message of a delivery once more, under the same id; a delivery that is still pending becomes due."""
    now = database_now(session)
    if earlier.state is DeliveryState.PENDING:
        earlier.next_attempt_at = now
        session.flush()
        return earlier
    again = WebhookDelivery(
        club_id=earlier.club_id,
        webhook_id=earlier.webhook_id,
        message_id=earlier.message_id,
        event_type=earlier.event_type,
        payload=earlier.payload,
        next_attempt_at=now,
    )
    session.add(again)
    session.flush()
    return again


def _active_webhooks(session: Session, club_id: uuid.UUID) -> list[Webhook]:
    """Locked against deletion until the commit: else a job could not end because a webhook went away meanwhile."""
    query = select(Webhook).where(Webhook.club_id == club_id, Webhook.is_active)
    return list(session.scalars(query.with_for_update(read=True)))


def _subscribed(webhook: Webhook) -> list[object]:
    return list(webhook.events) if isinstance(webhook.events, list) else []


def _job_ended(session: Session, job_id: uuid.UUID) -> JobEnded:
    """Read column by column: jobs are moved by statements of which the rows in memory know nothing."""
    columns = (Job.match_id, Job.status, Job.error_code, Job.error_detail, Job.error_hint)
    query = select(*columns, AnalysisReport.id).outerjoin(AnalysisReport, AnalysisReport.job_id == Job.id)
    match_id, status, code, detail, hint, report_id = session.execute(query.where(Job.id == job_id)).one()
    error = None if code is None else {"code": code, "detail": detail or "", "hint": hint}
    return JobEnded.model_validate(
        {"job_id": job_id, "match_id": match_id, "status": status, "report_id": report_id, "error": error}
    )


def _delivery(webhook: Webhook, event: WebhookEvent, payload: str, *, due_at: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        club_id=webhook.club_id,
        webhook_id=webhook.id,
        message_id=f"msg_{uuid.uuid4().hex}",
        event_type=event,
        payload=payload,
        state=DeliveryState.PENDING,
        next_attempt_at=due_at,
    )
