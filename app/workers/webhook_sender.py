"""Threads that send what the outbox of webhooks holds, in every process that runs workers."""

import threading
import time
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core.config import Settings
from app.core.database import Database
from app.services.address_guard import AddressGuard
from app.services.deliver_webhooks import DeliveryPolicy, Sending, claim_delivery, settle_delivery

if TYPE_CHECKING:
    from app.services.webhook_client import WebhookClient

log = structlog.get_logger(__name__)


class WebhookSender:
    """Claims deliveries and sends them. Any number of them may run, in any number of processes."""

    def __init__(self, database: Database, settings: Settings, *, threads: int) -> None:
        self._database = database
        self._guard = AddressGuard(settings.webhook_allow_private)
        self._timeout_s = settings.webhook_timeout_s
        self._lease = timedelta(seconds=settings.webhook_lease_s)
        self._policy = DeliveryPolicy(settings.webhook_retry_delays_s, settings.webhook_disable_after)
        self._sweep_s = settings.webhook_sweep_s
        self._shutdown = threading.Event()
        self._wake = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"webhooks-{number}", daemon=True) for number in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look now, and not only after a while; a wake-up that gets lost does no harm."""
        self._wake.set()

    def stop(self, *, patience_s: float = 20.0) -> None:
        """Wait for what is being sent. What takes longer is sent again by somebody else, after its lease."""
        self._shutdown.set()
        self._wake.set()
        deadline = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while not self._shutdown.is_set():
            self._wake.clear()
            if not self._has_sent():
                self._wake.wait(self._sweep_s)

    def _has_sent(self) -> bool:
        """Send one message, if one is due; whether there was one."""
        try:
            sending = self._claim()
            if sending is not None:
                self._send(sending)
        except SQLAlchemyError as error:
            log.warning("webhooks wait; the database refused", kind=type(error).__name__, error=str(error))
            return False
        except Exception as error:  # the outermost loop: one broken message must not end the sender
            log.error("sending a webhook died of an unforeseen error", exc_info=error)
            return False
        return sending is not None

    def _claim(self) -> Sending | None:
        with self._database.unit_of_work() as session:
            return claim_delivery(session, lease=self._lease)

    @cached_property
    def _client(self) -> "WebhookClient":
        # HTTP and the certificates of all authorities are loaded with the first message, not by every server that
        # starts.
        from app.services.webhook_client import WebhookClient  # noqa: PLC0415

        return WebhookClient(self._guard, self._timeout_s)

    def _send(self, sending: Sending) -> None:
        outcome = self._client.send(sending.message)
        with self._database.unit_of_work() as session:
            settle_delivery(session, sending, outcome, self._policy)
        log.info("webhook sent", delivery_id=str(sending.delivery_id), status=outcome.status, error=outcome.error)
