"""``python -m engine evaluate``: score the engine on named data sets, and write the page."""

import os
import tempfile
from collections.abc import Mapping, Set
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Annotated

import typer

from engine.evaluation.detection import (
    Detect,
    DetectionScore,
    detect_classically,
    detect_with,
    read_kept_back,
    score_detection,
)
from engine.evaluation.labels import read_clip, read_wide_feed
from engine.evaluation.pitch_labels import read_pitch_labels
from engine.evaluation.positions import PositionScore, read_feet, score_positions
from engine.evaluation.registration import RegistrationScore, score_registration
from engine.evaluation.report import Scores, update_page, write_page
from engine.evaluation.speed import SpeedScore, enlarge, score_speed
from engine.evaluation.tracking import (
    StitchingScore,
    TrackingScore,
    read_panorama,
    read_panorama_camera,
    score_stitching,
    score_tracking,
)
from engine.networks.opening import OUR_NETWORK
from engine.registration.registrar import Registrar
from engine.registration.sight import OUR_PITCH_NETWORK, PitchSight
from football.camera import PitchCamera

_PANORAMA = Path("tracking/tsukuba_panorama_gt_frames_0000_1659.csv.gz")
_PANORAMA_POINTS = Path("tracking/tsukuba_panorama_keypoints.json")
_WIDE_FEED = Path("detection")
_PITCHES = Path("pitch")
_CLIPS = ("euro2020_tactical", "laliga_broadcast", "tsukuba_wide_left")
_CLIP_LABELS = Path(__file__).with_name("clip_labels")
_FOOT_READINGS = Path(__file__).with_name("foot_readings")
_SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_ENLARGED = "euro2020_tactical"
_SEEDS = (1, 2, 3)


class Part(StrEnum):
    """What can be scored by itself."""

    DETECTION = "detection"
    REGISTRATION = "registration"
    POSITIONS = "positions"
    TRACKING = "tracking"
    SPEED = "speed"


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder with the data sets.")] = Path("../shared/data"),
    part: Annotated[list[Part], typer.Option(help="Only this part; may be repeated.")] = [],  # noqa: B006 - typer copies it
    weights: Annotated[Path, typer.Option(help="Detector to score (ONNX).", exists=True, dir_okay=False)] = OUR_NETWORK,
    pitch_weights: Annotated[
        Path, typer.Option(help="Pitch network to score (ONNX).", exists=True, dir_okay=False)
    ] = OUR_PITCH_NETWORK,
    out: Annotated[Path | None, typer.Option(help="File to write; parts not scored stay in it.")] = None,
) -> None:
    """Score detection, registration, positions, tracking and speed on footage with labels."""
    if not data.is_dir():
        raise typer.BadParameter(f"There is no folder {data}.", param_hint="--data")
    wanted = set(part or Part)
    kept_back = read_kept_back(pitch_weights)
    registrar = Registrar(PitchSight(pitch_weights, threads=os.cpu_count() or 1))
    detectors = {"network": detect_with(weights, registrar), "classical": detect_classically}
    scores = Scores(
        detection=_score_feed(data, detectors, read_kept_back(weights)) if Part.DETECTION in wanted else {},
        other_cameras=_score_other_cameras(data, detectors) if Part.DETECTION in wanted else {},
        positions=_score_positions() if Part.POSITIONS in wanted else {},
        registration=_score_registration(data, registrar, kept_back) if Part.REGISTRATION in wanted else {},
        tracking=_score_tracking(data) if Part.TRACKING in wanted else {},
        stitching=_score_stitching(data) if Part.TRACKING in wanted else {},
        speed=_score_speed(data) if Part.SPEED in wanted else {},
    )
    page = write_page(scores)
    if out is None:
        typer.echo(page)
    else:
        out.write_text(update_page(out.read_text("utf-8"), page) if out.is_file() else page, encoding="utf-8")


def _score_feed(data: Path, detectors: Mapping[str, Detect], matches: Set[str]) -> dict[str, DetectionScore]:
    """Of ``matches`` only; of all, where none are named."""
    scores: dict[str, DetectionScore] = {}
    for name, detect in detectors.items():
        typer.echo(f"detection: feed, {name}", err=True)
        pictures = [one for one in read_wide_feed(data / _WIDE_FEED) if not matches or one.match in matches]
        by_match = score_detection(pictures, detect)
        scores |= {f"{match}, {name}": score for match, score in by_match.items()}
        scores[f"**all**, {name}"] = sum(by_match.values(), DetectionScore())
    return scores


def _score_other_cameras(data: Path, detectors: Mapping[str, Detect]) -> dict[str, DetectionScore]:
    scores: dict[str, DetectionScore] = {}
    for labels, (name, detect) in product(sorted(_CLIP_LABELS.glob("*.json")), detectors.items()):
        typer.echo(f"detection: {labels.stem}, {name}", err=True)
        pictures = read_clip(labels, data / "clips" / f"{labels.stem}.mp4")
        scores |= {f"{clip}, {name}": score for clip, score in score_detection(pictures, detect).items()}
    return scores


def _score_registration(data: Path, registrar: Registrar, matches: Set[str]) -> dict[str, RegistrationScore]:
    """Of ``matches`` only, which the network was not trained on; of all, where none are named."""
    typer.echo("registration", err=True)
    pictures = [one for one in read_pitch_labels(data / _PITCHES) if not matches or one.match in matches]
    scores = score_registration(pictures, registrar)
    return scores | {"**all**": sum(scores.values(), RegistrationScore())}


def _score_positions() -> dict[str, PositionScore]:
    scores: dict[str, PositionScore] = {}
    for readings in sorted(_FOOT_READINGS.glob("*.json")):
        typer.echo(f"positions: {readings.stem}", err=True)
        scores[readings.stem] = score_positions(read_feet(readings, _SAMPLES))
    return scores


def _score_tracking(data: Path) -> dict[str, TrackingScore]:
    truth, scores = read_panorama(data / _PANORAMA), {}
    for (where, camera), seed in product(_cameras(data).items(), _SEEDS):
        typer.echo(f"tracking: faults {seed}, {where}", err=True)
        scores[f"tsukuba_panorama, faults {seed}, {where}"] = score_tracking(truth, seed=seed, camera=camera)
    return scores


def _score_stitching(data: Path) -> dict[str, StitchingScore]:
    truth, scores = read_panorama(data / _PANORAMA), {}
    for (where, camera), seed in product(_cameras(data).items(), _SEEDS):
        typer.echo(f"linking: absences {seed}, {where}", err=True)
        scores[f"tsukuba_panorama, absences {seed}, {where}"] = score_stitching(truth, seed=seed, camera=camera)
    return scores


def _cameras(data: Path) -> dict[str, PitchCamera | None]:
    """What the tracker may know of the pitch."""
    return {"pixels": None, "metres": read_panorama_camera(data / _PANORAMA_POINTS)}


def _score_speed(data: Path) -> dict[str, SpeedScore]:
    clips = {name: data / "clips" / f"{name}.mp4" for name in _CLIPS}
    with tempfile.TemporaryDirectory() as folder:
        enlarged = enlarge(clips[_ENLARGED], Path(folder) / "enlarged.mp4", height=1080)
        scores = {}
        for name, path in (*clips.items(), (f"{_ENLARGED}, enlarged", enlarged)):
            typer.echo(f"speed: {name}", err=True)
            scores[name] = score_speed(path)
        return scores
