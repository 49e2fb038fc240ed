"""When a sample counts, and for how long: samples come at irregular times and with gaps."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MAX_GAP_S = 1.0
"""Longest silence that still counts as seen. A player at full speed is 10 m further after one second, so raising this
counts time and distance that nobody saw; lowering it breaks tracks at every occlusion."""


def sample_durations_s(times_s: FloatArray) -> FloatArray:
    """Seconds that each sample stands for, shape (N,), from increasing ``times_s`` (N,).

    A sample lasts until the next one. Before a gap, and at the end, it lasts for the median interval, so that N samples
    of a steady f-per-second video are N / f seconds. A single sample has no interval and stands for no time.
    """
    if len(times_s) < 2:
        return np.zeros(len(times_s))
    steps = np.diff(times_s)
    usual = float(np.median(steps))
    if usual > MAX_GAP_S:
        return np.zeros(len(times_s))
    return np.append(np.where(steps > MAX_GAP_S, usual, steps), usual)
