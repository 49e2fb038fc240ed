"""Which samples of a track a human could have run: the others are detector and tracker mistakes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from football.sampling import MAX_GAP_S

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAX_SPEED_MPS = 12.0
"""The fastest 100 m ever run peaked at 12.4 m/s, and football is played in boots and with turns. Raising this counts
the slides of a track as running; below 10 it cuts real sprints."""

MAX_ACCELERATION_MPS2 = 10.0
"""Nobody keeps this up over 1.2 s: wearables show at most 8.6 m/s2 there, starts, stops and turns included. A track
that slides to another person 3 m away within a few frames looks like a sprint, and shows 11 to 30 m/s2. Raising this
lets such slides become top speeds; lowering it rejects hard turns."""

JUMP_SLACK_M = 1.0
"""How far position noise alone may carry a sample beyond what can be run. Foot points jitter by 0.1 to 0.3 m, so the
difference of two is rarely over 1 m. Raising this lets mistakes of that size through; lowering it rejects jitter."""

SETTLE_S = 0.5
"""A jump that stays for this long is another place (the tracker changed person), and shorter it is a mistake."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """Sample indices of the unbroken parts of a track, in order, and how many samples belong to none by mistake."""

    indices: tuple[IntArray, ...]
    rejected: int


def find_stretches(times_s: FloatArray, points_m: FloatArray) -> Stretches:
    """Split samples ``times_s`` (N,) and ``points_m`` (N, 2) where nobody looked and where nobody could have run.

    Samples without finite coordinates count as not seen. A sample whose time does not increase is rejected.
    """
    seen = np.flatnonzero(np.isfinite(points_m).all(axis=1) & np.isfinite(times_s))
    if len(seen) == 0:
        return Stretches((), 0)
    latest = np.maximum.accumulate(times_s[seen])
    later = np.append(True, times_s[seen][1:] > latest[:-1])
    kept, jumped = _drop_jumps(times_s, points_m, seen[later])
    stretches = [part for stretch in kept for part in _split_at_gaps(times_s, stretch)]
    return Stretches(tuple(stretches), int((~later).sum()) + jumped)


def _drop_jumps(times_s: FloatArray, points_m: FloatArray, indices: IntArray) -> tuple[list[IntArray], int]:
    """Stretches that can be run without a jump, and the number of samples in jumps too short to be a place."""
    runs = np.split(indices, np.flatnonzero(~_reachable(times_s, points_m, indices)) + 1)
    stretches: list[list[IntArray]] = [[runs[0]]]
    rejected = 0
    for run in runs[1:]:
        step = np.array([stretches[-1][-1][-1], run[0]])
        if _reachable(times_s, points_m, step)[0]:
            stretches[-1].append(run)
        elif times_s[run[-1]] - times_s[run[0]] < SETTLE_S:
            rejected += len(run)
        elif times_s[step[0]] - times_s[stretches[-1][0][0]] < SETTLE_S:
            # The track began, or went on after a jump, with a mistake.
            rejected += sum(len(part) for part in stretches[-1])
            stretches[-1] = [run]
        else:
            stretches.append([run])
    return [np.concatenate(stretch) for stretch in stretches], rejected


def _reachable(times_s: FloatArray, points_m: FloatArray, indices: IntArray) -> NDArray[np.bool_]:
    """Tell for each step between neighbours of ``indices`` (N,) whether it can be run, shape (N - 1,)."""
    steps_m = np.linalg.norm(np.diff(points_m[indices], axis=0), axis=1)
    return np.asarray(steps_m <= MAX_SPEED_MPS * np.diff(times_s[indices]) + JUMP_SLACK_M, dtype=np.bool_)


def _split_at_gaps(times_s: FloatArray, indices: IntArray) -> list[IntArray]:
    return list(np.split(indices, np.flatnonzero(np.diff(times_s[indices]) > MAX_GAP_S) + 1))
