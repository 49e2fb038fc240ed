"""The ball among what a network takes for balls: the path that has most to say for it, and that no ball need jump to.

Track before detect: evidence is gathered along paths through the candidates of successive frames, so that a faint ball
that goes on is believed, and a bright spot that shines up once, or lies by the touchline, gives way to it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.ball import BallCandidate, BallSighting
from engine.person_size import PERSON_HEIGHT_M

FloatArray = NDArray[np.float64]

FASTEST_MPS = 36.0
"""Hard shots leave the foot with about 35 m/s. Nothing is told that lies farther from what was told before."""
BELIEVED = 1.2
"""Evidence from which a path is told. Raising it leaves out a ball that is seen for a moment only."""

_FASTEST = FASTEST_MPS / PERSON_HEIGHT_M  # body heights per second
_FORGET_S = 0.5
_FADE_S = 1.0  # in which old evidence loses its weight
_BENEFIT = 0.6  # added to the log-odds of each sighting: networks are modest about balls
_MOVES = 0.6  # evidence of a sighting that is farther on: what lies about is rarely the ball that is played
_MOVED = 0.12  # body heights between two sightings
_SLACK = 0.4  # body heights by which places of boxes and balls err
_TURNS = 4.0  # body heights per second by which the ball is off what it did before, usually
_MOST_MISFIT = 2.5
_MOST_PATHS = 24
_NEWS = 0.3  # what the latest sighting counts for the confidence


@dataclass(frozen=True, slots=True)
class _Path:
    """Where a chain of candidates ends: pixels, pixels per second, and what speaks for it, in sum and of late."""

    place: FloatArray
    velocity: FloatArray
    body_px: float
    seen_s: float
    evidence: float
    confidence: float


class BallPaths:
    """Chooses among candidates with confidences. One per video."""

    def __init__(self) -> None:
        self._paths: list[_Path] = []
        self._told: _Path | None = None

    def update(
        self, candidates: Sequence[BallCandidate], time_s: float, *, motion: FloatArray | None = None
    ) -> BallSighting | None:
        """Take the next frame; return the ball if it is seen in it."""
        if motion is not None:
            self._paths = [_move(path, motion) for path in self._paths]
            self._told = None if self._told is None else _move(self._told, motion)
        self._paths = [path for path in self._paths if time_s - path.seen_s <= _FORGET_S]
        fresh = [self._lead_to(candidate, time_s) for candidate in candidates]
        self._paths = sorted([*fresh, *self._paths], key=lambda path: -path.evidence)[:_MOST_PATHS]
        best = max(fresh, key=lambda path: path.evidence, default=None)
        if best is None or best.evidence < BELIEVED or not self._is_within_reach(best):
            return None
        self._told = best
        return BallSighting(best.place, best.confidence)

    def _lead_to(self, candidate: BallCandidate, time_s: float) -> _Path:
        """The best path that ends with a candidate; it may begin there."""
        own, sure = _weigh(candidate), candidate.confidence
        start = _Path(candidate.centre, np.zeros(2), candidate.body_px, time_s, own, sure)
        ways = (_go_on(path, start) for path in self._paths if path.seen_s < time_s and _can_reach(path, start))
        return max([start, *ways], key=lambda path: path.evidence)

    def _is_within_reach(self, path: _Path) -> bool:
        return self._told is None or _can_reach(self._told, path)


def _weigh(candidate: BallCandidate) -> float:
    """Log-odds of a candidate's confidence."""
    chance = min(0.99, max(0.01, candidate.confidence))
    return math.log(chance / (1 - chance)) + _BENEFIT


def _can_reach(path: _Path, later: _Path) -> bool:
    way = float(np.hypot(*(later.place - path.place))) / later.body_px
    return way <= _SLACK + _FASTEST * (later.seen_s - path.seen_s)


def _go_on(path: _Path, later: _Path) -> _Path:
    elapsed_s = later.seen_s - path.seen_s
    step = later.place - path.place
    strayed = float(np.hypot(*(step - path.velocity * elapsed_s))) / later.body_px
    misfit = min(0.5 * (strayed / (_SLACK + _TURNS * elapsed_s)) ** 2, _MOST_MISFIT)
    moves = _MOVES if float(np.hypot(*step)) >= _MOVED * later.body_px else 0.0
    kept = path.evidence * math.exp(-elapsed_s / _FADE_S)
    evidence = kept + later.evidence + moves - misfit
    velocity = np.asarray(0.5 * path.velocity + 0.5 * step / elapsed_s, dtype=np.float64)
    confidence = path.confidence + _NEWS * (later.confidence - path.confidence)
    return replace(later, velocity=velocity, evidence=evidence, confidence=confidence)


def _move(path: _Path, motion: FloatArray) -> _Path:
    linear = motion[:, :2]
    return replace(path, place=linear @ path.place + motion[:, 2], velocity=linear @ path.velocity)
