"""Restarts while people work: whose request fails, whose upload, whose stream, whose job?"""

import asyncio
import os
import signal
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import typer

from benchmarks.followers import Following, follow
from benchmarks.installation import Installation, installed
from benchmarks.latency import quantile
from benchmarks.processes import family
from benchmarks.report import Section, met
from benchmarks.users import Club, Journal, User, found_clubs
from tests.servers.switched_engine import Conduct
from tests.waiting import wait_until

_PROCESSES = 2
_OPTIONS = "--timeout 120 --keep-alive 75"
_RESTARTS, _RESTARTS_QUICK = 3, 1
_USERS, _PAUSE_S = 40, 1.0
_UPLOADS, _UPLOAD_RATE = 4, "150K"  # of a film of 1 MB: some seven seconds
_FOLLOWERS = 4
_JOB_S = 6.0
_PATIENCE_S = 120.0
_SEED = 1


@dataclass(frozen=True, slots=True)
class Service:
    """``pid`` takes SIGHUP as the wish to be restarted; ``serving`` are the processes that answer."""

    name: str
    url: str
    pid: int
    serving: Callable[[], list[int]]


@dataclass(slots=True)
class Outcome:
    """Of several restarts. ``gone_s``: how long the old processes took to finish what they had begun."""

    journal: Journal = field(default_factory=Journal)
    followings: list[Following] = field(default_factory=list)
    upload_statuses: list[str] = field(default_factory=list)
    gone_s: list[float] = field(default_factory=list)

    @property
    def failed(self) -> list[str]:
        answers = [answer.problem for answer in self.journal.failures()]
        uploads = [f"slow upload: {status}" for status in self.upload_statuses if status != "202"]
        torn = sum(following.torn + following.refused for following in self.followings)
        return [*answers, *uploads, *["event stream"] * torn]


def measure(*, quick: bool) -> Sequence[Section]:
    restarts = _RESTARTS_QUICK if quick else _RESTARTS
    with installed() as installation:
        installation.engine.behave(Conduct(seconds=_JOB_S))
        rolling = _rolling(installation)
        clubs = found_clubs(rolling.url, 4, installation.directory)
        rows = [_row(installation, rolling, clubs, restarts)]
        os.kill(rolling.pid, signal.SIGTERM)
        rows.append(_row(installation, _activated(installation), clubs, restarts))
    text = f"""
{_PROCESSES} processes of gunicorn ({_OPTIONS}), each with one embedded worker, restarted under
{_USERS} users who keep their connections, {_UPLOADS} uploads that take some seven seconds each, and {_FOLLOWERS} event
streams, all of them under way when the signal comes. SIGHUP: gunicorn replaces its processes, and keeps the socket.
SIGTERM: all end, and new ones are started on the same socket, which systemd holds (a `.socket` unit); who connects
meanwhile waits.

Asked again: the server closed an idle connection at the moment in which it was used once more, and the client went over
a new one with the same `Idempotency-Key`, as HTTP/1.1 clients and proxies do. The bar: everything else is answered,
uploads are taken, no stream is torn in the middle of an event, and each job is completed by its first attempt. An
upload that takes longer than gunicorn waits does not survive: `--graceful-timeout` (30 s) when all of it stops,
`--timeout` when it replaces its processes.
"""
    columns = (
        "restart", "times", "requests", "longest", "asked again", "uploads under way", "taken", "streams", "resumed",
        "jobs", "handed back", "failed", "old processes gone after", "bar",
    )  # fmt: skip
    return [Section("Restarts under load", text, columns, rows)]


def _rolling(installation: Installation) -> Service:
    server = installation.start_gunicorn(_PROCESSES, _OPTIONS)
    return Service("rolling: SIGHUP to gunicorn", server.url, server.pid, server.children)


def _activated(installation: Installation) -> Service:
    server = installation.start_socket_activated(_PROCESSES, _OPTIONS)
    return Service("SIGTERM, and a start on the same socket", server.url, server.pid, lambda: family(server.pid)[2:])


def _row(installation: Installation, service: Service, clubs: Sequence[Club], restarts: int) -> Sequence[str]:
    outcome = Outcome()
    for _ in range(restarts):
        asyncio.run(_restart(installation, service, clubs, outcome))
    jobs = tuple(outcome.journal.jobs)
    _wait_for_the_end(installation)
    longest_s = max(answer.seconds for answer in outcome.journal.answers)
    spent = _count(installation, jobs, "attempt <> 1 OR status <> 'COMPLETED'")
    failed = [*outcome.failed, *["job"] * spent]
    for problem in failed:
        typer.echo(f"    {problem}")
    return (
        service.name, str(restarts), str(len(outcome.journal.answers)), f"{longest_s:.1f} s",
        str(outcome.journal.asked_again), str(len(outcome.upload_statuses)), str(outcome.upload_statuses.count("202")),
        str(len(outcome.followings)), str(sum(following.connections - 1 for following in outcome.followings)),
        str(len(jobs)), str(_count(installation, jobs, "fence > 1")), str(len(failed)),
        f"{quantile(outcome.gone_s, 1):.1f} s", met(not failed),
    )  # fmt: skip


async def _restart(installation: Installation, service: Service, clubs: Sequence[Club], outcome: Outcome) -> None:
    """Once, with everybody at work from before the signal until the new processes serve."""
    random, over = Random(_SEED), asyncio.Event()
    followed = len(outcome.followings) + _FOLLOWERS
    users = [
        User(service.url, clubs[number % len(clubs)], outcome.journal, pause_s=_PAUSE_S, random=Random(random.random()))
        for number in range(_USERS)
    ]
    async with asyncio.TaskGroup() as group:
        for user in users:
            group.create_task(user.live(over))
        for number in range(_FOLLOWERS):
            group.create_task(_upload_and_follow(service, clubs[number % len(clubs)], outcome))
        await _until(lambda: sum(bool(following.ids) for following in outcome.followings) == followed)
        uploads = [
            group.create_task(_upload_slowly(installation, service, clubs[number % len(clubs)], outcome))
            for number in range(_UPLOADS)
        ]
        await _until(lambda: _arriving(installation) >= _UPLOADS)
        await asyncio.to_thread(_restart_service, installation, service, outcome)
        await asyncio.wait(uploads)
        over.set()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.05)


def _arriving(installation: Installation) -> int:
    """Uploads that have begun, and are not over."""
    incoming = (installation.settings.upload_dir / ".incoming").iterdir()
    return sum(path.suffix != ".unsettled" for path in incoming)


def _restart_service(installation: Installation, service: Service, outcome: Outcome) -> None:
    old, ready = service.serving(), installation.ready_processes() + _PROCESSES
    os.kill(service.pid, signal.SIGHUP)
    signalled_s = time.monotonic()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in old), patience_s=_PATIENCE_S)
    outcome.gone_s.append(time.monotonic() - signalled_s)
    wait_until(lambda: installation.ready_processes() >= ready, patience_s=_PATIENCE_S)


async def _upload_and_follow(service: Service, club: Club, outcome: Outcome) -> None:
    following = Following()
    outcome.followings.append(following)
    user = User(service.url, club, outcome.journal, pause_s=0, random=Random(_SEED))
    job_id = await user.upload_once()
    if job_id is not None:
        await follow(service.url, club.headers, job_id, following)


async def _upload_slowly(installation: Installation, service: Service, club: Club, outcome: Outcome) -> None:
    """By curl, which can be told how slow the line is; the status that it was answered by."""
    film = installation.directory / f"{uuid.uuid4().hex}.mp4"
    film.write_bytes(club.films[0])
    process = await asyncio.create_subprocess_exec(
        *("curl", "--silent", "--limit-rate", _UPLOAD_RATE, "--output", os.devnull, "--write-out", "%{http_code}"),
        *(part for name, value in club.headers.items() for part in ("--header", f"{name}: {value}")),
        *("--form", f"file=@{film}", f"{service.url}/api/analyze_match"),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    status, _ = await process.communicate()
    outcome.upload_statuses.append(status.decode())


def _wait_for_the_end(installation: Installation) -> None:
    under_way = "SELECT COUNT(*) FROM jobs WHERE status IN ('PENDING', 'PROCESSING')"
    wait_until(lambda: installation.query(under_way) == 0, patience_s=_PATIENCE_S)


def _count(installation: Installation, jobs: Sequence[str], condition: str) -> int:
    """How many of the jobs are so."""
    ids = ", ".join(f"'{uuid.UUID(job).hex}'" for job in jobs)
    return installation.query(f"SELECT COUNT(*) FROM jobs WHERE REPLACE(id, '-', '') IN ({ids}) AND ({condition})")
