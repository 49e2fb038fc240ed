import numpy as np
import pytest

from football.heatmap import make_heatmap
from football.pitch import Pitch


def test_a_standard_pitch_has_21_columns_and_14_rows_of_5_metres() -> None:
    heatmap = make_heatmap(np.array([0.0, 0.5]), np.array([[52.5, 34.0], [52.5, 34.0]]))

    assert (heatmap.cell_m, heatmap.columns, heatmap.rows) == (5.0, 21, 14)
    assert heatmap.seconds.shape == (14, 21)
    assert heatmap.seconds[6, 10] == pytest.approx(1.0)
    assert heatmap.seconds.sum() == pytest.approx(1.0)


CELLS = [
    ((0.0, 0.0), (0, 0)),
    ((4.99, 0.0), (0, 0)),
    ((5.0, 0.0), (0, 1)),  # a point on the border belongs to the next cell
    ((0.0, 5.0), (1, 0)),
    ((105.0, 68.0), (13, 20)),  # the far corner belongs to the last cell
    ((-1.9, 34.0), (6, 0)),  # a foot over the line counts at the line
    ((52.0, 69.9), (13, 10)),
    ((106.9, -1.9), (0, 20)),
]


@pytest.mark.parametrize(("point_m", "cell"), CELLS)
def test_a_point_counts_for_its_cell_or_the_one_at_the_line(
    point_m: tuple[float, float], cell: tuple[int, int]
) -> None:
    heatmap = make_heatmap(np.array([0.0, 0.5]), np.array([point_m, point_m]))

    assert heatmap.seconds[cell] == pytest.approx(1.0)
    assert np.count_nonzero(heatmap.seconds) == 1


@pytest.mark.parametrize("point_m", [(-2.1, 34.0), (52.0, 70.1), (np.nan, 34.0), (np.inf, 34.0)])
def test_a_point_off_the_pitch_counts_for_no_cell(point_m: tuple[float, float]) -> None:
    heatmap = make_heatmap(np.array([0.0, 0.5, 1.0]), np.array([point_m, (20.0, 20.0), point_m]))

    assert heatmap.seconds.sum() == pytest.approx(0.5)
    assert heatmap.seconds[4, 4] == pytest.approx(0.5)


def test_unevenly_sampled_cells_weigh_by_time_and_not_by_samples() -> None:
    # Half a second with ten samples on the left, then half a second with one sample on the right.
    times_s = np.append(np.arange(10) * 0.05, [0.5, 1.0])
    points_m = np.array([(10.0, 10.0)] * 10 + [(90.0, 10.0), (90.0, 40.0)])

    heatmap = make_heatmap(times_s, points_m)

    assert heatmap.seconds[2, 2] == pytest.approx(0.5)
    assert heatmap.seconds[2, 18] == pytest.approx(0.5)


def test_a_gap_counts_for_no_cell() -> None:
    times_s = np.array([0.0, 0.1, 0.2, 60.2, 60.3])

    heatmap = make_heatmap(times_s, np.full((5, 2), 30.0))

    assert heatmap.seconds.sum() == pytest.approx(0.5)


def test_a_smaller_pitch_has_fewer_cells() -> None:
    heatmap = make_heatmap(np.array([0.0, 1.0]), np.array([[1.0, 1.0]] * 2), pitch=Pitch(60.0, 40.0), cell_m=10.0)

    assert heatmap.seconds.shape == (4, 6)
