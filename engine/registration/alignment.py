"""A homography made to agree with the lines that the picture shows, and with points that were seen in it.

A small warp of the picture is fitted, in a few rounds of reweighted least squares: each line found gives one equation
(its distance along the normal), each point two. The warp is held near none by a prior, so that what the picture does
not tell, such as the far end of a lone line, stays as it was.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.registration.line_search import COURSES, Grey, Ridges, Samples, find_ridges, project_lines
from engine.registration.projection import project

FloatArray = NDArray[np.float64]

_JUDGED_WITHIN = 0.010
_ON_LINE = 0.0018  # widths within which a found line is the projected one: 2.3 px of 1280
_LINE_DEVIATION, _POINT_DEVIATION = 0.0008, 0.0030  # widths
_ENOUGH = 12  # samples of one course that are judged
_SAMPLES_OF_A_LINE = 6.0  # neighbours share their faults: so many samples tell as much as one
_PRIOR = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.7, 0.7])
"""Standard deviations of the warp's entries a, b, c, d, e, f, g, h against each other, lengths in half widths."""


@dataclass(frozen=True, slots=True)
class Search:
    """``reaches``: how far off a line is looked for in each round, in widths of the picture. ``freedom``: standard
    deviation of the warp, in half widths; less holds on more to what was known before."""

    reaches: tuple[float, ...]
    freedom: float


FIRST_SEARCH = Search((0.012, 0.008, 0.005, 0.005), 0.03)
"""From what the network has seen, which may be off by 15 px of 1280."""
NEXT_SEARCH = Search((0.005, 0.004), 0.004)
"""From the frame before, moved as the camera has."""


@dataclass(frozen=True, slots=True)
class Points:
    """Pairs of a point of the pitch, ``metres`` (N, 2), and where it was seen, ``places`` (N, 2) in pixels."""

    metres: FloatArray
    places: FloatArray


NO_POINTS = Points(np.empty((0, 2)), np.empty((0, 2)))


@dataclass(frozen=True, slots=True)
class Alignment:
    """``to_picture`` (3, 3) from metres to pixels.

    Of ``samples`` places on projected lines, ``clear`` show a line nearby, and ``on_line`` show it in the right place.
    ``weakest`` is the share on line where it is least, of lines along the touchlines, along the goal lines, and bent
    ones: a homography that is wrong along one of them leaves the others as they were. ``error_px`` is the median
    distance between projected and found lines, infinite where none is found.
    """

    to_picture: FloatArray
    samples: int
    clear: int
    on_line: int
    weakest: float
    error_px: float

    @property
    def agreement(self) -> float:
        """Share of the lines found that lie where they should."""
        return self.on_line / self.clear if self.clear else 0.0


def align(
    to_picture: FloatArray, grey: Grey, points: Points = NO_POINTS, *, search: Search = FIRST_SEARCH
) -> Alignment:
    """Let the homography follow the lines; ``points`` count as well."""
    size = (grey.shape[1], grey.shape[0])
    now, warp = to_picture, np.zeros(8)
    for reach in search.reaches:
        samples = project_lines(now, size)
        if not len(samples.places) and not len(points.metres):
            break
        ridges = find_ridges(grey, samples, reach=reach * size[0])
        scale = 1.0 + reach / (4 * _LINE_DEVIATION * np.sqrt(_SAMPLES_OF_A_LINE))
        equations = _equations(now, samples, ridges, points, size)
        warp = warp + _solve(equations, warp, scale=scale, deviations=search.freedom * _PRIOR)
        now = _to_matrix(warp, size) @ to_picture
    return judge(now, grey)


def judge(to_picture: FloatArray, grey: Grey) -> Alignment:
    """How well the picture's lines agree with a homography as it is."""
    size = (grey.shape[1], grey.shape[0])
    samples = project_lines(to_picture, size)
    if not len(samples.places):
        return Alignment(to_picture, 0, 0, 0, 0.0, np.inf)
    ridges = find_ridges(grey, samples, reach=_JUDGED_WITHIN * size[0])
    on_line = ridges.is_clear & (np.abs(ridges.offsets) <= _ON_LINE * size[0])
    clear = int(ridges.is_clear.sum())
    error = float(np.median(np.abs(ridges.offsets[ridges.is_clear]))) if clear else np.inf
    weakest = _find_weakest(samples.courses, on_line)
    return Alignment(to_picture, len(samples.places), clear, int(on_line.sum()), weakest, error)


def _find_weakest(courses: NDArray[np.int64], on_line: NDArray[np.bool_]) -> float:
    """The least share on line of any course of which there is enough to judge; 0 where there is only one."""
    shares = [on_line[courses == course].mean() for course in range(COURSES) if (courses == course).sum() >= _ENOUGH]
    return float(min(shares)) if len(shares) > 1 else 0.0


@dataclass(frozen=True, slots=True)
class _Equations:
    """``rows`` (N, 8) of the warp's entries; ``missing`` (N,) is what they should give, in standard deviations."""

    rows: FloatArray
    missing: FloatArray


def _equations(
    to_picture: FloatArray, samples: Samples, ridges: Ridges, points: Points, size: tuple[int, int]
) -> _Equations:
    half = size[0] / 2
    clear = ridges.is_clear
    across = _displacements(samples.places[clear], size)
    of_lines = np.einsum("nk,nkp->np", samples.normals[clear], across)
    line_weight = 1 / (2 * _LINE_DEVIATION * np.sqrt(_SAMPLES_OF_A_LINE))
    expected = project(to_picture, points.metres)
    in_front = np.isfinite(expected).all(axis=1)
    expected, places = expected[in_front], points.places[in_front]
    of_points = _displacements(expected, size).reshape(-1, 8)
    point_weight = 1 / (2 * _POINT_DEVIATION)
    missing = [line_weight * ridges.offsets[clear] / half, point_weight * (places - expected).ravel() / half]
    return _Equations(np.vstack([line_weight * of_lines, point_weight * of_points]), np.concatenate(missing))


def _displacements(places: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Derivatives (N, 2, 8) of where ``places`` are moved to by the entries of the warp, in half widths."""
    x, y = ((places - np.array(size) / 2) / (size[0] / 2)).T
    one, zero = np.ones_like(x), np.zeros_like(x)
    moved_x = np.stack([x, y, one, zero, zero, zero, -x * x, -x * y], axis=1)
    moved_y = np.stack([zero, zero, zero, x, y, one, -x * y, -y * y], axis=1)
    return np.stack([moved_x, moved_y], axis=1)


def _solve(equations: _Equations, warp: FloatArray, *, scale: float, deviations: FloatArray) -> FloatArray:
    """What to add to ``warp`` (8,). Equations that miss by much more than ``scale`` count for little."""
    weights = 1 / (1 + (equations.missing / scale) ** 2) ** 2  # Geman and McClure
    weighted = equations.rows * weights[:, np.newaxis]
    information = weighted.T @ equations.rows + np.diag(1 / deviations**2)
    return np.asarray(np.linalg.solve(information, weighted.T @ equations.missing - warp / deviations**2), np.float64)


def _to_matrix(warp: FloatArray, size: tuple[int, int]) -> FloatArray:
    half = size[0] / 2
    to_unit = np.array([[1 / half, 0.0, -1.0], [0.0, 1 / half, -size[1] / size[0]], [0.0, 0.0, 1.0]])
    moved = np.eye(3) + np.append(warp, 0.0).reshape(3, 3)
    return np.asarray(np.linalg.inv(to_unit) @ moved @ to_unit, np.float64)
