"""Two hundred people at once, for minutes, on the processes that an operator runs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.installation import Installation, installed
from benchmarks.latency import in_ms, quantile
from benchmarks.processes import family
from benchmarks.readings import Reading, growth_mb_per_minute, mean_mb, taking_readings
from benchmarks.report import Section, met
from benchmarks.users import Answer, Journal, User, found_clubs
from tests.servers.coach_pro import GunicornProcess
from tests.waiting import wait_until

_PROCESSES = 4
_OPTIONS = "--timeout 120 --keep-alive 75"
_USERS = 200
_CLUBS = 10
_PAUSE_S = 4.0
_P99_S = 0.5
_FLAT = 0.05
_PATIENCE_S = 300.0
_SEED = 1


@dataclass(frozen=True, slots=True)
class Size:
    """``arrival_s``: within what time all users come. ``warm_up_s``: how long caches, pools and threads may take memory
    before it counts."""

    seconds: float
    arrival_s: float
    warm_up_s: float
    read_every_s: float


_FULL = Size(seconds=300, arrival_s=20, warm_up_s=60, read_every_s=5)
_QUICK = Size(seconds=40, arrival_s=10, warm_up_s=20, read_every_s=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``completed``: how many of the jobs that were promised. ``connections``: most of the database at once."""

    size: Size
    journal: Journal
    completed: int
    readings: Sequence[Reading]
    connections: int

    @property
    def rate(self) -> float:
        return len(self.journal.answers) / self.size.seconds

    @property
    def processor_s(self) -> float:
        """Per request."""
        spent_s = self.readings[-1].usage.processor_s - self.readings[0].usage.processor_s
        return spent_s / len(self.journal.answers)

    @property
    def warm(self) -> Sequence[Reading]:
        return [reading for reading in self.readings if reading.at_s >= self.size.warm_up_s]

    @property
    def grown(self) -> float:
        """Memory of the last quarter of the readings over that of the first, after the warm-up, less one."""
        quarter = max(1, len(self.warm) // 4)
        return mean_mb(self.warm[-quarter:]) / mean_mb(self.warm[:quarter]) - 1


def measure(*, quick: bool) -> Sequence[Section]:
    size = _QUICK if quick else _FULL
    with installed() as installation:
        server = installation.start_gunicorn(_PROCESSES, _OPTIONS)
        outcome = _run(installation, server, size)
    return [_answers_section(outcome), _memory_section(outcome)]


def _run(installation: Installation, server: GunicornProcess, size: Size) -> Outcome:
    clubs, journal = found_clubs(server.url, _CLUBS, installation.directory), Journal()
    random = Random(_SEED)
    users = [
        User(server.url, clubs[number % _CLUBS], journal, pause_s=_PAUSE_S, random=Random(random.random()))
        for number in range(_USERS)
    ]
    with taking_readings(lambda: family(server.pid), every_s=size.read_every_s) as readings:
        asyncio.run(_live(users, size))
        connections = installation.most_database_connections()
    return Outcome(size, journal, _completed(installation, journal), readings, connections)


async def _live(users: Sequence[User], size: Size) -> None:
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for user in users:
            group.create_task(user.live(over, comes_within_s=size.arrival_s))
        await asyncio.sleep(size.seconds)
        over.set()


def _completed(installation: Installation, journal: Journal) -> int:
    """Once no job waits or runs any more."""
    under_way = "SELECT COUNT(*) FROM jobs WHERE status IN ('PENDING', 'PROCESSING')"
    wait_until(lambda: installation.query(under_way) == 0, patience_s=_PATIENCE_S)
    completed = installation.query("SELECT COUNT(*) FROM jobs WHERE status = 'COMPLETED'")
    return min(completed, len(journal.jobs))


def _answers_section(outcome: Outcome) -> Section:
    answers = outcome.journal.answers
    text = f"""
`gunicorn main:app --workers {_PROCESSES} --worker-class uvicorn_worker.UvicornWorker {_OPTIONS}` on MariaDB and Redis,
each process with one embedded worker, and a scripted engine. {_USERS} users of {_CLUBS} clubs, each with a connection
that he keeps, come within {outcome.size.arrival_s:.0f} s and stay until {outcome.size.seconds:.0f} s are over: a
question, its answer, {_PAUSE_S:g} s of thought on average. They reached {outcome.rate:.0f} requests a second, each of
which took {in_ms(outcome.processor_s)} of gunicorn's processor
time, jobs included. {outcome.completed} of {len(outcome.journal.jobs)} jobs were completed. The bar: no answer of 5xx,
none missing, p99 below {_P99_S * 1000:.0f} ms.
"""
    columns = ("request", "answers", "median", "p99", "longest", "4xx", "5xx", "no answer", "bar")
    whats = sorted({answer.what for answer in answers}, key=lambda what: -len(outcome.journal.of(what)))
    rows = [_row(what, outcome.journal.of(what), bar="") for what in whats]
    is_met = not outcome.journal.failures() and outcome.completed == len(outcome.journal.jobs)
    is_met = is_met and quantile([answer.seconds for answer in answers], 0.99) < _P99_S
    return Section("Mixed load", text, columns, [*rows, _row("**all**", answers, bar=met(is_met))])


def _row(what: str, answers: Sequence[Answer], *, bar: str) -> Sequence[str]:
    seconds = [answer.seconds for answer in answers]
    statuses = [answer.status or 0 for answer in answers]
    counts = (
        sum(400 <= status < 500 for status in statuses),
        sum(status >= 500 for status in statuses),
        sum(status == 0 for status in statuses),
    )
    times = (quantile(seconds, 0.5), quantile(seconds, 0.99), max(seconds))
    return (what, str(len(answers)), *map(in_ms, times), *map(str, counts), bar)


def _memory_section(outcome: Outcome) -> Section:
    size, slope = outcome.size, growth_mb_per_minute(outcome.warm)
    text = f"""
Gunicorn and its {_PROCESSES} processes together in the same run; what they share counts once. After
{size.warm_up_s:.0f} s of warm-up the memory changed by {slope:+.2f} MB a minute (least squares), and its last quarter
was {outcome.grown:+.1%} of its first; the bar: flat, which is at most {_FLAT:+.0%}. The database never had more than
{outcome.connections} connections; it takes 151 by default, and each process opens `DB_POOL_SIZE` + `DB_MAX_OVERFLOW` at
most.
"""
    columns = ("after", "memory", "open files", "threads", "bar")
    shown = [_nearest(outcome.readings, size.seconds * share / 5) for share in range(6)]
    rows = [
        (f"{one.at_s:.0f} s", f"{one.usage.memory_mb:.0f} MB", str(one.usage.open_files), str(one.usage.threads), "")
        for one in shown
    ]
    rows[-1] = (*rows[-1][:-1], met(outcome.grown <= _FLAT))
    return Section("Memory under mixed load", text, columns, rows)


def _nearest(readings: Sequence[Reading], at_s: float) -> Reading:
    return min(readings, key=lambda reading: abs(reading.at_s - at_s))
