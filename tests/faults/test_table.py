"""The page says what came of the runs, and hides nothing."""

from collections.abc import Sequence

import pytest

from tests.faults.fault import Outcome
from tests.faults.table import Row, page
from tests.faults.worker_faults import KilledWorker

GOOD = Outcome(counts={"jobs": 3}, seconds={"to the end": 1.26})
SLOWER = Outcome(counts={"jobs": 2}, seconds={"to the end": 4.0})


def written(outcomes: Sequence[Outcome], broken: Sequence[str] = ()) -> str:
    return page([Row(KilledWorker, outcomes, broken, took_s=60.0)], seed=7, lease_s=2.0)


def test_counts_are_added_up_and_of_times_the_worst_is_told() -> None:
    text = written([GOOD, SLOWER])
    assert "| 2 | 0 lost" in text
    assert "| 0 complaints; jobs: 5; to the end: at most 4.0 s | met |" in text
    assert "## Not met" not in text


@pytest.mark.parametrize(
    ("outcomes", "broken", "complaint"),
    [
        ([GOOD, Outcome(violations=("job 1 is lost",))], (), "job 1 is lost"),
        ([GOOD, Outcome(late=("the last job ended late",))], (), "the last job ended late"),
        ([GOOD], ("TimeoutError: not over",), "TimeoutError: not over"),
    ],
    ids=["a violation", "too late", "a run that broke off"],
)
def test_one_bad_run_is_enough(outcomes: Sequence[Outcome], broken: Sequence[str], complaint: str) -> None:
    text = written(outcomes, broken)
    assert "| 2 | 0 lost" in text
    assert "| **NOT met** |" in text
    assert f"- killed-worker: {complaint}" in text


def test_what_was_not_run_is_not_met() -> None:
    assert "**NOT met**" in written([])
