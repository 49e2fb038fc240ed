"""What looks like a ball and has stood where it is: marks of the pitch, and things that lie beside it.

Only where a registration tells which places of two pictures are one place on the ground.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.ball import BallCandidate
from engine.registration.projection import PictureView
from engine.registration.registrar import Registration
from football.markings import locate_points

FloatArray = NDArray[np.float64]

STANDS_AFTER_S = 1.0
"""How long something must have been seen in one place. Raising it takes more bottles for the ball for a moment;
lowering it takes a ball that somebody keeps at the feet for one of them, which then may not turn as sharply."""
_ENOUGH_SIGHTINGS = 4
_SAME_PLACE = 0.2  # body heights, 0.36 m: somewhat more than a ball is wide
_FORGET_S = 10.0
_NEWS = 0.2  # what the latest sighting counts for where a place is


class StandingPlaces:
    """Remembers where on the ground candidates were seen. One per video."""

    def __init__(self) -> None:
        self._places = np.empty((0, 2))  # metres
        self._first_s, self._last_s, self._sightings = np.empty(0), np.empty(0), np.empty(0)

    def mark(
        self, candidates: Sequence[BallCandidate], registration: Registration | None, time_s: float
    ) -> list[BallCandidate]:
        """The candidates of the next picture, with ``stood`` set of those that are where a mark is, or something was.

        None is where no line of the pitch was measured in this picture.
        """
        if registration is None or registration.error_px is None or not candidates:
            return list(candidates)
        self._forget(time_s)
        centres = np.array([one.centre for one in candidates])
        reaches = _SAME_PLACE * np.array([one.body_px for one in candidates])
        stood = _find_near(registration.view, locate_points(registration.view.pitch), centres, reaches) >= 0
        same = _find_near(registration.view, self._places, centres, reaches)
        stood[same >= 0] |= self._have_stood(time_s)[same[same >= 0]]
        self._remember(registration.view.locate(centres), same, time_s)
        return [replace(one, stood=bool(has)) for one, has in zip(candidates, stood, strict=True)]

    def _have_stood(self, time_s: float) -> NDArray[np.bool_]:
        return (time_s - self._first_s >= STANDS_AFTER_S) & (self._sightings >= _ENOUGH_SIGHTINGS)

    def _forget(self, time_s: float) -> None:
        """What was seen for a moment only is forgotten as soon."""
        kept = time_s - self._last_s <= np.minimum(_FORGET_S, STANDS_AFTER_S + self._last_s - self._first_s)
        self._places, self._sightings = self._places[kept], self._sightings[kept]
        self._first_s, self._last_s = self._first_s[kept], self._last_s[kept]

    def _remember(self, metres: FloatArray, same: NDArray[np.int64], time_s: float) -> None:
        """``same`` (N,) are the places that those at ``metres`` (N, 2) were seen at before; -1: at none."""
        again, places = same >= 0, same[same >= 0]
        self._places[places] += _NEWS * (metres[again] - self._places[places])
        self._sightings[places] += 1
        self._last_s[places] = time_s
        fresh = metres[~again & np.isfinite(metres).all(axis=1)]
        now = np.full(len(fresh), time_s)
        self._places = np.concatenate([self._places, fresh])
        self._first_s, self._last_s = np.concatenate([self._first_s, now]), np.concatenate([self._last_s, now])
        self._sightings = np.concatenate([self._sightings, np.ones(len(fresh))])


def _find_near(view: PictureView, places: FloatArray, centres: FloatArray, reaches: FloatArray) -> NDArray[np.int64]:
    """Which of ``places`` (K, 2), metres, is nearest to each of ``centres`` (N, 2), pixels; -1 if none is in reach."""
    if not len(places):
        return np.full(len(centres), -1)
    offsets = np.linalg.norm(view.project(places) - centres[:, np.newaxis], axis=2)
    offsets = np.nan_to_num(offsets, nan=np.inf)
    nearest = offsets.argmin(axis=1)
    return np.where(offsets[np.arange(len(centres)), nearest] <= reaches, nearest, -1)
