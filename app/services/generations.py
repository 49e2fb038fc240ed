"""Generations: random words in Redis, one for everything, one per club and one per user.

What is kept of their rows counts only while they are still the ones that were there before the rows were read. A change
takes the words away, and the next reader makes new ones; a word that got lost in any other way does no harm either.
"""

import itertools
import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

from app.services.metrics import CACHE_DROPS

if TYPE_CHECKING:
    from app.core.cache import RedisServer

_PREFIX = "coach_pro:cache:generation:"


def generation_key(what: str) -> str:
    return _PREFIX + what


class Generations:
    """Ends generations after a commit. Safe to use from several threads.

    What could not be ended because Redis was away is owed, and made up for at the first moment when it is back.
    """

    def __init__(self, redis: "RedisServer") -> None:
        self._keys = redis.keys()
        self._owed: dict[str, int] = {}
        self._tickets = itertools.count()
        self._lock = threading.Lock()

    @property
    def is_settled(self) -> bool:
        """Whether everything that this process has changed is known to all; else it may trust nothing that is kept."""
        return not self._owed

    def end(self, what: Collection[str]) -> None:
        """End the generations of ``what``, and those that are owed."""
        with self._lock:
            self._owed.update(dict.fromkeys(what, next(self._tickets)))
        is_done = self.settle()
        if what:
            CACHE_DROPS.labels("done" if is_done else "owed").inc()

    def settle(self) -> bool:
        """Whether nothing is owed any more."""
        with self._lock:
            due = dict(self._owed)
        if not due:
            return True
        if not self._keys.delete([generation_key(what) for what in due]):
            return False
        with self._lock:
            for what, ticket in due.items():
                if self._owed.get(what) == ticket:  # else it has changed once more meanwhile
                    del self._owed[what]
        return True
