"""Chores come round again, and a broken one stops nothing."""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from app.core.errors import StoreUnavailable
from app.workers import chores as module
from app.workers.chores import Chore, ChoreList


def test_a_chore_comes_round_after_its_interval() -> None:
    done: list[str] = []
    chores = ChoreList(
        [Chore("always", 0.0, lambda: done.append("always")), Chore("hourly", 3600.0, lambda: done.append("hourly"))]
    )
    for _ in range(3):
        chores.run_due()
    assert done == ["always", "hourly", "always", "always"]


@pytest.mark.parametrize("error", [OperationalError("SELECT 1", {}, OSError("away")), ZeroDivisionError()])
def test_a_broken_chore_does_not_stop_the_others(error: Exception) -> None:
    tried: list[str] = []

    def breaks() -> None:
        tried.append("breaks")
        raise error

    chores = ChoreList([Chore("breaks", 0.0, breaks), Chore("works", 0.0, lambda: tried.append("works"))])
    for _ in range(2):
        chores.run_due()
    assert tried == ["breaks", "works", "breaks", "works"]


def test_a_chore_whose_part_was_away_is_tried_again_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def finds(error: Exception) -> Callable[[], None]:
        def find() -> None:
            tried.append(type(error).__name__)
            raise error

        return find

    monkeypatch.setattr(module, "_TRY_AGAIN_S", 0.0)
    chores = ChoreList([Chore("a", 3600.0, finds(StoreUnavailable("away"))), Chore("b", 3600.0, finds(KeyError()))])
    for _ in range(2):
        chores.run_due()
    assert tried == ["StoreUnavailable", "KeyError", "StoreUnavailable"]
