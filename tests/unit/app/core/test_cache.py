"""How long a Redis that is away is left alone. What it does when it is there is for the integration tests."""

import pytest
import structlog
from structlog.testing import capture_logs

from app.core import cache
from app.core.cache import RedisServer


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_one_that_is_away_is_left_alone_for_a_while_and_the_log_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "log", structlog.get_logger())  # one that no other test has made ready for its own log
    clock = Clock()
    server = RedisServer("redis://127.0.0.1:1", clock=clock)
    with capture_logs() as logs:
        for _ in range(3):
            assert server.is_usable
            server.failed(ConnectionError("no"))
            assert not server.is_usable
            clock.now_s += 10
        assert server.is_usable
        server.answered()
        server.answered()
    assert [(line["log_level"], line["event"].partition(";")[0]) for line in logs] == [
        ("warning", "Redis is away"),
        ("info", "Redis is back"),
    ]
    assert server.is_usable
