"""Scores as a page for people: ``docs/engine.md``."""

import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.evaluation.detection import DetectionScore
from engine.evaluation.positions import FARTHEST_M, PositionScore
from engine.evaluation.registration import RegistrationScore
from engine.evaluation.scores import Counts
from engine.evaluation.speed import Cost, SpeedScore
from engine.evaluation.tracking import (
    ABSENCE_S,
    ABSENCES_PER_S,
    COVERED,
    FALSE_ALARMS,
    JITTER,
    MISSED,
    MISSED_BEHIND,
    StitchingScore,
    TrackingScore,
)
from engine.kinds import Kind

FloatArray = NDArray[np.float64]

_PACKAGES = {"NumPy": "numpy", "PyAV": "av", "motrics": "motrics"}
_MEGABYTE = 1e6
_PART = "\n## "

_DETECTION = """## Detection

Frames of matches in a wide television feed, stretched back to 16:9. People: players, goalkeepers and referees together,
matched by an overlap of at least half of the union (IoU 0.5), as many pairs as there can be. Ball: centres at most
10 px apart at 1080p. Only matches that the network was not trained on. Each picture is seen on its own, without those
before and after it, which the classical detector of a fixed camera would learn from. As in the engine, people whom the
network finds off the pitch, and pieces of lines, are left out of pictures whose registration is valid.
"""
_OTHER_CAMERAS = """## Detection by other cameras

Frames of single clips that nothing is trained on. Their boxes were proposed by an early network, and chosen, mended and
added to by hand, so they favour networks a little. Balls are not labelled.
"""
_REGISTRATION = """## Registration

Frames of matches in a wide television feed, stretched back to 16:9, each seen on its own; only matches that the pitch
network was not trained on. Error: how far, at 1080p, a registration puts the points that people have labelled from
where they labelled them, over all labelled points of the frames whose registration is valid. A homography fitted to the
labels themselves leaves 2.7 px.
"""
_POSITIONS = f"""## Positions

The whole engine at its default settings on a clip of a fixed camera with its calibration: how far, on the pitch, it
puts people from where somebody has read their feet in enlarged pictures, to about two pixels: the middle between both
feet across, and the lower edge of those on the ground. The people were chosen from the pictures alone: near and far,
left and right, of all kinds, some of them half hidden. Who is told more than {FARTHEST_M:g} m away counts as missed. In
frames that the engine leaves out, people are taken to be between the rows before and after.

The calibration makes metres of both, the readings and what the engine sees, so this measures feet and smoothing. How
far the calibration itself is off stands beside it: at the points that it was fitted to.
"""
_TRACKING = f"""## Tracking

True boxes of a fixed panorama, made as faulty as those of a detector: {MISSED:.0%} of the people in the open are missed
in a frame, and {MISSED_BEHIND:.0%} of those of whom somebody nearer covers {COVERED:.0%} or more; edges shake by
{JITTER:.0%} of the box; {FALSE_ALARMS:g} boxes a frame are of nobody. Each row has other faults. Shirts are
taken for equal, so that only places and sizes tell people apart. In rows in pixels nobody knows where the pitch is, as
without a calibration or a registration; in rows in metres 65 labelled points tell. HOTA, IDF1 and MOTA are those of the
package motrics.
"""
_STITCHING = f"""## Linking broken tracks

The same, and about every {1 / ABSENCES_PER_S:.0f} seconds each person is not found for {ABSENCE_S[0]:g} to
{ABSENCE_S[1]:g} seconds, which breaks tracks. When all are over, those of one person are linked. A wrong link joins two
people.
"""
_SPEED = """## Speed

The whole engine at its default settings, each clip in a process of its own: look at the scene, decode, detect, track,
write rows. Frames are all those of the video; with a moving camera, not each one is analysed. Peak memory is that of
the process, libraries and all.

The reference is a network of YOLOv8-n's size and shape with weights of chance, through onnxruntime at 960x544 with as
many threads, on frames of the same video right after: the network alone, without decoding. Processor time (CPU) is that
of all cores together; other programs change it less than they change the frames per second. The load is how many
programs wanted a core in the minute before, this one not yet among them.
"""


@dataclass(frozen=True, slots=True)
class Scores:
    """What was scored, by the names of rows; a part without rows was not."""

    detection: Mapping[str, DetectionScore] = field(default_factory=dict)
    other_cameras: Mapping[str, DetectionScore] = field(default_factory=dict)
    registration: Mapping[str, RegistrationScore] = field(default_factory=dict)
    positions: Mapping[str, PositionScore] = field(default_factory=dict)
    tracking: Mapping[str, TrackingScore] = field(default_factory=dict)
    stitching: Mapping[str, StitchingScore] = field(default_factory=dict)
    speed: Mapping[str, SpeedScore] = field(default_factory=dict)


def write_page(scores: Scores) -> str:
    """A page in Markdown. A part that was not scored is left out."""
    parts = (
        (_DETECTION, _DETECTION_HEAD, [_detection_row(*row) for row in scores.detection.items()]),
        (_OTHER_CAMERAS, _DETECTION_HEAD, [_detection_row(*row) for row in scores.other_cameras.items()]),
        (_REGISTRATION, _REGISTRATION_HEAD, [_registration_row(*row) for row in scores.registration.items()]),
        (_POSITIONS, _POSITIONS_HEAD, [_position_row(*row) for row in scores.positions.items()]),
        (_TRACKING, _TRACKING_HEAD, [_tracking_row(*row) for row in scores.tracking.items()]),
        (_STITCHING, _STITCHING_HEAD, [row for one in scores.stitching.items() for row in _stitching_rows(*one)]),
        (_SPEED, _SPEED_HEAD, [_speed_row(*row) for row in scores.speed.items()]),
    )
    return "\n".join([_head(), *(f"{text}\n{_table(head, rows)}" for text, head, rows in parts if rows)])


def update_page(old: str, new: str) -> str:
    """``new``, and the parts of ``old`` that it lacks, in the order in which they stood; new ones come last."""
    (_, kept), (head, written) = _take_apart(old), _take_apart(new)
    return "".join([head, *(kept | written).values()])


def _take_apart(page: str) -> tuple[str, dict[str, str]]:
    """What stands before the first part, and the parts by their headings, an empty line between them."""
    head, *parts = page.split(_PART)
    return head.rstrip("\n") + "\n", {part.partition("\n")[0]: f"\n{_PART.lstrip()}{part.rstrip()}\n" for part in parts}


def _head() -> str:
    packages = ", ".join(f"{name} {version(package)}" for name, package in _PACKAGES.items())
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return (
        "# How good the engine is\n\n"
        f"Written by `python -m engine evaluate` on {datetime.now(UTC):%Y-%m-%d}; no figure is typed by hand.\n"
        f"{machine}, {packages}, OpenCV {cv2.__version__}.\n"
    )


_DETECTION_HEAD = (
    "match", "pictures", "people", "precision", "recall", "F1", "goalkeepers, F1", "referees, F1", "balls", "precision",
    "recall",
)  # fmt: skip


def _detection_row(match: str, score: DetectionScore) -> Sequence[str]:
    people, kinds, ball = score.people, score.kinds, score.ball
    return (
        match, str(score.pictures), str(people.labelled), *_ratios(people), _decimal(people.f1),
        _decimal(kinds[Kind.GOALKEEPER].f1), _decimal(kinds[Kind.REFEREE].f1), str(ball.labelled), *_ratios(ball),
    )  # fmt: skip


_REGISTRATION_HEAD = ("match", "frames", "valid", "points", "median error", "90 % within")


def _registration_row(match: str, score: RegistrationScore) -> Sequence[str]:
    errors = (f"{score.quantile_px(share):.1f} px" for share in (0.5, 0.9))
    return match, str(score.pictures), f"{score.valid_share:.0%}", str(len(score.errors_px)), *errors


_POSITIONS_HEAD = (
    "clip", "feet read", "found", "mean error", "median", "worst", "mean in pixels", "median", "worst",
    "calibration, median", "worst",
)  # fmt: skip


def _position_row(clip: str, score: PositionScore) -> Sequence[str]:
    return (
        clip, str(score.read), str(len(score.errors_m)), *_spread(score.errors_m, "m", 2),
        *_spread(score.errors_px, "px", 1), *_spread(score.calibration_errors_m, "m", 2)[1:],
    )  # fmt: skip


def _spread(errors: Sequence[float] | FloatArray, unit: str, decimals: int) -> tuple[str, ...]:
    """Mean, median and worst."""
    if not len(errors):
        return ("-",) * 3
    return tuple(f"{value:.{decimals}f} {unit}" for value in (np.mean(errors), np.median(errors), np.max(errors)))


_TRACKING_HEAD = ("footage", "frames", "people", "tracks", "HOTA", "IDF1", "MOTA", "switches")


def _tracking_row(name: str, score: TrackingScore) -> Sequence[str]:
    counts = (score.frames, score.people, score.tracks)
    measures = (score.hota, score.idf1, score.mota)
    return name, *map(str, counts), *map(_decimal, measures), str(score.switches)


_STITCHING_HEAD = (*_TRACKING_HEAD, "links", "wrong")


def _stitching_rows(name: str, score: StitchingScore) -> list[Sequence[str]]:
    links = str(score.links), str(score.wrong_links)
    return [
        (*_tracking_row(f"{name}, before", score.before), "-", "-"),
        (*_tracking_row(f"{name}, after", score.after), *links),
    ]


_SPEED_HEAD = (
    "clip", "picture", "codec", "frames", "analysed", "frames per second", "times real time", "CPU per frame",
    "reference, frames per second", "CPU", "times the reference", "by CPU", "peak memory", "load",
)  # fmt: skip


def _speed_row(name: str, score: SpeedScore) -> Sequence[str]:
    return (
        name, f"{score.width}x{score.height}", score.codec, str(score.frames), str(score.analysed),
        f"{score.engine.frames_per_second:.1f}", _decimal(score.real_time_factor), _milliseconds(score.engine),
        f"{score.reference.frames_per_second:.1f}", _milliseconds(score.reference),
        f"{score.times_reference:.1f}", f"{score.times_reference_by_cpu:.1f}",
        f"{score.peak_bytes / _MEGABYTE:.0f} MB", f"{score.load:.1f}",
    )  # fmt: skip


def _milliseconds(cost: Cost) -> str:
    return f"{1000 * cost.cpu_per_frame_s:.0f} ms"


def _ratios(counts: Counts) -> tuple[str, str]:
    return _decimal(counts.precision), _decimal(counts.recall)


def _decimal(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
