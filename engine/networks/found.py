"""What every network finds, whatever its format."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.boxes import drop_overlapping
from engine.kinds import PEOPLE, Kind
from engine.video import Picture

FloatArray = NDArray[np.float64]

SAME_PERSON = 0.6
"""Overlap from which two boxes are of one person. Raising it keeps people apart who run side by side, and leaves
doubles."""


@dataclass(frozen=True, slots=True)
class Found:
    """The likeliest first; all in pixels of the picture.

    ``boxes`` (N, 4), ``confidences`` (N,) and ``chances`` (N, 3), of each kind in PEOPLE, are of people, ``balls``
    (M, 2) and ``ball_confidences`` (M,) of balls.
    """

    boxes: FloatArray
    confidences: FloatArray
    chances: FloatArray
    balls: FloatArray
    ball_confidences: FloatArray

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The likeliest of each person."""
        return likeliest_kinds(self.chances)

    def choose(self, people: NDArray[np.bool_] | NDArray[np.int64]) -> "Found":
        """Only these people, by a mask (N,) or by numbers; all the balls."""
        return replace(
            self, boxes=self.boxes[people], confidences=self.confidences[people], chances=self.chances[people]
        )


class Network(Protocol):
    """Sees each picture by itself. Several threads may use it at a time."""

    def find(self, picture: Picture, *, least: float, body_px: float | None = None) -> Found:
        """People and balls of at least this confidence; ``body_px`` is how tall people look, where that is known."""
        ...


def likeliest_kinds(chances: FloatArray) -> tuple[Kind, ...]:
    """Of each of N people, by chances (N, 3)."""
    return tuple(PEOPLE[index] for index in chances.argmax(axis=1).tolist())


def drop_doubles(boxes: FloatArray, confidences: FloatArray) -> NDArray[np.int64]:
    """Which boxes remain when nobody is found twice, the likeliest first."""
    order = np.argsort(-confidences, kind="stable")
    return order[drop_overlapping(boxes[order], most=SAME_PERSON)]
