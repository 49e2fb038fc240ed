"""Counts of what happened in the last minutes: in Redis, for all processes, or in memory while there is none."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from limits import RateLimitItem
from limits.aio.storage import RedisStorage as AsyncRedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter as AsyncSlidingWindow
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter
from limits.util import WindowStats

from app.core.cache import RedisServer

_PREFIX = "coach_pro:limits"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Count:
    """What came of one hit. ``reset_s``: until the window is as good as empty, or begins to be when it is full."""

    is_admitted: bool
    remaining: int
    reset_s: int


class MovingWindows:
    """Windows that remember each hit, for what is rare and must be exact. For threads."""

    def __init__(self, redis: RedisServer | None = None) -> None:
        self._redis = redis
        self._memory = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_shared_storage(redis)) if redis else self._memory

    def hit(self, limit: RateLimitItem, key: tuple[str, ...]) -> None:
        self._ask(lambda windows: windows.hit(limit, *key))

    def stats(self, limit: RateLimitItem, key: tuple[str, ...]) -> WindowStats:
        return self._ask(lambda windows: windows.get_window_stats(limit, *key))

    def _ask(self, question: Callable[[MovingWindowRateLimiter], Answer]) -> Answer:
        if self._redis is not None and self._redis.is_usable:
            try:
                answer = question(self._shared)
            except StorageError as error:
                self._redis.failed(error)
            else:
                self._redis.answered()
                return answer
        return question(self._memory)


class SlidingWindows:
    """Windows of two counters each, for what happens all the time. For one event loop."""

    def __init__(self, redis: RedisServer | None = None) -> None:
        self._redis = redis
        self._memory = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = AsyncSlidingWindow(_async_shared_storage(redis)) if redis else None

    async def hit(self, limit: RateLimitItem, key: tuple[str, ...]) -> Count:
        """Count one more, if the limit admits it."""
        if self._redis is not None and self._shared is not None and self._redis.is_usable:
            try:
                admitted = await self._shared.hit(limit, *key)
                stats = await self._shared.get_window_stats(limit, *key)
                self._redis.answered()
                return _count(stats, is_admitted=admitted)
            except StorageError as error:
                self._redis.failed(error)
        admitted = self._memory.hit(limit, *key)
        return _count(self._memory.get_window_stats(limit, *key), is_admitted=admitted)


def _count(stats: WindowStats, *, is_admitted: bool) -> Count:
    return Count(is_admitted, max(0, stats.remaining), max(1, math.ceil(stats.reset_time - time.time())))


def _shared_storage(redis: RedisServer) -> RedisStorage:
    return RedisStorage(redis.url, connection_pool=redis.connections(), key_prefix=_PREFIX, wrap_exceptions=True)


def _async_shared_storage(redis: RedisServer) -> AsyncRedisStorage:
    return AsyncRedisStorage(
        redis.url,
        implementation="redispy",
        key_prefix=_PREFIX,
        wrap_exceptions=True,
        connection_pool=redis.async_connections(),  # type: ignore[arg-type]  # handed on to redis.asyncio.Redis
    )
