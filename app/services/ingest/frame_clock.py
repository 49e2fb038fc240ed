"""From frame numbers to seconds, for CSV files that carry no time column."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class FrameClock(Protocol):
    """Knows when each frame of a video is shown."""

    def times_s(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        """Seconds from the first frame for 1-based ``frames``, shape (N,); never decreasing with the frame."""
        ...


@dataclass(frozen=True, slots=True)
class ConstantRate:
    """A video that is known only by its frame rate, frames per second."""

    fps: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.fps) and self.fps > 0):
            raise ValueError(f"A frame rate is a positive number, got {self.fps}.")

    def times_s(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        return (frames - 1) / self.fps


@dataclass(frozen=True, slots=True)
class PresentationTimes:
    """A video whose time stamps were read, frame by frame: ``stamps_s[0]`` is the time of frame 1.

    An engine may count frames that the probe did not see; they follow at the median interval.
    """

    stamps_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        steps = np.diff(self.stamps_s)
        # Broken recorders write a time twice; the kinematics reject the second sample.
        if not steps.any() or not (steps >= 0).all():
            raise ValueError("Presentation times are at least two different ones, and do not decrease.")

    def times_s(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        last = len(self.stamps_s) - 1
        index = frames - 1
        beyond = np.maximum(index - last, 0)
        steps = np.diff(self.stamps_s)
        interval_s = float(np.median(steps[steps > 0]))
        return np.asarray(self.stamps_s[np.clip(index, 0, last)] + beyond * interval_s, dtype=np.float64)
