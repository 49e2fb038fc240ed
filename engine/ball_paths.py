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
RESTS_S = 2.0
"""A ball that has not moved for longer, or not yet, is not told until it does: spare balls lie beside the pitch, marks
upon it. Raising it tells the ball longer while people get ready for a free kick, and more spare balls with it."""

_FASTEST = FASTEST_MPS / PERSON_HEIGHT_M  # body heights per second
_FORGET_S = 0.5
_FADE_S = 1.0  # in which old evidence loses its weight
_BENEFIT = 0.6  # added to the log-odds of each sighting: networks are modest about balls
_MOVES = 0.6  # evidence of a sighting that is farther on: what lies about is rarely the ball that is played
_MOVED = 0.12  # body heights between two sightings
_SLACK = 0.4  # body heights by which places of boxes and balls err
_TURNS = 8.0  # body heights per second by which the ball is off what it did before, usually
_PASSES_WITHIN = 0.4
"""Body heights by which a ball that goes on as it did may miss what stood there before. Farther off, it turns towards a
mark of the pitch or a bottle less often than it is lost sight of."""
_MOST_EVIDENCE = 12.0  # or a path that is known for long would lend too much to whatever comes after it
_LIVELY = 0.5  # body heights off where it was of late: then it moves
_MOST_PATHS = 24
_NEWS = 0.3  # what the latest sighting counts for the confidence


@dataclass(frozen=True, slots=True)
class _Path:
    """Where a chain of candidates ends: pixels, pixels per second, and what speaks for it, in sum and of late.

    ``anchor`` (2,) follows ``place`` slowly; ``moved_s`` is when the two last were well apart.
    """

    place: FloatArray
    velocity: FloatArray
    body_px: float
    seen_s: float
    evidence: float
    confidence: float
    anchor: FloatArray
    moved_s: float
    stood: bool = False


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
        fresh = _lead_on(self._paths, [_start(candidate, time_s) for candidate in candidates])
        self._paths = sorted([*fresh, *self._paths], key=lambda path: -path.evidence)[:_MOST_PATHS]
        balls = [path for path in fresh if time_s - path.moved_s <= RESTS_S]
        best = max(balls, key=lambda path: path.evidence, default=None)
        if best is None or best.evidence < BELIEVED or not self._is_within_reach(best):
            return None
        self._told = best
        return BallSighting(best.place, best.confidence)

    def _is_within_reach(self, path: _Path) -> bool:
        return self._told is None or _can_reach(self._told, path)


def _start(candidate: BallCandidate, time_s: float) -> _Path:
    """A path that begins with a candidate, whose evidence is the log-odds of its confidence."""
    chance = min(0.99, max(0.01, candidate.confidence))
    own, place = math.log(chance / (1 - chance)) + _BENEFIT, candidate.centre
    return _Path(
        place, np.zeros(2), candidate.body_px, time_s, own, candidate.confidence, place, -math.inf, candidate.stood
    )


def _lead_on(paths: list[_Path], starts: list[_Path]) -> list[_Path]:
    """For each of ``starts`` the best path that ends there: one of ``paths`` that goes on, or itself."""
    earlier = [path for path in paths if starts and path.seen_s < starts[0].seen_s]
    if not earlier:
        return starts
    evidence = _weigh_ways(earlier, starts)
    best = evidence.argmax(axis=0)
    return [
        _go_on(earlier[number], start, float(way[number])) if way[number] > start.evidence else start
        for number, way, start in zip(best.tolist(), evidence.T, starts, strict=True)
    ]


def _weigh_ways(paths: list[_Path], starts: list[_Path]) -> FloatArray:
    """Evidence (P, S) of each path that goes on to each start; minus infinity where no ball gets there in time."""
    elapsed_s = starts[0].seen_s - np.array([path.seen_s for path in paths])[:, np.newaxis]
    bodies = np.array([start.body_px for start in starts])
    steps = np.array([start.place for start in starts]) - np.array([path.place for path in paths])[:, np.newaxis]
    foretold = np.array([path.velocity for path in paths])[:, np.newaxis] * elapsed_s[..., np.newaxis]
    ways, strayed = np.linalg.norm(steps, axis=2), np.linalg.norm(steps - foretold, axis=2) / bodies
    # Who strays far from the path does not inherit what speaks for it.
    shares = np.exp(-0.5 * (strayed / (_SLACK + _TURNS * elapsed_s)) ** 2 - elapsed_s / _FADE_S)
    before = np.array([path.evidence for path in paths])[:, np.newaxis]
    after = (before + np.where(ways >= _MOVED * bodies, _MOVES, 0.0)) * shares + [one.evidence for one in starts]
    in_reach = ways / bodies <= _SLACK + _FASTEST * elapsed_s
    in_reach &= (strayed <= _PASSES_WITHIN) | ~np.array([start.stood for start in starts])
    return np.asarray(np.where(in_reach, after, -np.inf), dtype=np.float64)


def _can_reach(path: _Path, later: _Path) -> bool:
    way = float(np.hypot(*(later.place - path.place))) / later.body_px
    return way <= _SLACK + _FASTEST * (later.seen_s - path.seen_s)


def _go_on(path: _Path, later: _Path, evidence: float) -> _Path:
    elapsed_s = later.seen_s - path.seen_s
    step = later.place - path.place
    anchor = later.place + (path.anchor - later.place) * math.exp(-elapsed_s / RESTS_S)
    is_lively = float(np.hypot(*(later.place - anchor))) > _LIVELY * later.body_px
    return replace(
        later,
        velocity=np.asarray(0.5 * path.velocity + 0.5 * step / elapsed_s, dtype=np.float64),
        evidence=min(evidence, _MOST_EVIDENCE),  # only now, or all paths that are known for long would be equal
        confidence=path.confidence + _NEWS * (later.confidence - path.confidence),
        anchor=np.asarray(anchor, dtype=np.float64),
        moved_s=later.seen_s if is_lively else path.moved_s,
    )


def _move(path: _Path, motion: FloatArray) -> _Path:
    linear = motion[:, :2]
    place, anchor = (linear @ point + motion[:, 2] for point in (path.place, path.anchor))
    return replace(path, place=place, anchor=anchor, velocity=linear @ path.velocity)
