"""The sender as it runs: its threads, a real receiver, and both databases."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from app.models import DeliveryState
from app.workers.webhook_sender import WebhookSender
from tests.integration.worker.conftest import Club
from tests.integration.worker.outbox import Outbox
from tests.servers import scripted_engine as engines
from tests.servers.coach_pro import ServerProcess
from tests.servers.scripted_engine import EngineServer
from tests.servers.webhook_receiver import Behaviour, Receiver, answers, waits_for
from tests.waiting import free_port, wait_until

QUICK = {"webhook_allow_private": True, "webhook_sweep_s": 0.02, "webhook_retry_delays_s": (0.01, 0.01)}


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    """Start receivers; they are stopped after the test."""
    with ExitStack() as running:
        yield lambda *behaviours: running.enter_context(Receiver(*behaviours))


@pytest.fixture
def send(make_settings: Callable[..., Settings], database_url: URL) -> Iterator[Callable[..., WebhookSender]]:
    """Start senders, each with connections of its own as another process has; they are stopped after the test."""
    started: list[tuple[WebhookSender, Database]] = []

    def start(threads: int = 1, **changes: Any) -> WebhookSender:
        database = Database(database_url)
        sender = WebhookSender(database, make_settings(**(QUICK | changes)), threads=threads)
        started.append((sender, database))
        sender.start()
        return sender

    yield start
    for sender, database in started:
        sender.stop()
        database.dispose()


def finished(outbox: Outbox, count: int) -> list[DeliveryState]:
    """The states of ``count`` deliveries once all of them are over."""
    wait_until(lambda: sum(one.finished_at is not None for one in outbox.deliveries()) == count)
    return [one.state for one in outbox.deliveries()]


def test_a_message_arrives_after_an_error_and_a_time_out_under_one_id(
    outbox: Outbox, send: Callable[..., WebhookSender], receive: Callable[..., Receiver]
) -> None:
    over = threading.Event()
    receiver = receive(answers(500), waits_for(over))
    webhook = outbox.subscribe(receiver.url)
    outbox.fail_a_job()
    send(webhook_timeout_s=0.3)
    assert finished(outbox, 1) == [DeliveryState.DELIVERED]
    over.set()
    assert len({one.message_id for one in receiver.received}) == 1
    assert [one.verified(webhook.secret)["type"] for one in receiver.received] == ["job.failed"] * 3
    (delivery,) = outbox.deliveries()
    assert (delivery.attempt, delivery.last_status, delivery.last_error) == (3, 204, None)


def test_two_processes_send_each_message_once(
    outbox: Outbox, send: Callable[..., WebhookSender], receive: Callable[..., Receiver]
) -> None:
    receivers = [receive() for _ in range(3)]
    for receiver in receivers:
        outbox.subscribe(receiver.url)
    for _ in range(4):
        outbox.fail_a_job()
    send(threads=2)
    send(threads=2)
    assert finished(outbox, 12) == [DeliveryState.DELIVERED] * 12
    received = [one.message_id for receiver in receivers for one in receiver.received]
    assert sorted(received) == sorted(one.message_id for one in outbox.deliveries())


def test_a_slow_receiver_does_not_keep_the_messages_of_others(
    outbox: Outbox, send: Callable[..., WebhookSender], receive: Callable[..., Receiver]
) -> None:
    over = threading.Event()
    slow, quick = receive(waits_for(over)), receive()
    outbox.subscribe(slow.url)
    for _ in range(3):
        outbox.fail_a_job()
    outbox.subscribe(quick.url)
    outbox.fail_a_job()
    send(threads=2)
    wait_until(lambda: quick.received and slow.received)
    assert len(slow.received) == 1
    over.set()
    assert finished(outbox, 5) == [DeliveryState.DELIVERED] * 5


@pytest.mark.parametrize(
    ("behaviours", "failed"),
    [([answers(500)] * 2, 2), ([answers(410)], 1)],
    ids=["messages that failed in a row", "410"],
)
def test_a_receiver_that_wants_nothing_gets_nothing_more(
    outbox: Outbox,
    send: Callable[..., WebhookSender],
    receive: Callable[..., Receiver],
    behaviours: list[Behaviour],
    failed: int,
) -> None:
    receiver = receive(*behaviours)
    webhook = outbox.subscribe(receiver.url)
    for _ in range(3):
        outbox.fail_a_job()
    sender = send(webhook_disable_after=2, webhook_retry_delays_s=())
    wait_until(lambda: not outbox.webhook(webhook).is_active)
    sender.stop()
    assert len(receiver.received) == len(behaviours)
    states = sorted(one.state for one in outbox.deliveries())
    assert states == [DeliveryState.FAILED] * failed + [DeliveryState.PENDING] * (3 - failed)


def test_loopback_is_not_sent_to_unless_the_operator_allows_it(
    outbox: Outbox, send: Callable[..., WebhookSender], receive: Callable[..., Receiver]
) -> None:
    receiver = receive()
    outbox.test(outbox.subscribe(receiver.url))
    send(webhook_allow_private=False)
    assert finished(outbox, 1) == [DeliveryState.FAILED]
    assert "not public" in (outbox.deliveries()[0].last_error or "")
    assert receiver.received == []


def test_a_wake_up_makes_an_idle_sender_look(
    outbox: Outbox, send: Callable[..., WebhookSender], receive: Callable[..., Receiver]
) -> None:
    receiver = receive()
    webhook = outbox.subscribe(receiver.url)
    outbox.test(webhook)
    sender = send(webhook_sweep_s=3600)
    wait_until(lambda: receiver.received)
    outbox.test(webhook)

    def woken() -> bool:
        sender.wake()
        return len(receiver.received) == 2

    wait_until(woken)


def test_a_message_that_breaks_the_sender_does_not_end_it(
    outbox: Outbox, send: Callable[..., WebhookSender], receive: Callable[..., Receiver]
) -> None:
    receiver = receive()
    outbox.test(outbox.subscribe(receiver.url, secret="whsec_"))  # nothing can be signed with it
    outbox.test(outbox.subscribe(receiver.url))
    send()
    wait_until(lambda: any(one.finished_at for one in outbox.deliveries()))
    assert sorted(one.state for one in outbox.deliveries()) == [DeliveryState.DELIVERED, DeliveryState.PENDING]


def test_the_end_of_an_analysis_is_told_to_the_club(
    open_club: Callable[..., Club], play: Callable[..., EngineServer], receive: Callable[..., Receiver]
) -> None:
    receiver = receive()
    club = open_club(
        play(engines.plays_well, engines.fails("video_undecodable", grpc.StatusCode.INVALID_ARGUMENT)).port, **QUICK
    )
    body = {"url": receiver.url, "events": ["job.completed", "job.failed"]}
    made = club.client.post("/api/webhooks", headers=club.headers, json=body).json()
    jobs = [club.analyse(), club.analyse()]
    wait_until(lambda: len(receiver.received) == 2)
    messages = [one.verified(made["secret"]) for one in receiver.received]
    assert [message["type"] for message in messages] == ["job.completed", "job.failed"]
    for job, message in zip(jobs, messages, strict=True):
        result = job["result"] or {"report_id": None}
        told = {"job_id": job["job_id"], "match_id": job["match_id"], "status": job["status"]}
        assert message["data"] == told | {"report_id": result["report_id"], "error": job["error"]}
    assert messages[0]["data"]["report_id"] is not None
    assert messages[1]["data"]["error"] is not None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_message_survives_a_process_that_is_killed_while_it_sends(
    make_settings: Callable[..., Settings],
    tmp_path: Path,
    outbox: Outbox,
    send: Callable[..., WebhookSender],
    receive: Callable[..., Receiver],
) -> None:
    over = threading.Event()
    receiver = receive(waits_for(over))
    quick = {"WEBHOOK_ALLOW_PRIVATE": "true", "WEBHOOK_SENDERS": "1", "WEBHOOK_SWEEP_S": "0.1"}
    quick |= {"WEBHOOK_TIMEOUT_S": "2", "WEBHOOK_LEASE_S": "3"}
    killed = ServerProcess(make_settings(), tmp_path, engine_port=free_port(), **quick)
    outbox.test(outbox.subscribe(receiver.url))
    wait_until(lambda: receiver.received)
    killed.kill()
    over.set()
    assert outbox.deliveries()[0].state is DeliveryState.PENDING

    send()
    assert finished(outbox, 1) == [DeliveryState.DELIVERED]
    assert [one.message_id for one in receiver.received] == [outbox.deliveries()[0].message_id] * 2
