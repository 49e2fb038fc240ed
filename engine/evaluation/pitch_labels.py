"""Pictures in which people have labelled points of the pitch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.labels import WIDE_FEED_SIZE, load_picture
from engine.video import Picture

FloatArray = NDArray[np.float64]

_BEFORE_POINTS = 5  # numbers of a label row before its points: class and box


@dataclass(frozen=True, slots=True)
class LabelledPitch:
    """``points`` (32, 2) are those of :data:`football.markings.PITCH_POINTS`, in pixels of ``size`` (width, height).

    Those that nobody labelled are NaN. What ``load`` returns may be stretched.
    """

    load: Callable[[], Picture]
    match: str
    size: tuple[int, int]
    points: FloatArray


def read_pitch_labels(root: Path) -> list[LabelledPitch]:
    """The frames below ``root``/images with their YOLO-pose labels, in the order of their names."""
    return [
        LabelledPitch(
            partial(load_picture, path),
            path.name.split("_")[0],
            WIDE_FEED_SIZE,
            _read_points(path.parents[1] / "labels" / f"{path.stem}.txt"),
        )
        for path in sorted((root / "images").glob("*.jpg"))
    ]


def _read_points(path: Path) -> FloatArray:
    values = np.array(path.read_text().split()[_BEFORE_POINTS:], dtype=np.float64).reshape(-1, 3)
    is_labelled = (values[:, 2] > 0) & (values[:, :2] > 0).all(axis=1)
    return np.where(is_labelled[:, np.newaxis], values[:, :2] * np.array(WIDE_FEED_SIZE), np.nan)
