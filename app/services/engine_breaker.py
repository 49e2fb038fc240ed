"""When an engine that fails is left alone, and when it is tried again (Nygard, "Release It!", circuit breaker)."""

from dataclasses import dataclass
from enum import Enum


class BreakerState(Enum):
    CLOSED = "closed"  # calls go through
    OPEN = "open"  # no calls, until the pause is over
    HALF_OPEN = "half-open"  # one call is on its way to find out


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """Raising ``failures_to_open`` sends more jobs to an engine that is gone; each longer pause doubles the last."""

    failures_to_open: int = 3
    pause_s: float = 2.0
    pause_cap_s: float = 60.0


class Breaker:
    """The state machine, without a clock and without a lock: callers tell the time, and come one after the other."""

    def __init__(self, limits: BreakerLimits) -> None:
        self._limits = limits
        self._failures = 0  # in a row
        self._pauses = 0  # in a row
        self._open_until_s: float | None = None
        self._on_trial = False

    @property
    def state(self) -> BreakerState:
        if self._open_until_s is None:
            return BreakerState.CLOSED
        return BreakerState.HALF_OPEN if self._on_trial else BreakerState.OPEN

    def admits(self, now_s: float) -> bool:
        """Whether a call may begin: any while closed, and one when the pause is over."""
        if self._open_until_s is None:
            return True
        return not self._on_trial and now_s >= self._open_until_s

    def begin(self) -> bool:
        """A call that was admitted begins; whether it is the trial."""
        self._on_trial = self._open_until_s is not None
        return self._on_trial

    def succeed(self) -> None:
        """The engine said something."""
        self._failures = self._pauses = 0
        self._open_until_s, self._on_trial = None, False

    def fail(self, now_s: float) -> None:
        """The engine could not be reached. Late news of older calls do not lengthen a pause."""
        if self.state is BreakerState.OPEN:
            return
        self._failures += 1
        if self._on_trial or self._failures >= self._limits.failures_to_open:
            self._open(now_s)

    def trip(self, now_s: float) -> None:
        """The engine hangs. Finding that out takes a whole idle time-out, so one such failure is enough."""
        if self.state is not BreakerState.OPEN:
            self._open(now_s)

    def give_up_trial(self) -> None:
        """The trial ended without a verdict, so the next call is one."""
        self._on_trial = False

    def _open(self, now_s: float) -> None:
        doublings = min(self._pauses, 30)
        self._open_until_s = now_s + min(self._limits.pause_cap_s, self._limits.pause_s * 2**doublings)
        self._pauses += 1
        self._on_trial = False
