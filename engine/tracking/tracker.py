"""People followed through a video. One :class:`Tracker` per video; its track numbers start at 1."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.ground import Ground
from engine.kinds import Kind
from engine.tracking.association import assign
from engine.tracking.kalman import KalmanState, correct, move, predict, start_state, weigh_offsets
from engine.tracking.mobility import find_mobility

FloatArray = NDArray[np.float64]
Box = tuple[float, float, float, float]

CONFIRM_AFTER_S = 0.2
"""How long somebody must be seen before the track counts. Raising it drops more flicker, and late arrivals with it."""
FORGET_AFTER_S = 1.5
"""How long a track waits for somebody hidden. Raising it bridges longer occlusions and risks a wrong person."""
CONFIDENT = 0.5
"""Detections below this may continue a track but not start one (Zhang et al., "ByteTrack", ECCV 2022, section 3)."""

_TENTATIVE_FORGET_S = 0.12
_GATE = 16.0  # squared Mahalanobis distance; 99.97 % of true pairs lie within
_MAX_JUMP = 1.2  # body heights between prediction and detection, however uncertain the prediction is
_SHIRT_SCALE = 9.0  # CIE Lab: the same shirt differs by about 7 between frames, two kits by 20 and more
_MAX_SHIRT_COST = 12.0  # a shirt measured through somebody else's arm must not part a person from the track
_HEIGHT_SCALE = 0.25
_SHIRT_MEMORY = 0.9
_SIZE_MEMORY = 0.8
_NEWS = 0.05  # what one sighting counts for the confidence of a track
_OCCUPIED = 0.5  # share of a new box that lies in a followed person's box: then it is a part of that person
_MIN_HITS = 3


@dataclass(frozen=True, slots=True)
class Sighting:
    """A detection ready for tracking: ``box`` (x_min, y_min, x_max, y_max), ``shirt`` (3,) in Lab."""

    box: Box
    confidence: float
    shirt: FloatArray
    kind: Kind | None = None

    @property
    def foot(self) -> FloatArray:
        return np.array([(self.box[0] + self.box[2]) / 2, self.box[3]])

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


@dataclass(slots=True, eq=False)
class Track:
    """A person followed; equal only to itself. ``number`` is 0 until the track is confirmed.

    ``confidence`` is that of the latest sightings, and less while there were few.
    """

    state: KalmanState
    height: float
    shirt: FloatArray
    started_s: float
    seen_s: float
    number: int = 0
    hits: int = 1
    confidence: float = 0.0
    box: Box = field(default=(0.0, 0.0, 0.0, 0.0))

    @property
    def is_confirmed(self) -> bool:
        return self.number > 0


@dataclass(frozen=True, slots=True)
class Match:
    """A track and the sighting that continued (or started) it in this frame."""

    track: Track
    sighting: Sighting


class Tracker:
    """Kalman prediction, Hungarian association on position, size and shirt colour."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self._confirmed = 0
        self._time_s = 0.0

    def update(
        self,
        sightings: Sequence[Sighting],
        time_s: float,
        *,
        motion: FloatArray | None = None,
        ground: Ground | None = None,
    ) -> list[Match]:
        """Take the sightings of the next frame; ``motion`` (2, 3) is how the camera moved the picture since the last,
        and ``ground`` where the pitch lies in this one, where that is known.

        Returns the tracks seen in this frame, unconfirmed ones too: they may be confirmed later.
        """
        self._predict(time_s, motion, ground)
        strong = [one for one in sightings if one.confidence >= CONFIDENT]
        weak = [one for one in sightings if one.confidence < CONFIDENT]
        known = [track for track in self._tracks if track.is_confirmed]
        matches, waiting, unclaimed = self._associate(known, strong)
        rescued, _, _ = self._associate(waiting, weak)
        tried, _, unclaimed = self._associate([track for track in self._tracks if not track.is_confirmed], unclaimed)
        matches += rescued + tried
        self._continue(matches, time_s)
        matches += self._start(self._new_people(unclaimed, matches), time_s, ground)
        self._forget(time_s)
        return matches

    def _predict(self, time_s: float, motion: FloatArray | None, ground: Ground | None) -> None:
        elapsed_s = max(0.0, time_s - self._time_s)
        self._time_s = time_s
        if not self._tracks:
            return
        everybody = KalmanState.of_all([track.state for track in self._tracks])
        if motion is not None:
            everybody = move(everybody, motion)
        heights = np.array([track.height for track in self._tracks])
        mobility = find_mobility(everybody.mean[:, :2], heights, ground)
        for track, state in zip(self._tracks, predict(everybody, elapsed_s, mobility.change).split(), strict=True):
            track.state = state

    def _associate(
        self, tracks: list[Track], sightings: list[Sighting]
    ) -> tuple[list[Match], list[Track], list[Sighting]]:
        assignment = assign(_costs(tracks, sightings))
        return (
            [Match(tracks[row], sightings[column]) for row, column in assignment.pairs],
            [tracks[row] for row in assignment.lone_tracks],
            [sightings[column] for column in assignment.lone_detections],
        )

    def _continue(self, matches: list[Match], time_s: float) -> None:
        if not matches:
            return
        everybody = KalmanState.of_all([match.track.state for match in matches])
        feet = np.array([match.sighting.foot for match in matches])
        heights = np.array([match.track.height for match in matches])
        doubts = np.array([_doubt(match.sighting) for match in matches])
        for match, state in zip(matches, correct(everybody, feet, heights, doubt=doubts).split(), strict=True):
            match.track.state = state
            self._remember(match, time_s)

    def _remember(self, match: Match, time_s: float) -> None:
        track, sighting = match.track, match.sighting
        track.height = _SIZE_MEMORY * track.height + (1 - _SIZE_MEMORY) * sighting.height
        track.shirt = _SHIRT_MEMORY * track.shirt + (1 - _SHIRT_MEMORY) * sighting.shirt
        track.confidence += _NEWS * (sighting.confidence - track.confidence)
        track.box = sighting.box
        track.seen_s = time_s
        track.hits += 1
        if not track.is_confirmed and track.hits >= _MIN_HITS and time_s - track.started_s >= CONFIRM_AFTER_S:
            self._confirmed += 1
            track.number = self._confirmed

    def _new_people(self, sightings: list[Sighting], matches: list[Match]) -> list[Sighting]:
        taken = [match.sighting.box for match in matches if match.track.is_confirmed]
        return [one for one in sightings if all(_covered_share(one.box, box) < _OCCUPIED for box in taken)]

    def _start(self, people: list[Sighting], time_s: float, ground: Ground | None) -> list[Match]:
        if not people:
            return []
        feet, heights = np.array([one.foot for one in people]), np.array([one.height for one in people])
        unknown = find_mobility(feet, heights, ground).unknown
        states = [start_state(*one) for one in zip(feet, heights, unknown, strict=True)]
        tracks = [
            Track(state, one.height, one.shirt, time_s, time_s, box=one.box)
            for state, one in zip(states, people, strict=True)
        ]
        self._tracks += tracks
        return [Match(*one) for one in zip(tracks, people, strict=True)]

    def _forget(self, time_s: float) -> None:
        self._tracks = [
            track
            for track in self._tracks
            if time_s - track.seen_s <= (FORGET_AFTER_S if track.is_confirmed else _TENTATIVE_FORGET_S)
        ]


def _doubt(sighting: Sighting) -> float:
    """A half-hidden person's feet are guessed: trust them less."""
    return 1.0 + 2.0 * (1.0 - sighting.confidence)


def _costs(tracks: list[Track], sightings: list[Sighting]) -> FloatArray:
    """Negative log-likelihoods (tracks, sightings) up to a constant; infinite outside the gate.

    The log of the determinant makes a track that waits for long, and so is uncertain of its place, give way to one
    seen a moment ago.
    """
    if not tracks or not sightings:
        return np.empty((len(tracks), len(sightings)))
    heights = np.array([track.height for track in tracks])[:, np.newaxis]
    offsets = (
        np.array([one.foot for one in sightings]) - np.array([track.state.mean[:2] for track in tracks])[:, np.newaxis]
    )
    doubts = np.array([_doubt(one) for one in sightings])
    distances2, determinants = weigh_offsets([track.state for track in tracks], offsets, heights, doubts)
    shirts = np.array([track.shirt for track in tracks])[:, np.newaxis] - np.array([one.shirt for one in sightings])
    shirts2 = np.sum(shirts**2, axis=2) / _SHIRT_SCALE**2
    growths2 = (np.log(np.array([one.height for one in sightings]) / heights) / _HEIGHT_SCALE) ** 2
    spreads = np.log(determinants / heights**4)
    costs = distances2 + np.minimum(shirts2, _MAX_SHIRT_COST) + np.minimum(growths2, 4.0) + spreads
    is_far = (np.hypot(offsets[..., 0], offsets[..., 1]) > _MAX_JUMP * heights) | (distances2 > _GATE)
    return np.asarray(np.where(is_far, np.inf, costs), dtype=np.float64)


def _covered_share(box: Box, other: Box) -> float:
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / ((box[2] - box[0]) * (box[3] - box[1]))
