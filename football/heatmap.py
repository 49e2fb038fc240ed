"""Where somebody was: seconds spent on each cell of a grid over the pitch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from football.pitch import STANDARD_PITCH, Pitch
from football.sampling import sample_durations_s

FloatArray = NDArray[np.float64]

CELL_M = 5.0
MARGIN_M = 2.0  # throw-ins and corners are taken on the line, and a far foot point is off by a metre


@dataclass(frozen=True, slots=True)
class Heatmap:
    """``seconds`` has shape (rows, columns); row 0, column 0 lies at the origin of :mod:`football.pitch`.

    The cells of the last row and column may reach over the line: 68 m are 13.6 cells of 5 m.
    """

    cell_m: float
    columns: int
    rows: int
    seconds: FloatArray


def make_heatmap(
    times_s: FloatArray, points_m: FloatArray, *, pitch: Pitch = STANDARD_PITCH, cell_m: float = CELL_M
) -> Heatmap:
    """Heatmap of one track: increasing ``times_s`` (N,) and ``points_m`` (N, 2).

    A point counts for its own duration; gaps count for no cell. Points at most ``MARGIN_M`` outside the pitch count
    for the cell at the line, others (and NaN) for none.
    """
    columns, rows = int(np.ceil(pitch.length_m / cell_m)), int(np.ceil(pitch.width_m / cell_m))
    counted = pitch.contains(points_m, margin_m=MARGIN_M)
    cells = np.floor(points_m[counted] / cell_m).astype(np.int64)
    column, row = np.clip(cells, 0, [columns - 1, rows - 1]).T
    weights = sample_durations_s(times_s)[counted]
    seconds = np.bincount(row * columns + column, weights=weights, minlength=rows * columns).astype(np.float64)
    return Heatmap(cell_m, columns, rows, seconds.reshape(rows, columns))
