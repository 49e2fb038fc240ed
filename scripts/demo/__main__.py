"""``python -m scripts.demo``: a match video goes in through the REST API, figures and pictures come out."""

import secrets
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from football.pitch import Pitch
from scripts.demo.client import ApiClient, Credentials
from scripts.demo.console import print_findings, progress_of
from scripts.demo.errors import DemoFailed, ServerGone
from scripts.demo.findings import Findings
from scripts.demo.footage import FilmedArea, Still, find_filmed_area, take_still
from scripts.demo.heatmaps import draw_heatmaps
from scripts.demo.positions import draw_positions
from scripts.demo.report import SAMPLE_CREDIT, Pictures, write_report
from scripts.demo.self_check import find_faults
from scripts.demo.server import ROOT, last_words, serve

SAMPLE = ROOT / "samples" / "tsukuba_wide_left.mp4"
SAMPLE_CALIBRATION = ROOT / "samples" / "tsukuba_wide_left.calibration.json"
_OURS = ("positions.png", "heatmap.png", "report.html")
_INTERRUPTED = 128 + signal.SIGINT  # as shells count it

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What to analyse, where the results go, and the address of a running server if one shall be used."""

    video: Path
    calibration: Path | None
    output: Path
    url: str | None


@dataclass(frozen=True, slots=True)
class Footage:
    """A video, its first picture, and the calibration (JSON) of the camera that filmed it."""

    video: Path
    still: Still
    calibration: str | None


@app.command()
def main(
    video: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The match.")] = SAMPLE,
    calibration: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Its camera; the sample has one.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Where pictures and report go.")] = ROOT / "demo-output",
    url: Annotated[str | None, typer.Option(help="A running server; without it the demo starts its own.")] = None,
    email: Annotated[str, typer.Option(help="Account on that server; without it a new one is made.")] = "",
    password: Annotated[str, typer.Option(help="Its password.", envvar="DEMO_PASSWORD")] = "",
) -> None:
    """Analyse a match through the REST API; print the figures, draw them, and write a report."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    console = Console()
    try:
        faults = _demonstrate(console, Order(video, calibration, output, url), _credentials(email, password))
    except DemoFailed as failure:
        console.print(f"The demonstration failed. {failure}", style="red", highlight=False, markup=False)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        console.print("Stopped; the server that was started is stopped too.")
        raise SystemExit(_INTERRUPTED) from None
    raise SystemExit(1 if faults else 0)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """What ``kill`` or a closed terminal does by default ends us at once, and the server would stay."""
    raise SystemExit(128 + number)


def _demonstrate(console: Console, order: Order, credentials: Credentials) -> list[str]:
    """All of it; what the self-check has to say against the figures."""
    started = time.monotonic()
    output = order.output
    output.mkdir(parents=True, exist_ok=True)
    for name in _OURS:
        (output / name).unlink(missing_ok=True)  # what lies there afterwards is of this run
    footage = _read_footage(order.video, order.calibration)
    with _server(order.url, output / "server.log", console) as address, ApiClient(address) as client:
        client.sign_in(credentials)
        findings = _analyse(client, footage, console)
    files = _write(findings, footage, output)
    print_findings(console, findings)
    for file in files:
        console.print(f"Written: {file}", highlight=False, markup=False, soft_wrap=True)
    faults = find_faults(findings, calibrated=footage.calibration is not None)
    for fault in faults:
        console.print(f"Something is wrong: {fault}", style="red", highlight=False, markup=False)
    console.print(f"Done in {time.monotonic() - started:.0f} s.", highlight=False)
    return faults


def _credentials(email: str, password: str) -> Credentials:
    """The account that was named, or a throw-away one that nobody has yet."""
    if not email:
        return Credentials(f"demo-{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(12))
    if not password:
        raise DemoFailed("--email needs a password: give --password, or set DEMO_PASSWORD.")
    return Credentials(email, password)


def _read_footage(video: Path, calibration: Path | None) -> Footage:
    if calibration is None and _is_sample(video):
        calibration = SAMPLE_CALIBRATION
    points = calibration.read_text(encoding="utf-8") if calibration is not None else None
    return Footage(video, take_still(video), points)


def _is_sample(video: Path) -> bool:
    return video.resolve() == SAMPLE.resolve()


@contextmanager
def _server(url: str | None, log: Path, console: Console) -> Iterator[str]:
    """The server that was named, or one of our own whose data goes with it."""
    if url is not None:
        yield url
        return
    console.print("Starting server and engine.")
    with tempfile.TemporaryDirectory(prefix="coach-pro-demo-") as folder, serve(Path(folder), log) as address:
        try:
            yield address
        except ServerGone as failure:
            raise DemoFailed(f"{failure}\nThe server's last words ({log}):\n{last_words(log)}") from failure


def _analyse(client: ApiClient, footage: Footage, console: Console) -> Findings:
    accepted = client.upload(footage.video, calibration=footage.calibration)
    console.print(
        f"{footage.video.name} is uploaded; its analysis will take about {accepted.estimated_duration_seconds} s.",
        highlight=False,
        markup=False,
    )
    with progress_of(console) as tell:
        return client.findings(client.follow(accepted.job_id, tell))


def _write(findings: Findings, footage: Footage, output: Path) -> list[Path]:
    """Draw what can be drawn: without metres there is no pitch to draw on."""
    area = _filmed_area(findings, footage)
    has_metres = any(track.mean_position_m is not None for track in findings.tracks)
    positions = draw_positions(findings, area, output / "positions.png") if has_metres else None
    heatmap = draw_heatmaps(findings, area, output / "heatmap.png") if has_metres else None
    report = write_report(
        findings,
        Pictures(positions, heatmap, footage.still.jpeg),
        output / "report.html",
        credit=SAMPLE_CREDIT if _is_sample(footage.video) else None,
        filmed_share=area.share if area is not None else None,
    )
    return [file for file in (positions, heatmap, report) if file is not None]


def _filmed_area(findings: Findings, footage: Footage) -> FilmedArea | None:
    if footage.calibration is None:
        return None
    pitch = Pitch(findings.match.pitch_length_m, findings.match.pitch_width_m)
    return find_filmed_area(footage.calibration, footage.still.size, pitch)


if __name__ == "__main__":
    app(prog_name="python -m scripts.demo")
