"""The network that we train (``training/pitch``): where it sees points of the pitch in one picture."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.networks.session import open_session
from engine.video import Picture

FloatArray = NDArray[np.float64]
Maps = NDArray[np.float32]

OUR_PITCH_NETWORK = Path(__file__).parents[1] / "networks" / "pitch.onnx"
"""What ``training/pitch`` has trained; docs/pitch-card.md says on what."""
POINT_MAPS = "points"
POINT_STRIDE = 4
"""Pixels of the network's picture per cell of its maps."""

_WIDTH = 512
"""Pictures are scaled to this width. Raising it shows far points larger than the network has learnt them."""
_MULTIPLE = 32
_REACH = 2  # cells on either side of the likeliest one that tell where in it a point lies


@dataclass(frozen=True, slots=True)
class Sight:
    """``numbers`` (N,) of :data:`football.markings.PITCH_POINTS` that were seen at ``places`` (N, 2), in pixels of the
    picture, with ``chances`` (N,) of the place being right."""

    numbers: NDArray[np.int64]
    places: FloatArray
    chances: FloatArray


class PitchSight:
    """Sees each picture by itself. It may be used by one thread at a time."""

    def __init__(self, weights: Path = OUR_PITCH_NETWORK, *, threads: int) -> None:
        self._session = open_session(weights, threads=threads)

    def see(self, picture: Picture, *, least: float) -> Sight:
        """Points of at least this chance."""
        height, width = picture.shape[:2]
        rows = max(1, round(_WIDTH * height / width / _MULTIPLE)) * _MULTIPLE
        fitting = cv2.resize(picture, (_WIDTH, rows), interpolation=cv2.INTER_AREA)
        (maps,) = self._session.run([POINT_MAPS], {"pictures": cv2.dnn.blobFromImage(fitting)})
        seen = read_points(maps[0], least=least)
        return Sight(seen.numbers, seen.places * np.array([width / _WIDTH, height / rows]), seen.chances)


def read_points(maps: Maps, *, least: float) -> Sight:
    """Points in chances of places (43, H, W), in pixels of the network's picture.

    The place is the mean of the cells around the likeliest one, weighted by their chances, whose sum is the chance.
    """
    count, _, columns = maps.shape
    likeliest = maps.reshape(count, -1).argmax(axis=1)
    padded = np.pad(maps, ((0, 0), (_REACH, _REACH), (_REACH, _REACH)))
    steps = np.arange(2 * _REACH + 1)
    down, across = likeliest // columns, likeliest % columns
    near = padded[
        np.arange(count)[:, np.newaxis, np.newaxis],
        down[:, np.newaxis, np.newaxis] + steps[:, np.newaxis],
        across[:, np.newaxis, np.newaxis] + steps,
    ].astype(np.float64)
    chances = near.sum(axis=(1, 2))
    offsets = steps - _REACH
    x = across + 0.5 + (near.sum(axis=1) @ offsets) / np.maximum(chances, 1e-9)
    y = down + 0.5 + (near.sum(axis=2) @ offsets) / np.maximum(chances, 1e-9)
    seen = np.flatnonzero(chances >= least)
    return Sight(seen, POINT_STRIDE * np.column_stack([x, y])[seen], chances[seen])
