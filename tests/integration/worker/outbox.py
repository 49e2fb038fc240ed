"""A club with a job that is worked on, and webhooks that want to know of it."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from app.core.database import Database
from app.core.errors import PermanentFailure
from app.models import Club, Job, Match, MatchStatus, Video, Webhook, WebhookDelivery, WebhookEvent
from app.services import job_manager
from app.services.job_manager import Claim
from app.services.manage_webhooks import make_webhook_secret
from app.services.notify_webhooks import record_test

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BROKEN = PermanentFailure("The video cannot be decoded.", code="video_undecodable", hint="Try another.")
ENDS = (WebhookEvent.JOB_COMPLETED, WebhookEvent.JOB_FAILED, WebhookEvent.JOB_CANCELLED)


@dataclass
class Outbox:
    """The outbox of one club of a database."""

    database: Database
    club_id: uuid.UUID = field(default_factory=uuid.uuid4)

    def __post_init__(self) -> None:
        with self.database.unit_of_work() as session:
            session.add(Club(id=self.club_id, name="Reds"))

    def subscribe(self, url: str, *events: WebhookEvent, **values: object) -> Webhook:
        row = {"club_id": self.club_id, "secret": make_webhook_secret(), "events": list(events or ENDS)} | values
        with self.database.unit_of_work() as session:
            webhook = Webhook(url=url, **row)
            session.add(webhook)
        return webhook

    def claimed_job(self) -> Claim:
        with self.database.unit_of_work() as session:
            match = Match(club_id=self.club_id, match_date=LONG_AGO, status=MatchStatus.COMPLETED)
            session.add(match)
            session.flush()
            video = Video(
                club_id=self.club_id, match_id=match.id, filename="a.mp4", size_bytes=1, sha256="0" * 64,
                container="mp4", codec="h264", width=320, height=240, frame_count=40, frame_rate=25.0, duration_s=1.6,
            )  # fmt: skip
            session.add(video)
            session.flush()
            job = Job(club_id=self.club_id, match_id=match.id, video_id=video.id)
            job_manager.submit(session, job, wake=lambda _: None)
            claim = job_manager.claim_next(session, lease=timedelta(hours=1), per_account=100)
        assert claim is not None
        return claim

    def fail_a_job(self) -> None:
        claim = self.claimed_job()
        with self.database.unit_of_work() as session:
            job_manager.fail(session, claim, BROKEN)

    def test(self, webhook: Webhook) -> None:
        with self.database.unit_of_work() as session:
            record_test(session, webhook)

    def deliveries(self, webhook: Webhook | None = None) -> list[WebhookDelivery]:
        query = select(WebhookDelivery).order_by(WebhookDelivery.created_at)
        if webhook is not None:
            query = query.where(WebhookDelivery.webhook_id == webhook.id)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def webhook(self, webhook: Webhook) -> Webhook:
        """The row as it is now."""
        with self.database.reading() as session:
            return session.get_one(Webhook, webhook.id)

    def hurry(self) -> None:
        """Skip the pauses that deliveries have to wait, and let leases expire."""
        with self.database.unit_of_work() as session:
            session.execute(update(WebhookDelivery).values(next_attempt_at=LONG_AGO))
            leased = update(WebhookDelivery).where(WebhookDelivery.leased_until.is_not(None))
            session.execute(leased.values(leased_until=LONG_AGO))
