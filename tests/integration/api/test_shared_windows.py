"""Windows that processes share in Redis count as the library counts in memory, and go by as its do."""

import asyncio
from collections.abc import Sequence

import pytest
import redis
from limits import parse

from app.core.cache import RedisServer
from app.services.limit_windows import Count, SlidingWindows, Window
from tests.servers.redis import PrivateRedis

TEN = Window(parse("10 per day"), ("address", "192.0.2.1"))
THREE = Window(parse("3 per day"), ("account", "one"))
DAY_S = 24 * 3600


@pytest.fixture
def server(shared_redis: PrivateRedis) -> PrivateRedis:
    shared_redis.forget()
    return shared_redis


def counts(server: PrivateRedis | None, *windows: Window, times: int) -> list[list[Count]]:
    async def hit() -> list[list[Count]]:
        shared = SlidingWindows(RedisServer(server.url) if server else None)
        try:
            return [await shared.hit(windows) for _ in range(times)]
        finally:
            await shared.close()

    return asyncio.run(hit())


def told(hits: Sequence[Sequence[Count]]) -> list[list[tuple[bool, int]]]:
    return [[(count.is_admitted, count.remaining) for count in hit] for hit in hits]


@pytest.mark.parametrize("windows", [(TEN,), (THREE,), (TEN, THREE), (THREE, TEN)])
def test_they_count_like_those_in_memory(server: PrivateRedis, windows: tuple[Window, ...]) -> None:
    assert told(counts(server, *windows, times=14)) == told(counts(None, *windows, times=14))


def test_what_one_window_refuses_does_not_count_in_the_next(server: PrivateRedis) -> None:
    assert told(counts(server, THREE, TEN, times=9))[-1] == [(False, 0)]
    assert told(counts(server, TEN, times=1)) == [[(True, 10 - 3 - 1)]]


def test_half_of_the_day_before_still_counts_when_half_a_day_is_over(server: PrivateRedis) -> None:
    assert told(counts(server, TEN, times=6))[-1] == [(True, 4)]
    [name] = server.keys("coach_pro:limits:*")
    with redis.Redis(port=server.port) as client:
        client.expire(name, DAY_S // 2)  # as if a day and a half had gone by
    admitted = [hit[0].is_admitted for hit in counts(server, TEN, times=9)]
    assert admitted == [True] * 8 + [False]  # a bit less than three of the six are left, so two
    [hit] = counts(server, TEN, times=1)
    assert 1 <= hit[0].reset_s <= DAY_S / 6  # the next of the old ones goes when a sixth of a day is over


def test_requests_that_are_counted_together_are_refused_one_by_one(server: PrivateRedis) -> None:
    async def hit() -> list[list[Count]]:
        shared = SlidingWindows(RedisServer(server.url))
        try:
            return await asyncio.gather(*(shared.hit(windows) for windows in [(THREE, TEN)] * 5 + [(TEN,)]))
        finally:
            await shared.close()

    refused, admitted = [(False, 0)], [[(True, 2 - i), (True, 9 - i)] for i in range(3)]
    assert told(asyncio.run(hit())) == [*admitted, refused, refused, [(True, 6)]]
