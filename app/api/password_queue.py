"""Requests that look at a password line up before they take a thread, and not in any number."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from app.core.errors import Overloaded

_RETRY_AFTER_S = 5


class PasswordQueue:
    """Lets ``at_once`` requests through; ``waiting`` more may wait.

    A password takes about a tenth of a second. With a longer queue the last ones wait longer than their clients do.
    """

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._places = anyio.Semaphore(at_once)
        self._most_waiting = waiting

    @property
    def waiting(self) -> int:
        return self._places.statistics().tasks_waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """
        Raises:
            Overloaded: too many wait already.
        """
        if self.waiting >= self._most_waiting:
            sentence = "Too many passwords are being checked at this moment; try again in some seconds."
            raise Overloaded(sentence, retry_after_s=_RETRY_AFTER_S)
        async with self._places:
            yield
