"""``python -m scripts.demo``: a match video goes in through the REST API, figures and pictures come out."""

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from football.pitch import Pitch
from scripts.demo.client import ApiClient, Credentials
from scripts.demo.console import print_findings, progress_of
from scripts.demo.errors import DemoFailed
from scripts.demo.findings import Findings
from scripts.demo.footage import FilmedArea, Still, find_filmed_area, take_still
from scripts.demo.heatmaps import draw_heatmaps
from scripts.demo.positions import draw_positions
from scripts.demo.report import SAMPLE_CREDIT, Pictures, write_report
from scripts.demo.self_check import find_faults
from scripts.demo.server import ROOT, serve

SAMPLE = ROOT / "samples" / "tsukuba_wide_left.mp4"
SAMPLE_CALIBRATION = ROOT / "samples" / "tsukuba_wide_left.calibration.json"
_EMAIL = "demo@example.com"


@dataclass(frozen=True, slots=True)
class Footage:
    """A video, its first picture, and the calibration (JSON) of the camera that filmed it."""

    video: Path
    still: Still
    calibration: str | None


def main(
    video: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The match.")] = SAMPLE,
    calibration: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Its camera; the sample has one.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Where pictures and report go.")] = ROOT / "demo-output",
    url: Annotated[str | None, typer.Option(help="A running server; without it the demo starts its own.")] = None,
    email: Annotated[str, typer.Option(help="Account on that server; it is made if need be.")] = _EMAIL,
    password: Annotated[str, typer.Option(help="Its password.")] = "",
) -> None:
    """Analyse a match through the REST API; print the figures, draw them, and write a report."""
    console = Console()
    started = time.monotonic()
    output.mkdir(parents=True, exist_ok=True)
    try:
        footage = _read_footage(video, calibration)
        credentials = Credentials(email, password or secrets.token_urlsafe(12))
        with _server(url, output / "server.log", console) as address, ApiClient(address) as client:
            client.sign_in(credentials)
            findings = _analyse(client, footage, console)
        files = _write(findings, footage, output)
        print_findings(console, findings)
        faults = find_faults(findings, calibrated=footage.calibration is not None)
    except DemoFailed as failure:
        console.print(f"The demonstration failed. {failure}", style="red", highlight=False, markup=False)
        raise SystemExit(1) from None
    for file in files:
        console.print(f"Written: {file}", highlight=False, soft_wrap=True)
    for fault in faults:
        console.print(f"Something is wrong: {fault}", style="red", highlight=False)
    console.print(f"Done in {time.monotonic() - started:.0f} s.", highlight=False)
    raise SystemExit(1 if faults else 0)


def _read_footage(video: Path, calibration: Path | None) -> Footage:
    if calibration is None and video == SAMPLE:
        calibration = SAMPLE_CALIBRATION
    points = calibration.read_text(encoding="utf-8") if calibration is not None else None
    return Footage(video, take_still(video), points)


@contextmanager
def _server(url: str | None, log: Path, console: Console) -> Iterator[str]:
    """The server that was named, or one of our own whose data goes with it."""
    if url is not None:
        yield url
        return
    console.print("Starting server and engine.")
    with tempfile.TemporaryDirectory(prefix="coach-pro-demo-") as folder, serve(Path(folder), log) as address:
        yield address


def _analyse(client: ApiClient, footage: Footage, console: Console) -> Findings:
    accepted = client.upload(footage.video, calibration=footage.calibration)
    console.print(
        f"{footage.video.name} is uploaded; its analysis will take about {accepted.estimated_duration_seconds} s.",
        highlight=False,
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
        credit=SAMPLE_CREDIT if footage.video == SAMPLE else None,
        filmed_share=area.share if area is not None else None,
    )
    return [file for file in (positions, heatmap, report) if file is not None]


def _filmed_area(findings: Findings, footage: Footage) -> FilmedArea | None:
    if footage.calibration is None:
        return None
    pitch = Pitch(findings.match.pitch_length_m, findings.match.pitch_width_m)
    return find_filmed_area(footage.calibration, footage.still.size, pitch)


if __name__ == "__main__":
    typer.run(main)
