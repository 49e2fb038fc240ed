"""Redis: how we connect to it, and how long it is left alone when it is away. The only module that imports it.

What lies there may be lost at any time: nothing depends on Redis, and whoever uses it has another way.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from redis import ConnectionPool
from redis.asyncio import ConnectionPool as AsyncConnectionPool
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

log = structlog.get_logger(__name__)

_PATIENCE_S = 0.25
_LEFT_ALONE_S = 10.0
_CONNECTION: dict[str, Any] = {"socket_timeout": _PATIENCE_S, "socket_connect_timeout": _PATIENCE_S}


class RedisServer:
    """One Redis. Safe to use from several threads; ``clock`` is in seconds.

    Whoever has asked it says what came of it (``answered``, ``failed``), and asks again only while ``is_usable``:
    so that one that is away costs one time-out in ten seconds, and one line of the log.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._clock = clock
        self._lock = threading.Lock()
        self._is_away = False
        self._ask_again_at_s = 0.0

    @property
    def is_usable(self) -> bool:
        return not self._is_away or self._clock() >= self._ask_again_at_s

    def answered(self) -> None:
        if not self._is_away:  # nearly always; the lock is for the rest
            return
        with self._lock:
            was_away, self._is_away = self._is_away, False
        if was_away:
            log.info("Redis is back")

    def failed(self, error: Exception) -> None:
        with self._lock:
            was_away, self._is_away = self._is_away, True
            self._ask_again_at_s = self._clock() + _LEFT_ALONE_S
        if not was_away:
            log.warning("Redis is away; each process goes on with its own memory", kind=type(error).__name__)

    def connections(self) -> ConnectionPool:
        """For threads."""
        # Once more where the connection had gone stale: Redis was restarted. Not after a time-out.
        once_more = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        return ConnectionPool.from_url(self.url, retry=once_more, **_CONNECTION)

    def async_connections(self) -> AsyncConnectionPool:
        """For one event loop."""
        once_more = AsyncRetry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        return AsyncConnectionPool.from_url(self.url, retry=once_more, **_CONNECTION)
