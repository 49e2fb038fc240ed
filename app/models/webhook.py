import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import Base, ClubRow, JsonValue, word_type


class WebhookEvent(StrEnum):
    """What a message is about; the last one is sent on request only."""

    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    TEST = "webhook.test"


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Webhook(ClubRow):
    """An address to which a club wants messages sent. It is secret as well: whoever knows it can often write there."""

    __tablename__ = "webhooks"
    written_by = Role.OWNER
    unaudited = frozenset({"secret", "previous_secret"})

    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str | None] = mapped_column(String(500))
    events: Mapped[JsonValue] = mapped_column(nullable=False)  # a list of words of WebhookEvent
    secret: Mapped[str] = mapped_column(String(100))  # whsec_ and Base64: it signs, so a hash will not do
    previous_secret: Mapped[str | None] = mapped_column(String(100))
    previous_secret_until: Mapped[datetime | None]  # signs beside the new one for so long
    is_active: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str | None] = mapped_column(String(500))  # a sentence; None: switched off by hand, or on
    consecutive_failures: Mapped[int] = mapped_column(default=0)  # messages given up since the last that arrived


class WebhookDelivery(ClubRow):
    """One message to one webhook: a place in the outbox while it is pending, a line of the delivery log afterwards."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("idx_delivery_due", "state", "next_attempt_at"),
        Index("idx_delivery_webhook", "webhook_id", "state"),
        Base.__table_args__,
    )
    written_by = Role.OWNER

    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(String(64))  # header webhook-id: the same at each attempt and redelivery
    event_type: Mapped[WebhookEvent] = mapped_column(word_type(WebhookEvent))
    payload: Mapped[str] = mapped_column(Text)  # the JSON text as it is signed
    state: Mapped[DeliveryState] = mapped_column(word_type(DeliveryState), default=DeliveryState.PENDING)
    attempt: Mapped[int] = mapped_column(default=0)  # grows with every claim; an older one may not settle
    next_attempt_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]  # somebody is sending it
    last_status: Mapped[int | None]  # of the receiver's answer
    last_error: Mapped[str | None] = mapped_column(String(500))  # a sentence
    response_ms: Mapped[int | None]
    finished_at: Mapped[datetime | None]
