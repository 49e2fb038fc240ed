"""Steady foot points: a stride moves the lower edge of a box by decimetres while the person moves on evenly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

WINDOW_S = 0.4
"""Samples this far to either side count. A stride takes about 0.6 s, so its swing averages out; a longer window would
round off turns."""

_DEVIATION_S = 0.22


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured at one time: ``values`` (K,) in any unit; ``weight`` above 0."""

    time_s: float
    values: FloatArray
    weight: float


def smooth_at(samples: list[Sample], time_s: float) -> FloatArray:
    """Values (K,) at ``time_s`` by local linear regression with Gaussian weights (Cleveland, "Robust locally weighted
    regression", JASA 1979), without its robustness step. ``samples`` must hold at least one sample in the window."""
    near = [sample for sample in samples if abs(sample.time_s - time_s) <= WINDOW_S]
    offsets = np.array([sample.time_s - time_s for sample in near])
    values = np.array([sample.values for sample in near])
    weights = np.array([sample.weight for sample in near]) * np.exp(-0.5 * (offsets / _DEVIATION_S) ** 2)
    shares = weights / weights.sum()
    mean, middle = shares @ values, shares @ offsets
    from_middle = offsets - middle
    spread = shares @ from_middle**2
    if spread < 1e-6:
        return np.asarray(mean, dtype=np.float64)
    slope = (shares * from_middle) @ values / spread
    return np.asarray(mean - slope * middle, dtype=np.float64)
