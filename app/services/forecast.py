"""When an analysis will be done: a range, learned from what this installation did before and from its own pace."""

import math
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.models import Job, JobStatus
from app.schemas.job import EtaSeconds, JobRead, JobRow
from app.services.job_manager import UNDER_WAY
from app.services.load_workload import ActiveJob, Workload, load_workload

_FRESH_INSTALLATION_S_PER_MEGAPIXEL = 0.018
"""Cost of the bundled engine on two cores, used until there is history."""

_GOOD_FOR_S = 1.0
_FEW = 5  # analyses, fewer of which say little about the next
_TELLING = 0.02  # progress from which on an attempt's own pace says something


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds: probably not less than ``low_s``, probably not more than ``high_s``."""

    low_s: float
    high_s: float

    def __add__(self, other: "Span") -> "Span":
        return Span(self.low_s + other.low_s, self.high_s + other.high_s)

    def rounded(self) -> "Span":
        """Outwards to two digits: more would promise what nobody knows, and change with every look."""
        return Span(_rounded(self.low_s, math.floor), _rounded(self.high_s, math.ceil))


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds that a megapixel of video takes here: a good case, the usual one, and a bad one."""

    low: float
    median: float
    high: float

    @classmethod
    def learned(cls, costs: Sequence[float]) -> "Costs":
        """From those of the latest analyses; the fewer there are, the wider the range."""
        if not costs:
            usual = _FRESH_INSTALLATION_S_PER_MEGAPIXEL
            return cls(usual / 3, usual, usual * 3)
        ordered, last = sorted(costs), len(costs) - 1
        doubt = 1.5 if len(costs) < _FEW else 1.1
        return cls(ordered[last // 10] / doubt, ordered[len(costs) // 2], ordered[last - last // 10] * doubt)

    def of(self, megapixels: float) -> Span:
        return Span(self.low * megapixels, self.high * megapixels)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be said of a job: its place in the queue (1 is next) and when it should be done; None: nothing."""

    queue_position: int | None = None
    eta: Span | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The outlook of all jobs that wait or run, at one moment."""

    costs: Costs
    outlooks: Mapping[uuid.UUID, Outlook] = field(default_factory=dict)

    @classmethod
    def of(cls, workload: Workload) -> "Forecast":
        costs = Costs.learned(workload.costs)
        running = [job for job in workload.active if job.status is JobStatus.PROCESSING]
        outlooks = {job.id: Outlook(eta=_remaining(job, costs)) for job in running}
        lanes = max(1, len(running))
        ahead = sum(job.megapixels * (1 - job.progress) for job in running)
        for position, job in enumerate(in_turn(workload.active), start=1):
            eta = costs.of(ahead / lanes) + costs.of(job.megapixels)
            outlooks[job.id] = Outlook(position, eta.rounded())
            ahead += job.megapixels
        return cls(costs, outlooks)

    def describe(self, job: Job | JobRow) -> JobRead:
        """A job whose report is loaded, as its row is now: it may have moved on since the forecast was made."""
        outlook = self.outlooks.get(job.id, Outlook()) if job.status in UNDER_WAY else Outlook()
        eta = EtaSeconds(low=outlook.eta.low_s, high=outlook.eta.high_s) if outlook.eta else None
        position = outlook.queue_position if job.status is JobStatus.PENDING else None
        return JobRead.of(job, queue_position=position, eta_seconds=eta)

    def duration_s(self, *, frames: int, width: int, height: int) -> int:
        """How long an analysis usually takes once it runs: whole seconds, at least 1."""
        return max(1, round(self.costs.median * frames * width * height / 1e6))


class Forecaster:
    """Keeps a forecast for a moment: a hundred clients who poll share one look at the queue."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._forecast = Forecast(Costs.learned(()))
        self._good_until = clock()

    def describe(self, session: Session, job: Job | JobRow) -> JobRead:
        """A job whose report is loaded."""
        return self.of(session, [job]).describe(job)

    def of(self, session: Session, jobs: Iterable[Job | JobRow]) -> Forecast:
        """A forecast that knows those of the jobs that wait or run; for others alone, the database is not asked."""
        asked = {job.id for job in jobs if job.status in UNDER_WAY}
        with self._lock:
            known = asked <= self._forecast.outlooks.keys() and self._clock() < self._good_until
            if not known and asked:
                self._look(session)
            return self._forecast

    def latest(self, session: Session) -> Forecast:
        with self._lock:
            if self._clock() >= self._good_until:
                self._look(session)
            return self._forecast

    def _look(self, session: Session) -> None:
        self._forecast = Forecast.of(load_workload(session))
        self._good_until = self._clock() + _GOOD_FOR_S


def in_turn(jobs: Iterable[ActiveJob]) -> Sequence[ActiveJob]:
    """The jobs that wait, in the order in which accounts that take turns will have them done (see ``take_turns``)."""
    turns = Counter(job.account for job in jobs if job.status is JobStatus.PROCESSING)
    waiting = sorted((job for job in jobs if job.status is JobStatus.PENDING), key=lambda job: job.queued)
    ranked = []
    for job in waiting:
        ranked.append((turns[job.account], job))
        turns[job.account] += 1
    return [job for _, job in sorted(ranked, key=lambda item: (item[0], item[1].queued))]


def _remaining(job: ActiveJob, costs: Costs) -> Span:
    """History's word, and the attempt's own pace the more the further it is."""
    learned = costs.of(job.megapixels)
    low, high = learned.low_s, learned.high_s
    if job.progress >= _TELLING:
        own, trust = job.elapsed_s / job.progress, math.sqrt(job.progress)
        low, high = (1 - trust) * low + trust * own * 0.9, (1 - trust) * high + trust * own * 1.1
    left = 1 - job.progress
    return Span(max(0.0, min(low * left, high * left)), max(0.0, high * left)).rounded()


def _rounded(seconds: float, towards: Callable[[float], int]) -> float:
    if not math.isfinite(seconds) or seconds <= 0:
        return 0.0
    step = 10 ** max(0, math.floor(math.log10(seconds)) - 1)
    return float(towards(seconds / step) * step)
