"""Counts of what happened in the last minutes: in Redis, for all processes, or in memory while there is none."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING, TypeVar

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter
from limits.util import WindowStats

from app.core.together import Together

if TYPE_CHECKING:
    from app.core.cache import RedisServer

_PREFIX = "coach_pro:limits"
_FORGET_AFTER_S = 10.0

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Count:
    """What came of one hit. ``reset_s``: until the window is as good as empty, or begins to be when it is full."""

    is_admitted: bool
    remaining: int
    reset_s: int


# The library's arithmetic, for all windows of several requests at once: it would ask twice for each. A counter lives
# for two windows; in the second, it is the old one. KEYS: of each window, its counter and its old one. ARGV: of each,
# its limit, its length in ms, and the number of its request, whose windows after one that is full are left out. Tells
# in one text, which is quick to read: of each that was asked, the number of its request, whether it admits one more,
# and both counters with the time that they have left.
_HIT = """
local told, refused = {}, ''
local function hit(counter, old_counter, limit, window, request)
  local left = redis.call('PTTL', counter)
  if left > 0 and left < window then
    redis.call('RENAME', counter, old_counter)
    left = left + window
    redis.call('SET', counter, 0, 'PX', left)
  end
  local new, old = tonumber(redis.call('GET', counter) or 0), tonumber(redis.call('GET', old_counter) or 0)
  local old_left = math.max(0, redis.call('PTTL', old_counter))
  local admitted = math.floor(old * old_left / window) + new < limit
  if admitted then
    new = redis.call('INCR', counter)
    if left < 0 then
      left = 2 * window
      redis.call('PEXPIRE', counter, left)
    end
  end
  told[#told + 1] = table.concat({request, admitted and 1 or 0, old, old_left, new, math.max(0, left)}, ' ')
  return admitted
end
for i = 1, #KEYS / 2 do
  local limit, window, request = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), ARGV[3 * i]
  if request ~= refused and not hit(KEYS[2 * i - 1], KEYS[2 * i], limit, window, request) then
    refused = request
  end
end
return table.concat(told, ',')
"""


class _Memory(MemoryStorage):
    """Forgets in a thread what has expired, as the library does, but every ten seconds: the library starts a thread
    10 ms after any hit, and whoever hits next waits until it runs."""

    @property
    def timer(self) -> Timer:
        return self._timer

    @timer.setter
    def timer(self, timer: Timer) -> None:
        timer.interval, timer.daemon = _FORGET_AFTER_S, True  # nobody waits for it at the end of the process
        self._timer = timer


class MovingWindows:
    """Windows that remember each hit, for what is rare and must be exact. For threads."""

    def __init__(self, redis: "RedisServer | None" = None) -> None:
        self._redis = redis
        self._memory = MovingWindowRateLimiter(_Memory())
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


@dataclass(frozen=True, slots=True)
class Window:
    """``key``: what is counted, and whose."""

    limit: RateLimitItem
    key: tuple[str, ...]


class SlidingWindows:
    """Windows of two counters each, for what happens all the time. For one event loop."""

    def __init__(self, redis: "RedisServer | None" = None) -> None:
        self._memory = SlidingWindowCounterRateLimiter(_Memory())
        self._shared = redis.script(_HIT) if redis else None
        self._together = Together(self._hit_shared)

    async def hit(self, windows: Sequence[Window]) -> list[Count]:
        """Count one more in each window, up to the first that does not admit it, which is the last that is told."""
        shared = await self._together.ask(windows) if self._shared is not None else None
        return self._hit_own(windows) if shared is None else shared

    async def close(self) -> None:
        if self._shared is not None:
            await self._shared.close()

    async def _hit_shared(self, requests: Sequence[Sequence[Window]]) -> list[list[Count]] | None:
        assert self._shared is not None
        told: bytes | None = await self._shared.run(*_asked(requests))
        return None if told is None else _read(told, requests)

    def _hit_own(self, windows: Sequence[Window]) -> list[Count]:
        counts: list[Count] = []
        for window in windows:
            admitted = self._memory.hit(window.limit, *window.key)
            stats = self._memory.get_window_stats(window.limit, *window.key)
            counts.append(_count(stats, is_admitted=admitted))
            if not admitted:
                break
        return counts


def _count(stats: WindowStats, *, is_admitted: bool) -> Count:
    return Count(is_admitted, max(0, stats.remaining), max(1, math.ceil(stats.reset_time - time.time())))


def _asked(requests: Sequence[Sequence[Window]]) -> tuple[list[str], list[int]]:
    """Keys and arguments of the script."""
    keys: list[str] = []
    arguments: list[int] = []
    for number, windows in enumerate(requests):
        for window in windows:
            name = f"{_PREFIX}:{window.limit.key_for(*window.key)}"
            keys += (name, f"{name}/old")
            arguments += (window.limit.amount, window.limit.get_expiry() * 1000, number)
    return keys, arguments


def _read(told: bytes, requests: Sequence[Sequence[Window]]) -> list[list[Count]]:
    """What the script tells, as counts of each request."""
    counts: list[list[Count]] = [[] for _ in requests]
    for entry in told.split(b",") if told else ():
        number, *numbers = map(int, entry.split())
        window = requests[number][len(counts[number])]
        counts[number].append(_shared_count(window.limit, numbers))
    return counts


def _shared_count(limit: RateLimitItem, told: Sequence[int]) -> Count:
    """What the library would say of the counters that the script tells of."""
    is_admitted, old, old_ms, new, new_ms = told
    window_ms = limit.get_expiry() * 1000
    remaining = limit.amount - math.floor(old * old_ms / window_ms + new)
    reset_ms = min(old_ms % (window_ms / old) if old else window_ms, new_ms % window_ms if new else window_ms)
    return Count(bool(is_admitted), max(0, remaining), max(1, math.ceil(reset_ms / 1000)))


def _shared_storage(redis: "RedisServer") -> RedisStorage:
    return RedisStorage(redis.url, connection_pool=redis.connections(), key_prefix=_PREFIX, wrap_exceptions=True)
