"""Small things that are done again and again beside the jobs."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import Unavailable

log = structlog.get_logger(__name__)

_TRY_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Chore:
    """``run`` is called when a process starts, and every ``every_s`` seconds or a look later; sooner where it failed.

    Every such process does it: it must be harmless when several do it at once.
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
                again_s = chore.every_s if _run(chore) else min(chore.every_s, _TRY_AGAIN_S)
                self._due_at[chore] = time.monotonic() + again_s


class ChoreThread:
    """Does chores beside everything else; it looks every ``look_s`` seconds which are due."""

    def __init__(self, chores: Sequence[Chore], *, look_s: float) -> None:
        self._chores = ChoreList(chores)
        self._look_s = look_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="chores", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, patience_s: float = 5.0) -> None:
        """Wait for the chore that is being done; what it leaves undone is done another time."""
        self._stopping.set()
        self._thread.join(max(0.0, patience_s))

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._chores.run_due()
            self._stopping.wait(self._look_s)


def _run(chore: Chore) -> bool:
    """Whether it was done, or never can be."""
    try:
        chore.run()
    except (SQLAlchemyError, Unavailable) as error:
        log.warning("chore not done; what it needs is away", chore=chore.name, error=str(error))
        return False
    except Exception as error:  # the outermost loop: one broken chore must not end the others
        log.error("chore died of an unforeseen error", chore=chore.name, exc_info=error)
    return True
