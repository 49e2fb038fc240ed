"""Upload one large video and measure what it costs the server; writes docs/benchmarks/upload.md.

    python -m scripts.benchmarks.upload --megabytes 500

The file is the sample video, padded with an empty MP4 box, so the server judges it as it judges any other. The same
upload goes to a server that does what most do (``await file.read()``), as a measure for this machine.
"""

import os
import secrets
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx2
import typer

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples" / "tsukuba_wide_left.mp4"
REPORT = ROOT / "docs" / "benchmarks" / "upload.md"
MEGABYTE = 1024 * 1024

_NAIVE_SERVER = """
import sys
import uvicorn
from fastapi import FastAPI, UploadFile

app = FastAPI()

@app.post("/api/analyze_match", status_code=202)
async def upload(file: UploadFile) -> int:
    content = await file.read()
    with open(sys.argv[1], "wb") as target:
        target.write(content)
    return len(content)

config = uvicorn.Config(app, port=0, log_level="warning")
socket = config.bind_socket()
print(f"serves at http://127.0.0.1:{socket.getsockname()[1]}", flush=True)
uvicorn.Server(config).run(sockets=[socket])
"""


@dataclass(frozen=True, slots=True)
class Measurement:
    server: str
    seconds: float
    grown_mb: float  # peak of the resident memory during the upload, over what it was before


def make_padded_video(path: Path, megabytes: int) -> None:
    """The sample, followed by a ``free`` box (ISO 14496-12, 8.1.2) that fills it up."""
    shutil.copy(SAMPLE, path)
    missing = megabytes * MEGABYTE - path.stat().st_size
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", missing, b"free"))
        block = os.urandom(MEGABYTE)  # a file system or a network that compresses must not help
        for written in range(8, missing, MEGABYTE):
            file.write(block[: missing - written])


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Start a server; its process id and its address, which it prints."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "http://" in line)
        yield process.pid, line[line.index("http://") :].strip()
    finally:
        process.terminate()
        process.wait(30)


def measure_upload(server: str, pid: int, client: httpx2.Client, video: Path) -> Measurement:
    client.get("/health")
    _upload(client, SAMPLE)  # imports, caches and pools are there before the measurement
    before = _memory_mb(pid, "VmRSS")
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # forget the peak so far (proc(5))
    started = time.perf_counter()
    _upload(client, video)
    return Measurement(server, time.perf_counter() - started, _memory_mb(pid, "VmHWM") - before)


def _upload(client: httpx2.Client, video: Path) -> None:
    with video.open("rb") as file:
        client.post("/api/analyze_match", files={"file": file}).raise_for_status()


def _memory_mb(pid: int, field: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def measure_coach_pro(video: Path, directory: Path, megabytes: int) -> Measurement:
    environment = os.environ | {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": f"sqlite:///{directory / 'benchmark.db'}",
        "DATA_DIR": str(directory),
        "UPLOAD_DIR": str(directory / "uploads"),
        "MAX_UPLOAD_SIZE_MB": str(megabytes + 1),
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--no-bundled-engine"]
    with running(command, environment) as (pid, url), httpx2.Client(base_url=url, timeout=300) as client:
        account = {"email": "benchmark@example.com", "password": secrets.token_urlsafe(12)}
        token = client.post("/api/register", json=account).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return measure_upload("Coach Pro", pid, client, video)


def measure_naive(video: Path, directory: Path) -> Measurement:
    command = [sys.executable, "-c", _NAIVE_SERVER, str(directory / "naive")]
    with running(command, dict(os.environ)) as (pid, url), httpx2.Client(base_url=url, timeout=300) as client:
        return measure_upload("`await file.read()`", pid, client, video)


def write_report(rows: list[Measurement], megabytes: int) -> None:
    lines = [
        "# Upload of one large video",
        "",
        f"One upload of {megabytes} MB over loopback, {os.cpu_count()} cores. Memory: peak of the server's resident",
        "set during the upload, over what it was before. Made by `python -m scripts.benchmarks.upload`.",
        "",
        "| server | seconds | MB/s | memory grows by |",
        "|---|---|---|---|",
        *(_table_row(row, megabytes) for row in rows),
    ]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _table_row(row: Measurement, megabytes: int) -> str:
    return f"| {row.server} | {row.seconds:.1f} | {megabytes / row.seconds:.0f} | {row.grown_mb:.0f} MB |"


def main(megabytes: Annotated[int, typer.Option(min=4)] = 500) -> None:
    """Measure, print and write the table."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        video = directory / "padded.mp4"
        make_padded_video(video, megabytes)
        write_report([measure_coach_pro(video, directory, megabytes), measure_naive(video, directory)], megabytes)
    print(REPORT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    typer.run(main)
