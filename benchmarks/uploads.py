"""Large videos that arrive all at once: what they cost in memory, and whether anybody else is still answered.

A file is the sample video, padded with an empty MP4 box, so that the server judges it as it judges any other.
"""

import http.client
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.installation import Installation, installed
from benchmarks.latency import in_ms, quantile
from benchmarks.processes import forget_peak, peak_resident_mb, resident_mb
from benchmarks.report import Section, met
from tests.conftest import ROOT, SAMPLE_VIDEO

_MEGABYTE = 1024 * 1024
_AT_ONCE = 8
_MEGABYTES, _MEGABYTES_QUICK = 500, 60
_HEALTH_P99_S = 0.1
_MB_PER_UPLOAD = 50
_ASK_EVERY_S = 0.02
_COLUMNS = (
    "server", "uploads at once", "seconds", "MB/s", "`/health`, median", "p99", "longest", "memory per upload", "bar",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Server:
    """Who takes uploads. ``headers``: those that speak for an account."""

    name: str
    pid: int
    url: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Measurement:
    """``grown_mb``: peak of the server's resident memory during the uploads, over what it was before."""

    server: str
    uploads: int
    seconds: float
    grown_mb: float
    health_s: Sequence[float]

    @property
    def keeps_the_bar(self) -> bool:
        is_quick = quantile(self.health_s, 0.99) < _HEALTH_P99_S
        return is_quick and self.grown_mb / self.uploads <= _MB_PER_UPLOAD


def measure(*, quick: bool) -> Sequence[Section]:
    megabytes = _MEGABYTES_QUICK if quick else _MEGABYTES
    with installed() as installation:
        video = installation.directory / "padded.mp4"
        make_padded_video(video, megabytes)
        measured = [
            *_measure(_coach_pro(installation, megabytes), video),
            *_measured_naive(installation.directory, video),
        ]
    return [_section(measured, megabytes)]


def make_padded_video(path: Path, megabytes: int) -> None:
    """The sample, followed by a ``free`` box (ISO 14496-12, 8.1.2) that fills it up."""
    shutil.copy(SAMPLE_VIDEO, path)
    missing = megabytes * _MEGABYTE - path.stat().st_size
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", missing, b"free"))
        block = os.urandom(_MEGABYTE)  # a file system or a network that compresses must not help
        for written in range(8, missing, _MEGABYTE):
            file.write(block[: missing - written])


def _coach_pro(installation: Installation, megabytes: int) -> Server:
    """One process that runs no jobs, so that all its memory is that of the uploads."""
    api = installation.start_server(EMBEDDED_WORKERS="0", MAX_UPLOAD_SIZE_MB=str(megabytes + 1))
    return Server("Coach Pro", api.pid, api.url, api.log_in())


def _measured_naive(directory: Path, video: Path) -> list[Measurement]:
    where = directory / "naive"
    where.mkdir()
    with _naive_server(where) as server:
        return _measure(server, video)


@contextmanager
def _naive_server(directory: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "benchmarks.naive_server", str(directory)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Server("`await file.read()`", process.pid, process.stdout.readline().split()[-1], {})
    finally:
        process.terminate()
        process.wait(30)


def _measure(server: Server, video: Path) -> list[Measurement]:
    _upload(server, SAMPLE_VIDEO, 1)  # imports, caches and pools are there before the measurement
    return [_measure_uploads(server, video, uploads) for uploads in (1, _AT_ONCE)]


def _measure_uploads(server: Server, video: Path, uploads: int) -> Measurement:
    before = resident_mb(server.pid)
    forget_peak(server.pid)
    with _asking_for_health(server.url) as health_s:
        began = time.perf_counter()
        _upload(server, video, uploads)
        seconds = time.perf_counter() - began
    return Measurement(server.name, uploads, seconds, peak_resident_mb(server.pid) - before, health_s)


def _upload(server: Server, video: Path, count: int) -> None:
    """By curl, which takes little from a machine that it shares with the server."""
    command = ["curl", "--silent", "--fail", "--output", os.devnull, "--form", f"file=@{video}"]
    command += [part for name, value in server.headers.items() for part in ("--header", f"{name}: {value}")]
    clients = [subprocess.Popen([*command, f"{server.url}/api/analyze_match"]) for _ in range(count)]
    codes = [client.wait() for client in clients]
    if any(codes):
        raise RuntimeError(f"{server.name} did not take all uploads; curl's exit codes: {codes}")


@contextmanager
def _asking_for_health(url: str) -> Iterator[list[float]]:
    """Ask for ``/health`` again and again beside the block; the seconds of each answer."""
    seconds: list[float] = []
    over = threading.Event()
    thread = threading.Thread(target=_ask_for_health, args=(url, seconds, over))
    thread.start()
    try:
        yield seconds
    finally:
        over.set()
        thread.join()


def _ask_for_health(url: str, seconds: list[float], over: threading.Event) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    while not over.is_set():
        began = time.perf_counter()
        connection.request("GET", "/health")
        answer = connection.getresponse()
        answer.read()
        seconds.append(time.perf_counter() - began)
        if answer.status != 200:
            raise RuntimeError(f"/health was answered by {answer.status}")
        over.wait(_ASK_EVERY_S)
    connection.close()


def _section(measured: Sequence[Measurement], megabytes: int) -> Section:
    text = f"""
Videos of {megabytes} MB over loopback to one process; meanwhile somebody asks for `/health` every
{_ASK_EVERY_S * 1000:.0f} ms. Memory: peak of the process' resident set, over what it was before, shared out among the
uploads. Coach Pro hashes the bytes, syncs the file and looks into the video before it answers; the other server reads
all of a file into memory, and writes it down. The bar: p99 of `/health` below {_HEALTH_P99_S * 1000:.0f} ms, at most
{_MB_PER_UPLOAD} MB of memory per upload.
"""
    return Section("Large uploads", text, _COLUMNS, [_row(one, megabytes) for one in measured])


def _row(one: Measurement, megabytes: int) -> Sequence[str]:
    health = (quantile(one.health_s, 0.5), quantile(one.health_s, 0.99), max(one.health_s))
    return (
        one.server, str(one.uploads), f"{one.seconds:.1f}", f"{one.uploads * megabytes / one.seconds:.0f}",
        *map(in_ms, health), f"{one.grown_mb / one.uploads:.0f} MB", met(one.keeps_the_bar),
    )  # fmt: skip
