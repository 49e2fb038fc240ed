"""The outbox, on both databases: what gets into it, who sends it, and what follows from what came of it."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import OperationalError

from app.core.database import Database
from app.core.errors import InvalidTransition
from app.models import DeliveryState, Job, JobStatus, Webhook, WebhookDelivery, WebhookEvent
from app.services import job_manager
from app.services.deliver_webhooks import DeliveryPolicy, Sending, claim_delivery, settle_delivery, sweep_deliveries
from app.services.manage_webhooks import make_webhook_secret
from app.services.webhook_exchange import Outcome
from tests.integration.worker.outbox import BROKEN, LONG_AGO, Outbox

URL = "https://receiver.example/hook"
LEASE = timedelta(seconds=30)
POLICY = DeliveryPolicy((5.0, 3600.0), disable_after=2)
ARRIVED, REFUSED, GONE = Outcome(204, None, 7), Outcome(500, "The receiver answered 500.", 9), Outcome(410, "Gone.", 9)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


def claim(database: Database, lease: timedelta = LEASE) -> Sending | None:
    with database.unit_of_work() as session:
        return claim_delivery(session, lease=lease)


def claimed(database: Database) -> Sending:
    sending = claim(database)
    assert sending is not None
    return sending


def settle(database: Database, sending: Sending, outcome: Outcome) -> None:
    with database.unit_of_work() as session:
        settle_delivery(session, sending, outcome, POLICY)


def give_up(outbox: Outbox) -> None:
    """Let every attempt of the one pending message fail."""
    for _ in range(len(POLICY.delays_s) + 1):
        outbox.hurry()
        settle(outbox.database, claimed(outbox.database), REFUSED)


def test_the_sweep_takes_what_is_long_over_and_nothing_that_waits(outbox: Outbox) -> None:
    webhook = outbox.subscribe(URL)
    for outcome in (ARRIVED, GONE, REFUSED):
        outbox.test(webhook)
        settle(outbox.database, claimed(outbox.database), outcome)
        with outbox.database.unit_of_work() as session:  # 410 has switched it off
            session.execute(update(Webhook).values(is_active=True))
    with outbox.database.unit_of_work() as session:
        session.execute(update(WebhookDelivery).values(finished_at=LONG_AGO))
    outbox.fail_a_job()
    outbox.test(webhook)
    settle(outbox.database, claimed(outbox.database), ARRIVED)
    assert sweep_deliveries(outbox.database, timedelta(days=30)) == 3
    assert sweep_deliveries(outbox.database, timedelta(days=30)) == 0
    assert len(outbox.deliveries()) == 2


def test_a_message_is_written_by_the_transaction_that_ends_the_job(outbox: Outbox) -> None:
    webhook = outbox.subscribe(URL)
    one = outbox.claimed_job()
    with pytest.raises(ZeroDivisionError), outbox.database.unit_of_work() as session:  # noqa: PT012
        job_manager.complete(session, one, frames_done=40)
        raise ZeroDivisionError
    assert outbox.deliveries() == []
    with outbox.database.unit_of_work() as session:
        job_manager.complete(session, one, frames_done=40)
    (delivery,) = outbox.deliveries()
    assert (delivery.webhook_id, delivery.state, delivery.attempt) == (webhook.id, DeliveryState.PENDING, 0)
    assert delivery.message_id.startswith("msg_")


def test_an_attempt_that_lost_its_job_tells_nobody(outbox: Outbox) -> None:
    outbox.subscribe(URL)
    one = outbox.claimed_job()
    with outbox.database.unit_of_work() as session:
        job_manager.hand_back(session, one)
    with pytest.raises(InvalidTransition), outbox.database.unit_of_work() as session:
        job_manager.fail(session, one, BROKEN)
    assert outbox.deliveries() == []


def test_only_active_webhooks_of_the_club_that_subscribe_are_told(outbox: Outbox) -> None:
    told = [outbox.subscribe(URL), outbox.subscribe(URL, WebhookEvent.JOB_CANCELLED, WebhookEvent.JOB_FAILED)]
    outbox.subscribe(URL, WebhookEvent.JOB_COMPLETED)
    outbox.subscribe(URL, is_active=False)
    Outbox(outbox.database).subscribe(URL)
    outbox.fail_a_job()
    deliveries = outbox.deliveries()
    assert {delivery.webhook_id for delivery in deliveries} == {webhook.id for webhook in told}
    assert len({delivery.message_id for delivery in deliveries}) == len(deliveries) == 2


def test_the_message_says_what_became_of_the_job(outbox: Outbox) -> None:
    outbox.subscribe(URL)
    before = datetime.now(UTC)
    outbox.fail_a_job()
    (delivery,) = outbox.deliveries()
    with outbox.database.reading() as session:
        job = session.scalars(select(Job)).one()
    message = json.loads(delivery.payload)
    happened = datetime.fromisoformat(message.pop("timestamp"))
    assert abs(happened - before) < timedelta(minutes=1)
    assert happened.tzinfo is not None
    assert message == {
        "type": "job.failed",
        "data": {
            "job_id": str(job.id),
            "match_id": str(job.match_id),
            "status": "FAILED",
            "report_id": None,
            "error": {"code": BROKEN.code, "detail": BROKEN.detail, "hint": BROKEN.hint},
        },
    }


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
def test_a_webhook_that_is_deleted_meanwhile_does_not_undo_the_end_of_a_job(outbox: Outbox) -> None:
    """SQLite has one writer at a time anyhow."""
    webhook = outbox.subscribe(URL)
    one = outbox.claimed_job()
    with outbox.database.unit_of_work() as ending:
        job_manager.complete(ending, one, frames_done=40)
        with pytest.raises(OperationalError, match="1205"), outbox.database.unit_of_work() as deleting:  # noqa: PT012
            deleting.execute(text("SET innodb_lock_wait_timeout = 1"))
            deleting.execute(delete(Webhook).where(Webhook.id == webhook.id))
    assert len(outbox.deliveries()) == 1
    with outbox.database.reading() as session:
        assert session.get_one(Job, one.job_id).status is JobStatus.COMPLETED


def test_a_message_is_claimed_by_one_only_and_by_another_after_the_lease(outbox: Outbox) -> None:
    outbox.subscribe(URL)
    outbox.fail_a_job()
    first = claimed(outbox.database)
    assert claim(outbox.database) is None
    outbox.hurry()  # the process that claimed it was killed
    second = claimed(outbox.database)
    assert (second.delivery_id, second.message.message_id) == (first.delivery_id, first.message.message_id)
    assert (first.attempt, second.attempt) == (1, 2)
    settle(outbox.database, first, ARRIVED)  # it was only slow: nobody believes it any more
    assert outbox.deliveries()[0].state is DeliveryState.PENDING
    settle(outbox.database, second, REFUSED)
    assert outbox.deliveries()[0].last_error == REFUSED.error


def test_many_senders_never_claim_the_same_message(outbox: Outbox) -> None:
    for _ in range(6):
        outbox.subscribe(URL)
    outbox.fail_a_job()
    taken: list[Sending] = []
    together = threading.Barrier(4)

    def work() -> None:
        together.wait()
        while (sending := claim(outbox.database)) is not None:
            taken.append(sending)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (sending := claim(outbox.database)) is not None:
        taken.append(sending)
    assert sorted(sending.delivery_id for sending in taken) == sorted(one.id for one in outbox.deliveries())


def test_a_webhook_keeps_one_sender_busy_at_most(outbox: Outbox) -> None:
    outbox.subscribe(URL)
    outbox.fail_a_job()
    outbox.fail_a_job()
    first = claimed(outbox.database)
    assert claim(outbox.database) is None
    settle(outbox.database, first, ARRIVED)
    assert claimed(outbox.database).delivery_id != first.delivery_id


def test_a_failed_attempt_is_followed_by_ever_longer_pauses_and_then_by_none(outbox: Outbox) -> None:
    webhook = outbox.subscribe(URL)
    outbox.fail_a_job()
    pauses = []
    for _ in POLICY.delays_s:
        sending = claimed(outbox.database)
        settle(outbox.database, sending, REFUSED)
        (delivery,) = outbox.deliveries()
        pauses.append((delivery.next_attempt_at - delivery.updated_at).total_seconds())
        assert (delivery.state, delivery.leased_until) == (DeliveryState.PENDING, None)
        assert claim(outbox.database) is None
        outbox.hurry()
    assert pauses == pytest.approx(POLICY.delays_s, abs=2)
    settle(outbox.database, claimed(outbox.database), REFUSED)
    (delivery,) = outbox.deliveries()
    assert (delivery.state, delivery.attempt, delivery.last_status) == (DeliveryState.FAILED, 3, 500)
    assert (delivery.last_error, delivery.response_ms) == (REFUSED.error, REFUSED.response_ms)
    assert delivery.finished_at is not None
    outbox.hurry()
    assert claim(outbox.database) is None
    assert outbox.webhook(webhook).consecutive_failures == 1


def test_a_webhook_is_disabled_after_messages_that_failed_in_a_row(outbox: Outbox) -> None:
    webhook = outbox.subscribe(URL)
    outbox.fail_a_job()
    give_up(outbox)
    outbox.fail_a_job()
    settle(outbox.database, claimed(outbox.database), ARRIVED)
    assert outbox.webhook(webhook).consecutive_failures == 0  # a success in between starts the count anew
    for _ in range(POLICY.disable_after):
        assert outbox.webhook(webhook).is_active
        outbox.fail_a_job()
        give_up(outbox)
    disabled = outbox.webhook(webhook)
    assert (disabled.is_active, disabled.disabled_reason) == (False, "2 messages in a row could not be delivered.")
    before = len(outbox.deliveries())
    outbox.fail_a_job()
    assert len(outbox.deliveries()) == before


def test_a_receiver_that_is_gone_disables_its_webhook_at_once_and_what_waits_keeps_waiting(outbox: Outbox) -> None:
    webhook = outbox.subscribe(URL)
    outbox.fail_a_job()
    outbox.fail_a_job()
    settle(outbox.database, claimed(outbox.database), GONE)
    assert [one.state for one in outbox.deliveries()] == [DeliveryState.FAILED, DeliveryState.PENDING]
    disabled = outbox.webhook(webhook)
    assert not disabled.is_active
    assert disabled.disabled_reason is not None
    assert "410" in disabled.disabled_reason
    assert claim(outbox.database) is None
    with outbox.database.unit_of_work() as session:
        session.get_one(Webhook, webhook.id).is_active = True
    assert claimed(outbox.database).attempt == 1


def test_a_test_message_is_tried_once_and_does_not_count(outbox: Outbox) -> None:
    webhook = outbox.subscribe(URL)
    for _ in range(POLICY.disable_after + 1):
        outbox.test(webhook)
        settle(outbox.database, claimed(outbox.database), REFUSED)
    assert {one.state for one in outbox.deliveries()} == {DeliveryState.FAILED}
    assert (outbox.webhook(webhook).is_active, outbox.webhook(webhook).consecutive_failures) == (True, 0)


def test_a_message_whose_webhook_is_deleted_while_it_is_sent_is_forgotten(outbox: Outbox) -> None:
    webhook = outbox.subscribe(URL)
    outbox.fail_a_job()
    sending = claimed(outbox.database)
    with outbox.database.unit_of_work() as session:
        session.execute(delete(Webhook).where(Webhook.id == webhook.id))
    settle(outbox.database, sending, REFUSED)
    assert outbox.deliveries() == []


@pytest.mark.parametrize(("hours_left", "signs"), [(1, True), (-1, False)])
def test_the_secret_before_this_one_signs_for_a_while(outbox: Outbox, hours_left: int, signs: bool) -> None:
    old, until = make_webhook_secret(), datetime.now(UTC) + timedelta(hours=hours_left)
    webhook = outbox.subscribe(URL, previous_secret=old, previous_secret_until=until)
    outbox.fail_a_job()
    message = claimed(outbox.database).message
    assert message.secrets == ((webhook.secret, old) if signs else (webhook.secret,))
    assert webhook.secret not in repr(message)


def test_sending_changes_nothing_of_a_message(outbox: Outbox) -> None:
    outbox.subscribe(URL)
    outbox.fail_a_job()
    before = _columns(outbox.deliveries()[0])
    settle(outbox.database, claimed(outbox.database), ARRIVED)
    after = _columns(outbox.deliveries()[0])
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"state", "attempt", "last_status", "response_ms", "finished_at", "updated_at"}


def _columns(delivery: WebhookDelivery) -> dict[str, object]:
    return {column.key: getattr(delivery, column.key) for column in WebhookDelivery.__table__.columns}
