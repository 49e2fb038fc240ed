"""Brute force: how many attempts to prove who one is may fail, before the next ones are not even looked at.

Only failures count, so nobody is locked out by logging in often. All processes count together in Redis; without one,
each counts for itself, and with N processes N times as many attempts may fail. Behind a reverse proxy all clients share
the proxy's address, unless the server is told to trust it (``TRUSTED_PROXIES``).
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from limits import RateLimitItem, parse

from app.core.client_origin import origin_of
from app.core.errors import Forbidden, TooManyRequests, Unauthenticated
from app.services.limit_windows import MovingWindows


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """How many attempts may fail, as the library ``limits`` writes it.

    Lower limits stop guessing earlier, but let a stranger lock an account (``per_account``), or one member of a club
    all who share its connection (``per_address``).
    """

    per_account_and_address: str = "10 per 15 minutes"
    per_account: str = "50 per hour"
    per_address: str = "100 per 15 minutes"


@dataclass(frozen=True, slots=True)
class _Window:
    limit: RateLimitItem
    key: tuple[str, ...]


class AttemptLimiter:
    """Counts failures in moving windows. Attempts that are under way hold a place in them, so that many at once do not
    slip through together: the last places are waited for."""

    def __init__(self, limits: AttemptLimits | None = None, windows: MovingWindows | None = None) -> None:
        limits = limits or AttemptLimits()
        self._per_pair = parse(limits.per_account_and_address)
        self._per_account = parse(limits.per_account)
        self._per_address = parse(limits.per_address)
        self._failures = windows or MovingWindows()
        self._under_way: Counter[_Window] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def attempt(self, *, account: str | None, address: str | None) -> Iterator[None]:
        """Surrounds one attempt, which fails by raising Unauthenticated or Forbidden. ``account`` None: not known yet.

        Raises:
            TooManyRequests: too many have failed before.
        """
        windows = self._windows(account, origin_of(address))
        self._enter(windows)
        failed = False
        try:
            yield
        except (Unauthenticated, Forbidden):
            failed = True
            raise
        finally:
            self._leave(windows, failed=failed)

    def _windows(self, account: str | None, origin: str) -> list[_Window]:
        windows = [_Window(self._per_address, ("address", origin))]
        if account is not None:
            windows.append(_Window(self._per_account, ("account", account)))
            windows.append(_Window(self._per_pair, ("pair", account, origin)))
        return windows

    def _enter(self, windows: list[_Window]) -> None:
        with self._changed:
            while not self._has_place(windows):
                self._changed.wait()
            self._under_way.update(windows)

    def _leave(self, windows: list[_Window], *, failed: bool) -> None:
        with self._changed:
            for window in windows if failed else ():
                self._failures.hit(window.limit, window.key)
            self._under_way -= Counter(windows)
            self._changed.notify_all()

    def _has_place(self, windows: list[_Window]) -> bool:
        """Whether an attempt may begin; if not, those under way may still leave a place."""
        left = {window: self._failures.stats(window.limit, window.key) for window in windows}
        opens_at = [stats.reset_time for stats in left.values() if stats.remaining <= 0]
        if opens_at:
            wait_s = max(1, math.ceil(max(opens_at) - time.time()))
            raise TooManyRequests("Too many attempts have failed; wait a while and try again.", retry_after_s=wait_s)
        return all(self._under_way[window] < stats.remaining for window, stats in left.items())
