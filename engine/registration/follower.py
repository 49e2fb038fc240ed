"""Where the pitch lies in each picture of a video, one after the other.

Every picture's lines correct what the last registration and the motion of the camera foretell; now and then the network
looks afresh. Where neither agrees with the picture, the motion carries on for a moment, and then nothing is known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.registration.alignment import NEXT_SEARCH, align
from engine.registration.line_search import to_grey
from engine.registration.projection import is_plausible
from engine.registration.registrar import Registrar, Registration, is_supported
from engine.video import Picture

FloatArray = NDArray[np.float64]

LOOK_EVERY_S = 1.0
"""How often the network looks while lines are followed. Raising it costs less and lets a slip last longer."""
LOOK_WHEN_LOST_S = 0.2
CARRY_S = 0.5
"""How long motion alone is believed. Raising it bridges longer gaps, with places that drift."""
_CLEARLY = 0.04  # of the support
_SAME = 0.01  # widths of the picture by which two registrations of one picture may differ
_COMPARED = np.array([(x, y) for x in (0.2, 0.5, 0.8) for y in (0.5, 0.8)])  # of the picture


@dataclass(frozen=True, slots=True)
class _Last:
    registration: Registration
    measured_s: float  # when lines last agreed with it


class PitchFollower:
    """Remembers the last picture; one for each video."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar
        self._last: _Last | None = None
        self._look_s = 0.0

    def follow(self, picture: Picture, time_s: float, motion: FloatArray) -> Registration | None:
        """The registration of the next picture; ``motion`` (2, 3) is how the camera moved it since the last.

        Its error is None where motion alone has carried it here.
        """
        followed = self._follow_lines(picture, time_s, motion)
        if time_s >= self._look_s or (followed is None and self._was_sure()):
            followed = self._look(picture, time_s, followed)
        self._last = followed
        return None if followed is None else followed.registration

    def _was_sure(self) -> bool:
        return self._last is not None and self._last.registration.error_px is not None

    def _follow_lines(self, picture: Picture, time_s: float, motion: FloatArray) -> _Last | None:
        if self._last is None:
            return None
        foretold = self._last.registration.view.move(motion)
        found = align(foretold, to_grey(picture), search=NEXT_SEARCH)
        if is_supported(found) and is_plausible(found.view):
            return _Last(Registration(found.view, found.support, found.error_px), time_s)
        if time_s - self._last.measured_s > CARRY_S or not is_plausible(foretold):
            return None
        return _Last(Registration(foretold, 0.0, None), self._last.measured_s)

    def _look(self, picture: Picture, time_s: float, followed: _Last | None) -> _Last | None:
        """What the network sees, where that is better supported, or clearly elsewhere, than what lines have told."""
        seen = self._registrar.register(picture)
        self._look_s = time_s + (LOOK_WHEN_LOST_S if seen is None and followed is None else LOOK_EVERY_S)
        if seen is None or (followed is not None and not _is_better(seen, followed.registration)):
            return followed
        return _Last(seen, time_s)


def _is_better(seen: Registration, followed: Registration) -> bool:
    if seen.support > followed.support + _CLEARLY:
        return True
    return seen.support > followed.support - _CLEARLY and not _agree(seen, followed)


def _agree(one: Registration, other: Registration) -> bool:
    """Whether both put the same places of the pitch at the same places of the picture."""
    width, height = other.view.size
    compared = _COMPARED * np.array([width, height])
    offsets = np.linalg.norm(one.view.project(other.view.locate(compared)) - compared, axis=1)
    return bool(np.nanmedian(offsets) <= _SAME * width) if np.isfinite(offsets).any() else False
