"""The circuit breaker as a table: what happens at which second, and the state afterwards."""

import pytest

from app.services.engine_breaker import Breaker, BreakerLimits, BreakerState

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
LIMITS = BreakerLimits(failures_to_open=3, pause_s=2, pause_cap_s=5)

Step = tuple[float, str, BreakerState]
OPENED: list[Step] = [(0, "fail", CLOSED), (0, "fail", CLOSED), (0, "fail", OPEN)]

TABLES: dict[str, list[Step]] = {
    "two failures do not open it": [(0, "fail", CLOSED), (1, "fail", CLOSED), (2, "admitted", CLOSED)],
    "three in a row do": [*OPENED, (1.9, "refused", OPEN)],
    "a success in between begins the count anew": [
        (0, "fail", CLOSED),
        (0, "fail", CLOSED),
        (1, "succeed", CLOSED),
        (2, "fail", CLOSED),
        (2, "fail", CLOSED),
        (2, "fail", OPEN),
    ],
    "after the pause one call may try": [*OPENED, (2, "admitted", HALF_OPEN), (2, "refused", HALF_OPEN)],
    "a trial that succeeds closes it": [*OPENED, (2, "admitted", HALF_OPEN), (3, "succeed", CLOSED)],
    "a trial that fails opens it for twice as long, up to the cap": [
        *OPENED,
        (2, "admitted", HALF_OPEN),
        (2, "fail", OPEN),
        (5.9, "refused", OPEN),
        (6, "admitted", HALF_OPEN),
        (6, "fail", OPEN),
        (10.9, "refused", OPEN),
        (11, "admitted", HALF_OPEN),
    ],
    "a success makes the pauses short again": [
        *OPENED,
        (2, "admitted", HALF_OPEN),
        (2, "fail", OPEN),
        (6, "admitted", HALF_OPEN),
        (6, "succeed", CLOSED),
        (7, "fail", CLOSED),
        (7, "fail", CLOSED),
        (7, "fail", OPEN),
        (9, "admitted", HALF_OPEN),
    ],
    "a trial without a verdict leaves the next call the trial": [
        *OPENED,
        (2, "admitted", HALF_OPEN),
        (3, "give_up_trial", OPEN),
        (3, "admitted", HALF_OPEN),
    ],
    "late news of older calls do not lengthen the pause": [
        *OPENED,
        (1.5, "fail", OPEN),
        (1.5, "trip", OPEN),
        (2, "admitted", HALF_OPEN),
    ],
    "one engine that hangs is enough": [(0, "trip", OPEN), (1.9, "refused", OPEN), (2, "admitted", HALF_OPEN)],
    "a trial that hangs opens it again": [
        *OPENED,
        (2, "admitted", HALF_OPEN),
        (4, "trip", OPEN),
        (7.9, "refused", OPEN),
    ],
}


def act(breaker: Breaker, now_s: float, step: str) -> None:
    match step:
        case "admitted":
            assert breaker.admits(now_s)
            assert breaker.begin() is (breaker.state is HALF_OPEN)
        case "refused":
            assert not breaker.admits(now_s)
        case "succeed":
            breaker.succeed()
        case "give_up_trial":
            breaker.give_up_trial()
        case "fail":
            breaker.fail(now_s)
        case "trip":
            breaker.trip(now_s)


@pytest.mark.parametrize("table", TABLES)
def test_the_breaker_goes_through_its_states(table: str) -> None:
    breaker = Breaker(LIMITS)
    for number, (now_s, step, state) in enumerate(TABLES[table]):
        act(breaker, now_s, step)
        assert breaker.state is state, f"after step {number}, {step} at {now_s} s"


def test_the_pause_never_exceeds_its_cap_however_often_the_trial_fails() -> None:
    breaker, now_s = Breaker(LIMITS), 0.0
    breaker.trip(now_s)
    for _ in range(2000):
        now_s += LIMITS.pause_cap_s
        assert breaker.admits(now_s)
        breaker.begin()
        breaker.fail(now_s)
