"""Positions on the pitch: where the engine puts people whose feet somebody has read from the picture."""

import csv
import json
import tempfile
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from contract.calibration_file import write_calibration
from contract.csv_columns import PLAYER_COLUMNS
from engine.chunks import Chunk
from engine.pipeline import AnalysisRequest, Event, analyse
from engine.results import Kind
from football.camera import CameraFit, fit_camera

FloatArray = NDArray[np.float64]

FARTHEST_M = 5.0
"""A person who is told farther from where the feet were read counts as missed."""
_MOST_BRIDGED = 4  # frames between two rows of a track, where the engine leaves frames out


@dataclass(frozen=True, slots=True)
class FootReadings:
    """Feet that somebody has read from frames of one clip, video pixels: ``feet`` (N, 2) by number of the frame.

    ``fit`` is the camera of the clip, which makes metres of them.
    """

    video: Path
    fit: CameraFit
    feet: Mapping[int, FloatArray]


@dataclass(slots=True)
class PositionScore:
    """Distances of those people who were found; ``read`` counts all. ``calibration_errors_m`` (K,) is how far the
    camera leaves the points that it was fitted to."""

    calibration_errors_m: FloatArray
    read: int = 0
    errors_m: list[float] = field(default_factory=list)
    errors_px: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where the engine puts somebody in one frame: video pixels (2,) and metres (2,)."""

    place_px: FloatArray
    place_m: FloatArray


def read_feet(readings: Path, samples: Path) -> FootReadings:
    """One of the files of ``foot_readings``, of a clip in the folder ``samples``; its calibration lies beside it.

    Raises:
        CalibrationError: the points of the calibration describe no camera.
    """
    content = json.loads(readings.read_text())
    points = json.loads((samples / content["calibration"]).read_text())["points"]
    pixels, metres = (np.array([point[name] for point in points], np.float64) for name in ("pixel", "pitch"))
    fit = fit_camera(pixels, metres, frame_size=(content["size"][0], content["size"][1]))
    feet = {
        int(frame): np.array([person["foot"] for person in people], np.float64)
        for frame, people in content["frames"].items()
    }
    return FootReadings(samples / content["video"], fit, feet)


def score_positions(readings: FootReadings) -> PositionScore:
    """Analyse the clip with its calibration, at the default settings.

    Raises:
        AnalysisFailure: the clip cannot be analysed.
    """
    with tempfile.TemporaryDirectory() as folder:
        calibration, camera = Path(folder) / "calibration.yaml", readings.fit.camera
        write_calibration(calibration, camera=camera, bare_homography=camera.homography)
        return compare_positions(readings, analyse(AnalysisRequest(readings.video, calibration)))


def compare_positions(readings: FootReadings, events: Iterable[Event]) -> PositionScore:
    """The readings against what an analysis of their clip tells; one person is at most one track."""
    tracks = _gather(events)
    score = PositionScore(readings.fit.errors_m)
    for frame, feet in readings.feet.items():
        placed = [_place_at(track, frame) for track in tracks.values()]
        _compare(feet, readings.fit.camera.to_pitch(feet), [one for one in placed if one is not None], score)
    return score


def _gather(events: Iterable[Event]) -> dict[str, dict[int, _Seen]]:
    """Where each track was, by frame; rows without metres are left out."""
    tracks: dict[str, dict[int, _Seen]] = defaultdict(dict)
    chunks = (event for event in events if isinstance(event, Chunk) and event.kind == Kind.PLAYERS)
    for chunk in chunks:
        for row in csv.DictReader(chunk.text.removeprefix(chunk.kind.value).splitlines(), PLAYER_COLUMNS):
            if row["x_m"] and row["y_m"]:
                place_px, place_m = (np.array([float(row[f"{axis}_{unit}"]) for axis in "xy"]) for unit in ("px", "m"))
                tracks[row["track"]][int(row["frame"])] = _Seen(place_px, place_m)
    return tracks


def _place_at(track: Mapping[int, _Seen], frame: int) -> _Seen | None:
    """None where the track was not there. Of a frame that the engine has left out, the place lies evenly between."""
    if frame in track:
        return track[frame]
    frames = sorted(track)
    index = bisect_left(frames, frame)
    if index in (0, len(frames)) or frames[index] - frames[index - 1] > _MOST_BRIDGED:
        return None
    before, after = (track[frames[at]] for at in (index - 1, index))
    share = (frame - frames[index - 1]) / (frames[index] - frames[index - 1])
    return _Seen(
        before.place_px + share * (after.place_px - before.place_px),
        before.place_m + share * (after.place_m - before.place_m),
    )


def _compare(feet_px: FloatArray, feet_m: FloatArray, seen: list[_Seen], score: PositionScore) -> None:
    score.read += len(feet_px)
    if not seen:
        return
    offsets_m = np.linalg.norm(feet_m[:, np.newaxis] - np.array([one.place_m for one in seen]), axis=2)
    is_near = offsets_m <= FARTHEST_M
    for person, track in zip(*linear_sum_assignment(np.where(is_near, offsets_m, 1e3 * FARTHEST_M)), strict=True):
        if is_near[person, track]:
            score.errors_m.append(float(offsets_m[person, track]))
            score.errors_px.append(float(np.linalg.norm(feet_px[person] - seen[track].place_px)))
