"""Which tracks are one person, decided when all are over: somebody was hidden, or left the picture, and is back.

Between the end of one track and the start of another lies a gap. How well the two fit is told by a log-likelihood
(twice, and negated, as costs): of the way between them, of its length in time and of the shirts. The cheapest set of
links follows from a sparse assignment in which each track may also be continued by nobody (Crouse, "On implementing 2D
rectangular assignment algorithms", IEEE TAES 2016). A track takes one entry here, however long it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from engine.person_size import PERSON_HEIGHT_M
from engine.tracking.mobility import RESTLESSNESS_MPS

FloatArray = NDArray[np.float64]

TOP_SPEED_MPS = 9.5
"""Nobody is expected to cover a gap faster. Raising it joins people who are far apart."""
MAX_GAP_S = 30.0
MAX_BLIND_GAP_S = 4.0
"""The longest gap of a camera that moves, where no place on the pitch is known: what is out of its view is lost."""
LONE_COST = 11.0
"""What it costs to say that a track ends for good and another person begins. Of the order of twice the logarithm of the
square metres in which a person may turn up. Raising it joins more, wrong ones among them."""
LEAST_CONFIDENCE = 0.5
"""Links that are no better than their rivals are not told."""

_REACH_M = 1.5  # beyond what the top speed allows: boxes end where arms and shadows do
_STANDSTILL_M = 0.6  # standard deviation of a place where there is no gap
_WANDERING_S = 3.0  # after so long without being seen, people rather stay in their part of the pitch
_UNKNOWN_SPEED = 8.0  # variance of the difference of the speeds of any two people, (m/s)² of each coordinate
_SPEED_NOISE = 0.5  # of that of two measurements of one speed
_SPEED_LASTS_S = 1.5
_VELOCITY_LASTS_S = 1.0
_VELOCITY_MEMORY_S = 0.3
_USUAL_GAP_S = 6.0
_SHIRT_SCALE = 9.0  # CIE Lab, as the tracker has it
_MAX_SHIRT_COST = 12.0
_MAX_GROWTH_COST = 6.0
_HEIGHT_SCALE = 0.15
_OTHER_TEAM_COST = 4.0
_TEAMS = frozenset({"A", "B"})
_LEAST_COST = 1e-3  # the sparse assignment knows no costs of 0


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A person at one time.

    ``foot`` (2,) and ``height`` are in pixels of the picture as it would be had the camera not moved since the first
    frame; ``pitch_m`` (2,) is the place on the pitch, None where it is not known.
    """

    time_s: float
    foot: FloatArray
    height: float
    pitch_m: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a person looks like in a frame: ``shirt`` (3,) in CIE Lab, and the team as far as it is known."""

    shirt: FloatArray
    team: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Two tracks of one person, one right after the other; ``confidence`` from 0 to 1."""

    from_track: int
    to_track: int
    confidence: float


def find_heads(links: Iterable[Link]) -> dict[int, int]:
    """The first track of a person, for each later one. ``links`` in the order of :meth:`Stitcher.link`."""
    heads: dict[int, int] = {}
    for link in links:
        heads[link.to_track] = heads.get(link.from_track, link.from_track)
    return heads


class Stitcher:
    """Takes what is told of each track, and links the tracks in the end. One per video."""

    def __init__(self) -> None:
        self._lives: dict[int, _Life] = {}

    def see(self, track: int, glimpse: Glimpse, look: Look) -> None:
        """Take the next glimpse of a track; glimpses of one track come in the order of time."""
        life = self._lives.get(track)
        if life is None:
            self._lives[track] = _Life(track, glimpse, look)
        else:
            life.go_on(glimpse, look)

    def link(self, *, camera_moves: bool = False) -> list[Link]:
        """The links between all tracks, in the order in which the tracks began that they leave from."""
        lives = sorted(self._lives.values(), key=lambda life: life.first.time_s)
        candidates = list(_find_candidates(lives, camera_moves=camera_moves))
        chances = _rate(candidates)
        return [
            Link(lives[one.early].track, lives[one.late].track, chances[one])
            for one in _assign(candidates, len(lives))
            if chances[one] >= LEAST_CONFIDENCE
        ]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Indices of two lives and what it costs to call them one."""

    early: int
    late: int
    cost: float


class _Life:
    """The two ends of a track, and its looks in between."""

    def __init__(self, track: int, glimpse: Glimpse, look: Look) -> None:
        self.track = track
        self.first = self.last = glimpse
        self.first_velocity: _Velocity | None = None
        self.last_velocity = _Velocity(np.zeros(2), np.zeros(2))
        self.shirt, self.team = look.shirt.astype(np.float64), look.team
        self._looks = 1

    def go_on(self, glimpse: Glimpse, look: Look) -> None:
        elapsed_s = glimpse.time_s - self.last.time_s
        if elapsed_s > 0:
            share = min(1.0, elapsed_s / _VELOCITY_MEMORY_S)
            self.last_velocity = self.last_velocity.blend(_velocity(self.last, glimpse), share)
        if self.first_velocity is None and glimpse.time_s - self.first.time_s >= _VELOCITY_MEMORY_S:
            self.first_velocity = _velocity(self.first, glimpse)
        self.last = glimpse
        self._looks += 1
        self.shirt += (look.shirt - self.shirt) / self._looks
        self.team = look.team or self.team


@dataclass(frozen=True, slots=True)
class _Velocity:
    """Per second: ``bodies`` (2,) in body heights, ``pitch_m`` (2,) in metres, 0 where that is not known."""

    bodies: FloatArray
    pitch_m: FloatArray

    def blend(self, newer: "_Velocity", share: float) -> "_Velocity":
        return _Velocity(
            self.bodies + share * (newer.bodies - self.bodies), self.pitch_m + share * (newer.pitch_m - self.pitch_m)
        )


def _velocity(before: Glimpse, after: Glimpse) -> _Velocity:
    elapsed_s = after.time_s - before.time_s
    bodies = (after.foot - before.foot) / after.height / elapsed_s
    if before.pitch_m is None or after.pitch_m is None:
        return _Velocity(bodies, np.zeros(2))
    return _Velocity(bodies, (after.pitch_m - before.pitch_m) / elapsed_s)


def _find_candidates(lives: Sequence[_Life], *, camera_moves: bool) -> Iterable[_Candidate]:
    """``lives`` by their start; so are the candidates, by that of the earlier life."""
    starts = np.array([life.first.time_s for life in lives])
    for early, life in enumerate(lives):
        end_s = life.last.time_s
        since, until = np.searchsorted(starts, [end_s, end_s + MAX_GAP_S], side="right")
        for late in range(int(since), int(until)):
            cost = _cost(life, lives[late], camera_moves=camera_moves)
            if cost < LONE_COST:
                yield _Candidate(early, late, max(cost, _LEAST_COST))


def _cost(early: _Life, late: _Life, *, camera_moves: bool) -> float:
    """What it costs to call two tracks one person; infinite where that cannot be."""
    gap_s = late.first.time_s - early.last.time_s
    on_pitch = early.last.pitch_m is not None and late.first.pitch_m is not None
    if gap_s <= 0 or {early.team, late.team} == _TEAMS or (camera_moves and not on_pitch and gap_s > MAX_BLIND_GAP_S):
        return float("inf")
    way = _way_m(early.last, late.first)
    if float(np.hypot(*way)) > TOP_SPEED_MPS * gap_s + _REACH_M:
        return float("inf")
    ending, starting = (
        velocity.pitch_m if on_pitch else velocity.bodies * PERSON_HEIGHT_M
        for velocity in (early.last_velocity, late.first_velocity or late.last_velocity)
    )
    strayed = way - _expected_way_m(ending + starting, gap_s)
    place = _misfit(strayed, _variance(gap_s))
    turn = ending - starting
    usual = _UNKNOWN_SPEED + _SPEED_NOISE
    speed = _misfit(turn, _speed_variance(gap_s)) - _misfit(turn, usual)  # against two who have nothing to do
    return place + speed + 2 * gap_s / _USUAL_GAP_S + _looks_cost(early, late)


def _misfit(difference: FloatArray, variance: float) -> float:
    """Cost of a difference (2,) of which each coordinate has that variance; that of a variance of 1 is 0 at least."""
    return float(difference @ difference) / variance + 2 * float(np.log(variance))


def _way_m(end: Glimpse, start: Glimpse) -> FloatArray:
    """Metres (2,) between two places; by the heights of the bodies where the pitch is not known."""
    if end.pitch_m is not None and start.pitch_m is not None:
        return start.pitch_m - end.pitch_m
    return np.asarray((start.foot - end.foot) / np.sqrt(end.height * start.height) * PERSON_HEIGHT_M, dtype=np.float64)


def _expected_way_m(both_mps: FloatArray, gap_s: float) -> FloatArray:
    """Each end goes on as it moved, half of the gap, and ever slower; ``both_mps`` (2,) is the sum of the speeds."""
    return np.asarray(both_mps * _VELOCITY_LASTS_S * (1 - np.exp(-gap_s / 2 / _VELOCITY_LASTS_S)), dtype=np.float64)


def _variance(gap_s: float) -> float:
    """Of each coordinate, m²: a speed that changes at random between two known ones, and a part of the pitch to keep.

    For integrated Brownian motion between known speeds it is q t³ / 12, whatever the change of speed.
    """
    changing = RESTLESSNESS_MPS**2 * gap_s**3 / 12
    return float(_STANDSTILL_M**2 + changing / (1 + (gap_s / _WANDERING_S) ** 2))


def _speed_variance(gap_s: float) -> float:
    """Of the change of each coordinate, (m/s)²; an Ornstein-Uhlenbeck process forgets its speed in a while."""
    return float(_SPEED_NOISE + _UNKNOWN_SPEED * (1 - np.exp(-gap_s / _SPEED_LASTS_S)))


def _looks_cost(early: _Life, late: _Life) -> float:
    difference = (early.shirt - late.shirt) / _SHIRT_SCALE
    shirts = min(float(difference @ difference), _MAX_SHIRT_COST)
    teams = _OTHER_TEAM_COST if early.team and late.team and early.team != late.team else 0.0
    growth = float(np.log(late.first.height / early.last.height)) / _HEIGHT_SCALE
    return shirts + teams + min(growth**2, _MAX_GROWTH_COST)


def _assign(candidates: Sequence[_Candidate], lives: int) -> list[_Candidate]:
    """The candidates that together are cheapest, where each track may also be continued by nobody."""
    if not candidates:
        return []
    nobody = np.arange(lives)
    rows = np.concatenate([[one.early for one in candidates], nobody])
    columns = np.concatenate([[one.late for one in candidates], lives + nobody])
    costs = np.concatenate([[one.cost for one in candidates], np.full(lives, LONE_COST)])
    graph = coo_array((costs, (rows, columns)), shape=(lives, 2 * lives)).tocsr()
    pairs = set(zip(*(side.tolist() for side in min_weight_full_bipartite_matching(graph)), strict=True))
    return [one for one in candidates if (one.early, one.late) in pairs]


def _rate(candidates: Sequence[_Candidate]) -> dict[_Candidate, float]:
    """Chance of each candidate among those that share an end with it, or of there being none."""
    by_early: dict[int, list[float]] = defaultdict(list)
    by_late: dict[int, list[float]] = defaultdict(list)
    for one in candidates:
        by_early[one.early].append(one.cost)
        by_late[one.late].append(one.cost)
    return {one: _chance(one.cost, [LONE_COST, *by_early[one.early], *by_late[one.late]]) for one in candidates}


def _chance(cost: float, all_costs: Sequence[float]) -> float:
    """``all_costs`` hold ``cost`` twice: as one of either end."""
    likelihoods = np.exp(-0.5 * (np.array(all_costs) - cost))
    return float(1.0 / (likelihoods.sum() - 1.0))
