"""What a bucket costs beside a directory: large videos on their way to it, and from it to a worker's own disk.

The server that speaks S3 is OpenStack Swift, in one process of this machine.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.crew import Crew, Effort, Installation, Row, work_off
from benchmarks.uploads import make_padded_video
from tests.servers import scripted_engine as engines
from tests.servers.private_swift import PrivateSwift
from tests.servers.scripted_engine import EngineServer

FILM_MB = 100
_BUCKET = "videos"


def measure_uploads(installation: Installation, effort: Effort) -> Iterator[Row]:
    films = [_film(installation.folder)] * effort.real_jobs
    with _bucket(installation.folder) as in_bucket:
        for name, changes in (("into a directory", {}), ("into a bucket", in_bucket)):
            installation.forget_jobs()
            with installation.uploads(**changes) as coach:
                began = time.monotonic()
                coach.upload(films)
                rate = FILM_MB * len(films) / (time.monotonic() - began)
            yield Row(name, rate, "MB/s")


def measure_jobs(installation: Installation, effort: Effort) -> Iterator[Row]:
    """Two at once, of an engine that takes no time and does not read the film."""
    films = [_film(installation.folder)] * effort.real_jobs
    engine = EngineServer(engines.plays_well).start()
    try:
        with _bucket(installation.folder) as in_bucket:
            own_disk = in_bucket | {"UPLOAD_DIR": str(installation.folder / "far")}
            for name, api, worker in (
                ("from the API's directory", {}, {}),
                ("from a bucket, to a disk of the worker's own", in_bucket, own_disk),
            ):
                waiting = work_off(installation, films, Crew(1, 2), [engine.port], api=api, worker=worker)
                with waiting as finished:
                    ended, began = finished(), installation.first_start()
                rate = len(films) / (ended - began).total_seconds()
                yield Row(name, rate * 60, "jobs/min", f"{rate * FILM_MB:.0f} MB/s fetched" if worker else "")
    finally:
        engine.stop()


def _film(folder: Path) -> Path:
    path = folder / "large.mp4"
    if not path.exists():
        make_padded_video(path, FILM_MB)
    return path


@contextmanager
def _bucket(folder: Path) -> Iterator[dict[str, str]]:
    """A new one; the variables that name it."""
    swift = PrivateSwift(Path(tempfile.mkdtemp(dir=folder)))
    swift.start()
    try:
        swift.make_bucket(_BUCKET)
        yield {name.upper(): value for name, value in swift.settings(_BUCKET).items()}
    finally:
        swift.stop()
