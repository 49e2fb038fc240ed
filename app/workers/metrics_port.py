"""Where Prometheus asks a worker: it serves nobody else."""

from http import HTTPStatus
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import Any

import structlog
from prometheus_client.exposition import MetricsHandler

from app.core.config import Settings
from app.services.metrics import counted, may_read

log = structlog.get_logger(__name__)


class MetricsPort:
    """What this process has counted, at ``settings.worker_metrics_port``, for those who may read ``/metrics``.

    It listens to this machine alone where nobody else may.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, settings: Settings) -> None:
        port = settings.worker_metrics_port
        for_us = settings.metrics_token is None and all(network.is_loopback for network in settings.metrics_networks)
        try:
            self._server = _Server(("127.0.0.1" if for_us else "", port), settings)
        except OSError as error:
            raise OSError(error.errno, f"Cannot listen on WORKER_METRICS_PORT {port} ({error.strerror})") from error

    def start(self) -> None:
        Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingTCPServer):  # not an HTTPServer, which asks the DNS for its own name
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int], settings: Settings) -> None:
        self.settings = settings
        super().__init__(address, _Handler.factory(counted()))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """One who asks and does not wait for the answer is worth a line, not a traceback on standard error."""
        log.warning("figures not told", address=client_address[0], exc_info=True)


class _Handler(MetricsHandler):
    server: _Server
    timeout = 10.0

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        authorization = self.headers.get("Authorization", "")
        if may_read(self.server.settings, address=self.client_address[0], authorization=authorization):
            super().do_GET()
        else:
            self.send_error(HTTPStatus.FORBIDDEN)
