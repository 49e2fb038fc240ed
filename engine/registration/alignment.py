"""A view made to agree with the lines that the picture shows, and with points that were seen in it.

A small warp of the picture is fitted, in a few rounds of reweighted least squares: each line found gives one equation
(its distance along the normal), each point two. The warp is held near none by a prior, so that what the picture does
not tell, such as the far end of a lone line, stays as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.registration.line_search import COURSES, Grey, Ridges, Samples, find_ridges, project_lines
from engine.registration.projection import PictureView

FloatArray = NDArray[np.float64]

_JUDGED_WITHIN = 0.010
_ON_LINE = 0.0018  # widths within which a found line is the projected one: 2.3 px of 1280
_LINE_DEVIATION, _POINT_DEVIATION = 0.0008, 0.0030  # widths
_BELIEVED = 0.3  # share of a round's reach within which what is found is believed to be the line
_POINT_SPREAD = 2.0
_ENOUGH = 12  # samples of one course that are judged
_SAMPLES_OF_A_LINE = 6.0  # neighbours share their faults: so many samples tell as much as one
_PRIOR = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.7, 0.7, 1.0])
"""Standard deviations of the warp's entries a, b, c, d, e, f, g, h and of k1 against each other, in half widths."""


@dataclass(frozen=True, slots=True)
class Search:
    """``reaches``: how far off a line is looked for in each round, in widths of the picture and in metres on the
    ground, whichever is more. ``freedom``: standard deviation of the warp, in half widths; less holds on more to what
    was known before."""

    reaches: tuple[tuple[float, float], ...]
    freedom: float


FIRST_SEARCH = Search(
    ((0.014, 1.4), (0.010, 1.0), (0.010, 0.8), (0.007, 0.6), (0.005, 0.4), (0.005, 0.3), (0.004, 0.25)), 0.03
)
"""From what the network has seen, which may be off by 18 px of 1280."""
NEXT_SEARCH = Search(((0.006, 0.6), (0.004, 0.25)), 0.004)
"""From the frame before, moved as the camera has."""
_FARTHEST = 0.03  # widths


@dataclass(frozen=True, slots=True)
class Points:
    """Pairs of a point of the pitch, ``metres`` (N, 2), and where it was seen, ``places`` (N, 2) in pixels."""

    metres: FloatArray
    places: FloatArray


NO_POINTS = Points(np.empty((0, 2)), np.empty((0, 2)))


@dataclass(frozen=True, slots=True)
class Alignment:
    """Of ``samples`` places on projected lines, ``clear`` show a line nearby, and ``on_line`` show it in its place.

    ``weakest`` is the share on line where it is least, of lines along the touchlines, along the goal lines, and bent
    ones: a view that is wrong along one of them leaves the others as they were. ``error_px`` is the median distance
    between projected and found lines, infinite where none is found. ``doubt_px``: standard deviation of where
    places on the pitch are put, as far as the lines tell; the circle and the halfway line, for one, tell too little.
    """

    view: PictureView
    samples: int
    clear: int
    on_line: int
    weakest: float
    error_px: float
    doubt_px: float = np.inf

    @property
    def support(self) -> float:
        """Share of all places on projected lines that show a line there."""
        return self.on_line / self.samples if self.samples else 0.0

    @property
    def agreement(self) -> float:
        """Share of the lines found that lie where they should."""
        return self.on_line / self.clear if self.clear else 0.0


def align(view: PictureView, grey: Grey, points: Points = NO_POINTS, *, search: Search = FIRST_SEARCH) -> Alignment:
    """Let the view follow the lines; ``points`` count as well."""
    width, now, warp = view.size[0], view, np.zeros(_PARAMETERS)
    deviations = search.freedom * _PRIOR
    of_lines: _Equations | None = None
    for of_width, metres in search.reaches:
        samples = project_lines(now)
        if not len(samples.places) and not len(points.metres):
            break
        reaches = np.clip(metres * samples.metres, of_width * width, _FARTHEST * width)
        of_lines = _equate_lines(samples, find_ridges(grey, samples, reaches=reaches), reaches, view.size)
        equations = (of_lines, _equate_points(now, points)) if len(points.metres) else (of_lines,)
        warp = warp + _solve(equations, warp, deviations)
        now = _warp(view, warp)
    return replace(judge(now, grey), doubt_px=np.inf if of_lines is None else _doubt(of_lines, view.size))


def judge(view: PictureView, grey: Grey) -> Alignment:
    """How well the picture's lines agree with a view as it is."""
    samples = project_lines(view)
    if not len(samples.places):
        return Alignment(view, 0, 0, 0, 0.0, np.inf)
    reaches = np.full(len(samples.places), _JUDGED_WITHIN * view.size[0])
    ridges = find_ridges(grey, samples, reaches=reaches)
    on_line = ridges.is_clear & (np.abs(ridges.offsets) <= _ON_LINE * view.size[0])
    clear = int(ridges.is_clear.sum())
    error = float(np.median(np.abs(ridges.offsets[ridges.is_clear]))) if clear else np.inf
    weakest = _find_weakest(samples.courses, on_line)
    return Alignment(view, len(samples.places), clear, int(on_line.sum()), weakest, error)


def _find_weakest(courses: NDArray[np.int64], on_line: NDArray[np.bool_]) -> float:
    """The least share on line of any course of which there is enough to judge; 0 where there is only one."""
    shares = [on_line[courses == course].mean() for course in range(COURSES) if (courses == course).sum() >= _ENOUGH]
    return float(min(shares)) if len(shares) > 1 else 0.0


_PARAMETERS = len(_PRIOR)
_GROUND = np.array([(x, y) for x in (0.15, 0.5, 0.85) for y in (0.45, 0.65, 0.85)])  # of the picture


@dataclass(frozen=True, slots=True)
class _Equations:
    """``rows`` (N, 9) of the parameters; ``missing`` (N,) is what they should give, in standard deviations. Those that
    miss by much more than ``spreads`` (N,) count for little."""

    rows: FloatArray
    missing: FloatArray
    spreads: FloatArray

    def weigh(self) -> FloatArray:
        """The rows by the weights of Cauchy."""
        return np.asarray(self.rows / (1 + (self.missing / self.spreads) ** 2)[:, np.newaxis], np.float64)


def _equate_lines(samples: Samples, ridges: Ridges, reaches: FloatArray, size: tuple[int, int]) -> _Equations:
    clear = ridges.is_clear
    deviation = _LINE_DEVIATION * size[0] * np.sqrt(_SAMPLES_OF_A_LINE)
    rows = np.einsum("nk,nkp->np", samples.normals[clear], _displacements(samples.places[clear], size))
    spreads = 1 + _BELIEVED * reaches[clear] / deviation
    return _Equations(rows * size[0] / 2 / deviation, ridges.offsets[clear] / deviation, spreads)


def _equate_points(view: PictureView, points: Points) -> _Equations:
    expected = view.project(points.metres)
    in_front = np.isfinite(expected).all(axis=1)
    expected, offsets = expected[in_front], (points.places - expected)[in_front].ravel()
    deviation = _POINT_DEVIATION * view.size[0]
    rows = _displacements(expected, view.size).reshape(-1, _PARAMETERS)
    return _Equations(rows * view.size[0] / 2 / deviation, offsets / deviation, np.full(len(offsets), _POINT_SPREAD))


def _displacements(places: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Derivatives (N, 2, 9) of where ``places`` are moved to by the entries of the warp and by k1, in half widths.

    The lens is taken for perfect in the former, which is as good as true for lenses that bend little.
    """
    x, y = ((places - np.array(size) / 2) / (size[0] / 2)).T
    one, zero, radius2 = np.ones_like(x), np.zeros_like(x), x * x + y * y
    moved_x = np.stack([x, y, one, zero, zero, zero, -x * x, -x * y, x * radius2], axis=1)
    moved_y = np.stack([zero, zero, zero, x, y, one, -x * y, -y * y, y * radius2], axis=1)
    return np.stack([moved_x, moved_y], axis=1)


def _solve(equations: Sequence[_Equations], warp: FloatArray, deviations: FloatArray) -> FloatArray:
    """What to add to ``warp`` (9,), whose entries should be 0 by standard ``deviations`` (9,)."""
    information, wanted = np.diag(1 / deviations**2), -warp / deviations**2
    for some in equations:
        weighted = some.weigh()
        information = information + weighted.T @ some.rows
        wanted = wanted + weighted.T @ some.missing
    return np.asarray(np.linalg.solve(information, wanted), np.float64)


def _doubt(equations: _Equations, size: tuple[int, int]) -> float:
    """The standard deviation, in the median, of places on the ground, in pixels; as if nothing was known before."""
    deviations = FIRST_SEARCH.freedom * _PRIOR
    covariance = np.linalg.inv(np.diag(1 / deviations**2) + equations.weigh().T @ equations.rows)
    rows = _displacements(_GROUND * np.array(size), size)
    variances = np.einsum("nap,pq,naq->n", rows, covariance, rows)
    return float(np.sqrt(np.median(variances)) * size[0] / 2)


def _warp(view: PictureView, warp: FloatArray) -> PictureView:
    moved = np.eye(3) + np.append(warp[:8], 0.0).reshape(3, 3)
    return replace(view, to_plane=np.asarray(moved @ view.to_plane, np.float64), k1=view.k1 + float(warp[8]))
