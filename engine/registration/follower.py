"""Where the pitch lies in each picture of a video, one after the other.

Every picture's lines correct what the last registration and the motion of the camera foretell; now and then the network
looks afresh. Where neither agrees with the picture, the motion carries on for a moment, and then nothing is known.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.registration.alignment import NEXT_SEARCH, align
from engine.registration.line_search import to_grey
from engine.registration.projection import PictureView, is_plausible
from engine.registration.registrar import Registrar, Registration, is_contradicted, is_doubtful, is_supported
from engine.video import Picture

FloatArray = NDArray[np.float64]

LOOK_EVERY_S = 1.0
"""How often the network looks while lines are followed. Raising it costs less and lets a slip last longer."""
LOOK_WHEN_LOST_S = 0.2
CARRY_S = 0.5
"""How long motion alone is believed. Raising it bridges longer gaps, with places that drift."""
DOUBT_S = 5.0
"""How long a direction that the lines leave free may stay so, as in a close view of the centre circle: it drifts."""
_CLEARLY = 0.04  # of the support
_SAME = 0.01  # widths of the picture by which two registrations of one picture may differ
_COMPARED = np.array([(x, y) for x in (0.2, 0.5, 0.8) for y in (0.5, 0.8)])  # of the picture


@dataclass(frozen=True, slots=True)
class _Last:
    registration: Registration
    measured_s: float  # when lines last agreed with it
    sure_s: float  # when they last left no direction free


class PitchFollower:
    """Remembers the last picture; one for each video."""

    def __init__(self, registrar: Registrar, *, seed: PictureView | None = None) -> None:
        """``seed`` is where somebody says that the pitch lies in the first picture."""
        self._registrar = registrar
        self._seed = seed
        self._last: _Last | None = None
        self._look_s = 0.0
        self._shot = 0

    def follow(self, picture: Picture, time_s: float, motion: FloatArray) -> Registration | None:
        """The registration of the next picture; ``motion`` (2, 3) is how the camera moved it since the last.

        Its error is None where motion alone has carried it here.
        """
        seed, self._seed = self._seed, None
        followed = self._follow_lines(picture, time_s, motion) if seed is None else self._begin(seed, picture, time_s)
        if time_s >= self._look_s or (not _is_measured(followed) and _is_measured(self._last)):
            followed = self._look(picture, time_s, followed)
        self._last = followed
        return None if followed is None else followed.registration

    def _begin(self, seed: PictureView, picture: Picture, time_s: float) -> _Last:
        """From the seed, moved to the lines if they are there. If not, it is believed for as long as motion is."""
        found = align(seed, to_grey(picture))
        if not is_supported(found) or not is_plausible(found.view):
            return _Last(Registration(seed, 0.0, None), time_s, time_s)
        self._look_s = time_s + LOOK_EVERY_S
        return _Last(Registration(found.view, found.support, found.error_px), time_s, time_s)

    def _follow_lines(self, picture: Picture, time_s: float, motion: FloatArray) -> _Last | None:
        if self._last is None:
            return None
        foretold = self._last.registration.view.move(motion)
        found = align(foretold, to_grey(picture), search=NEXT_SEARCH)
        if is_supported(found) and is_plausible(found.view):
            sure_s = self._last.sure_s if is_doubtful(found) else time_s
            registration = Registration(found.view, found.support, found.error_px, self._shot)
            return None if time_s - sure_s > DOUBT_S else _Last(registration, time_s, sure_s)
        if time_s - self._last.measured_s > CARRY_S or is_contradicted(found) or not is_plausible(foretold):
            return None
        return replace(self._last, registration=Registration(foretold, 0.0, None, self._shot))

    def _look(self, picture: Picture, time_s: float, followed: _Last | None) -> _Last | None:
        """What the network sees, where that is better supported, or clearly elsewhere, than what lines have told."""
        seen = self._registrar.register(picture)
        if seen is not None and followed is not None:
            seen = _name_alike(seen, followed.registration)
        if seen is not None and (followed is None or _is_better(seen, followed.registration)):
            if followed is None or not _agree(seen, followed.registration):
                self._shot += 1
            followed = _Last(replace(seen, shot=self._shot), time_s, time_s)
        self._look_s = time_s + (LOOK_EVERY_S if _is_measured(followed) else LOOK_WHEN_LOST_S)
        return followed


def _is_measured(last: _Last | None) -> bool:
    """Whether lines have told it, and not motion alone."""
    return last is not None and last.registration.error_px is not None


def _is_better(seen: Registration, followed: Registration) -> bool:
    if seen.support > followed.support + _CLEARLY:
        return True
    return seen.support > followed.support - _CLEARLY and not _agree(seen, followed)


def _name_alike(seen: Registration, followed: Registration) -> Registration:
    """By the other naming of the sides where that is the one which has been followed: lines fit either."""
    renamed = replace(seen, view=seen.view.turn_round())
    return renamed if _agree(renamed, followed) else seen


def _agree(one: Registration, other: Registration) -> bool:
    """Whether both put the same places of the pitch at the same places of the picture."""
    width, height = other.view.size
    compared = _COMPARED * np.array([width, height])
    offsets = np.linalg.norm(one.view.project(other.view.locate(compared)) - compared, axis=1)
    return bool(np.nanmedian(offsets) <= _SAME * width) if np.isfinite(offsets).any() else False
