"""Redis: how we connect to it, and how long it is left alone when it is away. The only module that imports it.

What lies there may be lost at any time: nothing depends on Redis, and whoever uses it has another way.
"""

import threading
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from itertools import islice
from typing import Any, TypeVar, cast

import structlog
from redis import ConnectionPool, Redis
from redis.asyncio import ConnectionPool as AsyncConnectionPool
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from app.core.together import Together

Answer = TypeVar("Answer")

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

    def keys(self) -> "RedisKeys":
        return RedisKeys(self)

    def script(self, source: str) -> "RedisScript":
        return RedisScript(self, source)

    def values(self) -> "RedisValues":
        return RedisValues(self)

    def connections(self) -> ConnectionPool:
        """For threads."""
        # Once more where the connection had gone stale: Redis was restarted. Not after a time-out.
        once_more = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        return ConnectionPool.from_url(self.url, retry=once_more, **_CONNECTION)

    def async_connections(self) -> AsyncConnectionPool:
        """For one event loop."""
        once_more = AsyncRetry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        return AsyncConnectionPool.from_url(self.url, retry=once_more, **_CONNECTION)


class RedisKeys:
    """Takes keys away. For threads."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self._client = Redis(connection_pool=server.connections())

    def delete(self, names: Collection[str]) -> bool:
        """Whether the keys are gone; False: Redis could not be asked."""
        if not self._server.is_usable:
            return False
        try:
            self._client.delete(*names)
        except RedisError as error:
            self._server.failed(error)
            return False
        self._server.answered()
        return True


class RedisScript:
    """A script in Lua that Redis runs in one step. For one event loop."""

    def __init__(self, server: RedisServer, source: str) -> None:
        self._server = server
        self._client = AsyncRedis(connection_pool=server.async_connections())
        self._script = self._client.register_script(source)

    async def run(self, keys: Sequence[str], arguments: Sequence[int]) -> Any:
        """What the script returns; None: Redis is away."""
        if not self._server.is_usable:
            return None
        try:
            answer = await self._script(keys, arguments)
        except RedisError as error:
            self._server.failed(error)
            return None
        self._server.answered()
        return answer

    async def close(self) -> None:
        await self._client.aclose(close_connection_pool=True)


class RedisValues:
    """Values that live for a while. For one event loop; what each method says of a Redis that is away is None."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self._client = AsyncRedis(connection_pool=server.async_connections())
        self._together = Together(self._get_all)

    async def get(self, names: Sequence[str]) -> list[bytes | None] | None:
        """All at one moment."""
        return await self._together.ask(names)

    async def make(self, values: dict[str, bytes], *, life_s: int) -> bool | None:
        """Set those that are not there."""
        batch = self._client.pipeline(transaction=False)
        for name, value in values.items():
            batch.set(name, value, nx=True, ex=life_s)
        made = await self._ask(batch.execute)
        return None if made is None else all(made)

    async def set(self, name: str, value: bytes, *, life_s: int) -> None:
        await self._ask(lambda: self._client.set(name, value, ex=life_s))

    async def delete(self, name: str) -> None:
        await self._ask(lambda: self._client.delete(name))

    async def close(self) -> None:
        await self._client.aclose(close_connection_pool=True)

    async def _get_all(self, wanted: Sequence[Sequence[str]]) -> list[list[bytes | None]] | None:
        names = [name for some in wanted for name in some]
        found = await self._ask(lambda: cast("Awaitable[list[bytes | None]]", self._client.mget(names)))
        values = iter(found or ())
        return None if found is None else [list(islice(values, len(some))) for some in wanted]

    async def _ask(self, question: Callable[[], Awaitable[Answer]]) -> Answer | None:
        if not self._server.is_usable:
            return None
        try:
            answer = await question()
        except RedisError as error:
            self._server.failed(error)
            return None
        self._server.answered()
        return answer
