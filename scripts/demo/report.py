"""The report as one HTML file that needs nothing beside it: pictures stand inside as data."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scripts.demo.figures import kmh_with_band, percent, with_band
from scripts.demo.findings import Findings, TrackFigures
from scripts.demo.paint import ink_on, paint_of

SAMPLE_CREDIT = "Footage: SoccerTrack (github.com/AtomScott/SoccerTrack), Copyright 2021 Atom Scott, MIT licence."


@dataclass(frozen=True, slots=True)
class Pictures:
    """What the report shows: PNG files, and a still of the video as JPEG bytes."""

    positions: Path | None
    heatmap: Path | None
    still: bytes


def write_report(
    findings: Findings, pictures: Pictures, path: Path, *, credit: str | None = None, filmed_share: float | None = None
) -> Path:
    """Write the report. ``filmed_share`` is the part of the pitch that the camera sees, 0 to 1."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"percent": percent}
    page = environment.get_template("report.html.j2").render(
        findings=findings,
        data=findings.report.report_data,
        sides=[
            {"side": side, "paint": paint_of(side, findings.sides), "ink": ink_on(paint_of(side, findings.sides))}
            for side in findings.sides
        ],
        fastest=max((track for track in findings.tracks if track.top_speed_mps), key=_top_speed, default=None),
        with_band=with_band,
        kmh_with_band=kmh_with_band,
        pictures=_as_data(pictures),
        credit=credit,
        filmed_share=filmed_share,
    )
    path.write_text(page, encoding="utf-8")
    return path


def _top_speed(track: TrackFigures) -> float:
    return track.top_speed_mps or 0.0


def _as_data(pictures: Pictures) -> Mapping[str, str | None]:
    return {
        "positions": _data_uri("png", pictures.positions.read_bytes()) if pictures.positions else None,
        "heatmap": _data_uri("png", pictures.heatmap.read_bytes()) if pictures.heatmap else None,
        "still": _data_uri("jpeg", pictures.still),
    }


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
