"""Small things that are done again and again beside the jobs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import Unavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """``run`` is called when a process starts to work on jobs, and every ``every_s`` seconds or a sweep later.

    Every such process does it: it must be quick, and harmless when several do it at once.
    """

    name: str
    every_s: float
    run: Callable[[], object]


class ChoreList:
    """Knows which chores are due. For one thread."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        self._due_at = dict.fromkeys(chores, 0.0)

    def run_due(self) -> None:
        for chore, due_at in self._due_at.items():
            if time.monotonic() >= due_at:
                self._due_at[chore] = time.monotonic() + chore.every_s
                _run(chore)


def _run(chore: Chore) -> None:
    try:
        chore.run()
    except (SQLAlchemyError, Unavailable) as error:
        log.warning("chore not done; what it needs is away", chore=chore.name, error=str(error))
    except Exception as error:  # the outermost loop: one broken chore must not end the others
        log.error("chore died of an unforeseen error", chore=chore.name, exc_info=error)
