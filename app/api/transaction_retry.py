"""Run a transaction again that the database gave up.

A deadlock, a lock wait time-out and a stale snapshot leave nothing behind, and after-commit effects have not run.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from app.core.violations import is_retryable

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_ATTEMPTS = 4
_PAUSE_S = 0.05


async def try_again(run: Callable[[], Awaitable[Result]]) -> Result:
    """What ``run`` returns, at the next attempt if need be."""
    for pause_s in _pauses_s():
        try:
            return await run()
        except DBAPIError as error:
            _require_retryable(error)
        await asyncio.sleep(pause_s)
    return await run()


def try_again_blocking(run: Callable[[], Result]) -> Result:
    """The same for a thread that may wait."""
    for pause_s in _pauses_s():
        try:
            return run()
        except DBAPIError as error:
            _require_retryable(error)
        time.sleep(pause_s)
    return run()


def _pauses_s() -> Iterator[float]:
    for attempt in range(1, _ATTEMPTS):
        yield random.uniform(0, _PAUSE_S * 2**attempt)  # noqa: S311 - no secret


def _require_retryable(error: DBAPIError) -> None:
    if not is_retryable(error):
        raise error
    log.info("transaction given up by the database; trying again", error=str(error.orig))
