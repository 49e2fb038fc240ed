"""What one more process of each role brings, measured here, into the table of docs/scaling.md.

    python -m benchmarks.scaling           about ten minutes on two idle cores
    python -m benchmarks.scaling --short   a tenth of it, for a look

Real processes, a private MariaDB, and a private server that speaks S3. Rows of one block come from one run, one after
the other: compare those.
"""

import os
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from benchmarks import bucket
from benchmarks.crew import CONNECTIONS, PATIENCE_S, Crew, Effort, Installation, Row, installation_in, work_off
from tests.conftest import ROOT, SAMPLE_VIDEO
from tests.integration.grpc.engine_process import run_engine
from tests.servers import scripted_engine as engines
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.media import Film, write_film
from tests.servers.scripted_engine import Answers, EngineServer, Stage
from tests.waiting import wait_until

PAGE = ROOT / "docs" / "scaling.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
ANALYSIS_S = 1.0  # of the engine that only pretends

WHOLE, SHORT = Effort(20.0, 48, 6), Effort(3.0, 16, 2)


def measure_api(installation: Installation, effort: Effort) -> Iterator[Row]:
    for processes in (1, 2, 4):
        with installation.api(processes) as coach:
            coach.make_matches(20)
            coach.read("/api/matches?limit=20", seconds=effort.seconds / 4)  # connections and caches are warm
            took = coach.read("/api/matches?limit=20", seconds=effort.seconds)
        p99_ms = statistics.quantiles(took, n=100)[98] * 1000
        name = f"{processes} API process{'es' if processes > 1 else ''}"
        yield Row(name, len(took) / effort.seconds, "answers/s", f"p99 {p99_ms:.0f} ms")


def measure_workers(installation: Installation, effort: Effort) -> Iterator[Row]:
    """Workers in front of engines on other machines, as it were: they take their time and no core of ours.

    The clock starts when every slot has its first job, so that no worker is still starting.
    """
    film = write_film(installation.folder / "film.mp4", Film())
    for crew in (Crew(1, 1), Crew(1, 4), Crew(2, 4)):
        with engines_behind_a_gate() as (started, gate):
            waiting = work_off(installation, [film] * effort.pretended_jobs, crew, [engine.port for engine in started])
            with waiting as finished:
                wait_until(partial(is_busy, started, crew.slots_of_all), patience_s=PATIENCE_S)
                began = datetime.now(UTC)
                gate.set()
                rate = effort.pretended_jobs / (finished() - began).total_seconds()
        note = f"{rate * ANALYSIS_S / crew.slots_of_all:.0%} of what the engines allow"
        yield Row(f"{crew.processes} × `coach-pro worker --concurrency {crew.slots}`", rate, "jobs/s", note)


def is_busy(started: list[EngineServer], runs: int) -> bool:
    return sum(len(engine.requests) for engine in started) >= runs


def measure_engines(installation: Installation, effort: Effort) -> Iterator[Row]:
    for number, analyses in ((1, 1), (1, 2), (2, 1)):
        with ExitStack() as stack:
            started = [stack.enter_context(run_engine("--workers", str(analyses))) for _ in range(number)]
            ports = [int(engine.address.rpartition(":")[2]) for engine in started]
            films = [SAMPLE_VIDEO] * effort.real_jobs
            finished = stack.enter_context(work_off(installation, films, Crew(1, 2), ports))
            ended, began = finished(), installation.first_start()
        rate = effort.real_jobs / (ended - began).total_seconds()
        yield Row(f"{number} × `python -m engine --workers {analyses}`", rate * 60, "sample videos/min")


@contextmanager
def engines_behind_a_gate() -> Iterator[tuple[list[EngineServer], threading.Event]]:
    """Two, as each has eight threads; no analysis goes on before the gate is open."""
    gate = threading.Event()

    def pretends(stage: Stage) -> Answers:
        gate.wait(PATIENCE_S)
        stage.pause(ANALYSIS_S)
        yield from engines.plays_well(stage)

    started = [EngineServer(pretends).start() for _ in range(2)]
    try:
        yield started, gate
    finally:
        gate.set()
        for engine in started:
            engine.stop()


BLOCKS = {
    f"A list of 20 matches, authenticated, MariaDB, {CONNECTIONS} connections": measure_api,
    f"Jobs whose engines take {ANALYSIS_S:g} s elsewhere": measure_workers,
    "Jobs with the bundled engine on this machine, 2 at once": measure_engines,
    f"Uploads of {bucket.FILM_MB} MB, 4 at once": bucket.measure_uploads,
    f"Jobs on videos of {bucket.FILM_MB} MB whose engine takes no time, 2 at once": bucket.measure_jobs,
}


def table(installation: Installation, effort: Effort) -> Iterator[str]:
    yield "| what | rate | against the first | |"
    yield "|---|---|---|---|"
    for title, measure in BLOCKS.items():
        yield f"| **{title}** | | | |"
        first: Row | None = None
        for row in measure(installation, effort):
            first = first or row
            typer.echo(row, err=True)
            yield f"| {row.what} | {row.rate:.3g} {row.unit} | × {row.rate / first.rate:.2f} | {row.note} |"


def main(short: Annotated[bool, typer.Option("--short", help="Rough figures within minutes.")] = False) -> None:
    """Measure what each further process brings, and write the table of docs/scaling.md."""
    effort = SHORT if short else WHOLE
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mariadb = PrivateMariaDB(folder)
        mariadb.start()
        load = os.getloadavg()[0]
        try:
            lines = list(table(installation_in(folder, mariadb), effort))
        finally:
            mariadb.stop()
    kind = "short form" if effort is SHORT else "whole form"
    about = f"On {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {kind}; load when it began {load:.1f}."
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    measured = "\n".join([BEGIN, about, "", *lines, END])
    PAGE.write_text(before + measured + rest.partition(END)[2], encoding="utf-8")
    typer.echo(measured)


if __name__ == "__main__":
    typer.run(main)
