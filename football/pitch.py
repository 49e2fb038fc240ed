"""The pitch and its axes, written down once.

Origin: the far left corner as the main camera sees it. x runs along the touchline to the right (0 to ``length_m``),
y runs along the goal line towards the camera (0 to ``width_m``). Metres throughout. Markings after Law 1 of the
IFAB Laws of the Game.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who has points has NumPy; a server that knows how large a pitch is need not load it
    import numpy as np
    from numpy.typing import NDArray

PENALTY_AREA_DEPTH_M = 16.5
PENALTY_AREA_WIDTH_M = 40.32
GOAL_AREA_DEPTH_M = 5.5
GOAL_AREA_WIDTH_M = 18.32
GOAL_WIDTH_M = 7.32
CENTRE_CIRCLE_RADIUS_M = 9.15
PENALTY_MARK_DISTANCE_M = 11.0
LEAST_LENGTH_M, MOST_LENGTH_M = 90.0, 120.0
LEAST_WIDTH_M, MOST_WIDTH_M = 45.0, 90.0


@dataclass(frozen=True, slots=True)
class Pitch:
    """Size of a pitch in metres. The markings on it have the same size on all of them."""

    length_m: float = 105.0
    width_m: float = 68.0

    @property
    def is_lawful(self) -> bool:
        """Whether Law 1 allows this size; NaN is none."""
        return LEAST_LENGTH_M <= self.length_m <= MOST_LENGTH_M and LEAST_WIDTH_M <= self.width_m <= MOST_WIDTH_M

    def contains(self, points_m: "NDArray[np.float64]", *, margin_m: float = 0.0) -> "NDArray[np.bool_]":
        """Tell which of ``points_m``, shape (N, 2), lie on the pitch or within ``margin_m`` of it; NaN lies outside."""
        x, y = points_m[:, 0], points_m[:, 1]
        along = (x >= -margin_m) & (x <= self.length_m + margin_m)
        across = (y >= -margin_m) & (y <= self.width_m + margin_m)
        inside: NDArray[np.bool_] = along & across
        return inside


STANDARD_PITCH = Pitch()
