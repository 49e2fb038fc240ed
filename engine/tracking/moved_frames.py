"""How a moving camera has shifted frames that are near in time, so that places of several frames can be compared.

A similarity is held as two complex numbers: it takes a place z to a * z + b.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_MOST_ZOOM = 2.0
"""Between two frames; more is no camera that moves but a cut, or nothing."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """Of pixels of one frame to those of another; the size of what is seen grows by the length of ``turn``."""

    turn: complex = 1.0
    shift: complex = 0.0

    def after(self, first: "Similarity") -> "Similarity":
        """``first`` and then this one."""
        return Similarity(self.turn * first.turn, self.turn * first.shift + self.shift)

    def invert(self) -> "Similarity":
        return Similarity(1 / self.turn, -self.shift / self.turn)

    def move(self, foot_and_size: FloatArray) -> FloatArray:
        """Of x, y, width and height (4,), pixels."""
        x, y, width, height = foot_and_size.tolist()
        place, zoom = self.turn * complex(x, y) + self.shift, abs(self.turn)
        return np.array([place.real, place.imag, zoom * width, zoom * height])


class MovedFrames:
    """Remembers the motions of frames from the oldest that is asked about on."""

    def __init__(self) -> None:
        self._steps: deque[tuple[float, Similarity | None]] = deque()  # since the frame before; None at a cut

    def add(self, time_s: float, motion: FloatArray | None) -> None:
        """``motion`` (2, 3) is how the camera moved the picture since the last frame; None if it never moves."""
        if motion is None:
            return
        step = Similarity(complex(motion[0, 0], motion[1, 0]), complex(motion[0, 2], motion[1, 2]))
        is_motion = 1 / _MOST_ZOOM <= abs(step.turn) <= _MOST_ZOOM
        self._steps.append((time_s, step if is_motion else None))

    def find_ways(self, time_s: float, *, within_s: float) -> dict[float, Similarity]:
        """By the times of frames at most ``within_s`` away, what takes their pixels to those of the frame at
        ``time_s``; frames beyond a cut are missing. What is older is forgotten. Empty for a camera that never moves.
        """
        while self._steps and self._steps[0][0] < time_s - within_s:
            self._steps.popleft()
        ways = {}
        earlier = [step for step in self._steps if step[0] <= time_s]
        later = [step for step in self._steps if time_s < step[0] <= time_s + within_s]
        way: Similarity | None = Similarity()
        for at_s, step in reversed(earlier):
            if way is None:
                break
            ways[at_s] = way
            way = None if step is None else way.after(step)
        way = Similarity()
        for at_s, step in later:
            if step is None:
                break
            way = way.after(step.invert())
            ways[at_s] = way
        return ways
