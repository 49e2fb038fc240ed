"""What is counted while the server works, for Prometheus. Names are part of the interface: dashboards know them.

Each process counts for itself, unless ``PROMETHEUS_MULTIPROC_DIR`` names a folder in which all of them (API processes
and workers of one machine) write: then whichever is asked answers for all. The library looks for that variable itself.
"""

import hmac
import os
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.core.client_origin import is_inside
from app.core.config import Settings

_LATENCIES_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_MULTIPROCESS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"

_REGISTRY = CollectorRegistry()
ProcessCollector(registry=_REGISTRY)

REQUESTS = Counter(
    "coach_pro_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=_REGISTRY
)
LATENCY = Histogram(
    "coach_pro_http_request_duration_seconds",
    "Time from the request's head to the answer's head.",
    ["method", "route"],
    buckets=_LATENCIES_S,
    registry=_REGISTRY,
)
INGESTED_ROWS = Counter(
    "coach_pro_ingest_rows", "Rows of engines that were read, validated and measured.", ["kind"], registry=_REGISTRY
)
INGEST_SECONDS = Counter("coach_pro_ingest_seconds", "Time that took.", registry=_REGISTRY)
CACHE_READS = Counter(
    "coach_pro_cache_reads",
    "Reads that might have been answered from the cache: hit, miss, shared (computed by another request at the same "
    "moment), or bypass (Redis is away, or the log-in does not count).",
    ["result"],
    registry=_REGISTRY,
)
CACHE_DROPS = Counter(
    "coach_pro_cache_drops",
    "Commits that made kept answers void: done, or owed (Redis is away).",
    ["result"],
    registry=_REGISTRY,
)


@lru_cache(maxsize=1024)
def _answered(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, str(status))


@lru_cache(maxsize=256)
def _latency(method: str, route: str) -> Histogram:
    return LATENCY.labels(method, route)


def count_request(method: str, route: str, *, status: int, answered_after_s: float | None) -> None:
    """One request that is over; None: nothing was answered. The series are looked up once each."""
    _answered(method, route, status).inc()
    if answered_after_s is not None:
        _latency(method, route).observe(answered_after_s)


def expose(state: Collector) -> bytes:
    """Everything in Prometheus' text format: what was counted, and ``state``, which is looked up now."""
    now = CollectorRegistry()
    now.register(state)
    return generate_latest(counted()) + generate_latest(now)


def may_read(settings: Settings, *, address: str, authorization: str) -> bool:
    """Whether figures are for somebody at ``address``, who sends this header, or an empty one."""
    token = settings.metrics_token
    if token is not None and hmac.compare_digest(
        authorization.encode(), b"Bearer " + token.get_secret_value().encode()
    ):
        return True
    return is_inside(address, settings.metrics_networks)


def counted() -> CollectorRegistry:
    """What was counted by this process, or by all that share its folder."""
    if not os.environ.get(_MULTIPROCESS_DIRECTORY):
        return _REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together
