"""Who stands off the pitch, as far as a registration tells: staff, substitutes, and boards taken for people."""

import numpy as np
from numpy.typing import NDArray

from engine.registration.registrar import Registration

FloatArray = NDArray[np.float64]

OFF_PITCH_M = 2.5
"""How far outside the lines somebody still counts. Assistant referees run a metre or two outside the touchline. Raising
it lets in substitutes who warm up, and boards; lowering it loses assistants and who fetches the ball for a corner."""
_FEET = 0.1  # of the height of a box: how far its lower edge may be from the feet


def are_on_pitch(boxes: FloatArray, registration: Registration | None) -> NDArray[np.bool_]:
    """Which people, ``boxes`` (N, 4) in picture pixels, stand on the pitch or near it, for all that is known.

    Everybody does where lines of the pitch have not been measured in this picture.
    """
    if registration is None or registration.error_px is None:
        return np.ones(len(boxes), np.bool_)
    middles, heights = (boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3] - boxes[:, 1]
    on_pitch = np.zeros(len(boxes), np.bool_)
    for share in (-_FEET, 0.0, _FEET):
        feet = registration.view.locate(np.column_stack([middles, boxes[:, 3] + share * heights]))
        on_pitch |= registration.view.pitch.contains(feet, margin_m=OFF_PITCH_M)
    return on_pitch
