"""How people move, for the tracker: in metres where the pitch is known, in heights of bodies where it is not.

Seen from the side and not from far above, a step towards the camera is a fraction of the same step across it. By
heights of bodies both would be expected alike, and whoever comes by behind somebody would be within reach.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ground import Ground
from engine.person_size import PERSON_HEIGHT_M

FloatArray = NDArray[np.float64]

RESTLESSNESS_MPS = 3.0
"""Standard deviation of the change of speed within a second, along each axis of the pitch. Footballers brake and turn
with up to 6 m/s², but most of the time with far less. Raising it follows turns sooner, lets the estimate jitter, and
mistakes people for each other where few frames a second are looked at."""
RESTLESSNESS_IN_BODIES_MPS = 2.0
"""The same where only bodies tell how long a metre is: too little across the view, and too much along it."""
_FIRST_SPEED_MPS = 3.0  # standard deviation of the unknown speed of a new track
_LEAST_BODY, _MOST_BODY = 0.3, 3.0  # heights of people by what the ground foretells; beyond, one of them is wrong


@dataclass(frozen=True, slots=True)
class Mobility:
    """Covariances (N, 2, 2), squared pixels per second: of the ``change`` of velocity within a second, and of the
    ``unknown`` velocity of somebody who is seen for the first time."""

    change: FloatArray
    unknown: FloatArray


def find_mobility(feet: FloatArray, heights: FloatArray, ground: Ground | None) -> Mobility:
    """Of people at ``feet`` (N, 2) who are ``heights`` (N,) tall, pixels."""
    metres = (heights / PERSON_HEIGHT_M)[:, np.newaxis, np.newaxis] * np.eye(2)
    restlessness = np.full(len(heights), RESTLESSNESS_IN_BODIES_MPS)
    if ground is not None:
        seen = ground.pixels_of_metre(feet)
        known = _are_credible(seen, heights)
        metres[known], restlessness[known] = seen[known], RESTLESSNESS_MPS
    of_metre = metres @ metres.swapaxes(1, 2)
    return Mobility(restlessness[:, np.newaxis, np.newaxis] ** 2 * of_metre, _FIRST_SPEED_MPS**2 * of_metre)


def _are_credible(metres: FloatArray, heights: FloatArray) -> NDArray[np.bool_]:
    """Where people look as tall as metres (N, 2, 2) on the ground let expect; a view from above shortens them."""
    longest = np.linalg.norm(np.nan_to_num(metres), ord=2, axis=(1, 2))
    with np.errstate(divide="ignore"):
        bodies = heights / (PERSON_HEIGHT_M * longest)
    return np.asarray((bodies > _LEAST_BODY) & (bodies < _MOST_BODY))
