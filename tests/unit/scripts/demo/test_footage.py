from pathlib import Path

import numpy as np
import pytest

from football.pitch import STANDARD_PITCH
from scripts.demo.errors import DemoFailed
from scripts.demo.footage import STEP_M, FilmedArea, find_filmed_area, take_still
from tests.conftest import SAMPLE_CALIBRATION, SAMPLE_VIDEO


@pytest.fixture(scope="module")
def area() -> FilmedArea:
    still = take_still(SAMPLE_VIDEO)
    return find_filmed_area(SAMPLE_CALIBRATION.read_text(encoding="utf-8"), still.size, STANDARD_PITCH)


@pytest.mark.parametrize(
    ("point_m", "is_seen"),
    [
        ((0.0, 0.0), True),  # the far left corner flag
        ((11.0, 34.0), True),  # the left penalty mark
        ((52.5, 34.0), True),  # the kick-off mark
        ((52.5, 67.5), True),  # where the halfway line meets the near touchline
        ((94.0, 34.0), False),  # the right penalty mark
        ((105.0, 0.0), False),
        ((105.0, 68.0), False),
    ],
)
def test_the_sample_camera_sees_the_left_half(area: FilmedArea, point_m: tuple[float, float], is_seen: bool) -> None:
    column, row = (round(part / STEP_M) for part in point_m)
    assert bool(area.margin_px[row, column] >= 0) is is_seen


def test_a_little_more_than_half_of_the_pitch_is_seen(area: FilmedArea) -> None:
    assert area.share == pytest.approx(0.57, abs=0.02)
    assert np.isfinite(area.margin_px).all()


def test_what_lies_behind_a_camera_is_not_seen() -> None:
    """A camera 10 m above (20, 34) that looks along x: what it leaves behind would project mirrored."""
    size, focal_px, ahead_m = (1000, 1000), 500.0, (30.0, 80.0)
    pairs = [
        (500 + focal_px * (y - 34.0) / (x - 20.0), 500 + focal_px * 10.0 / (x - 20.0))
        for x in ahead_m
        for y in (30.0, 38.0)
    ]
    points = [
        f'{{"pixel": [{column}, {row}], "pitch": [{x}, {y}]}}'
        for (column, row), (x, y) in zip(pairs, [(x, y) for x in ahead_m for y in (30.0, 38.0)], strict=True)
    ]
    area = find_filmed_area(f'{{"points": [{", ".join(points)}]}}', size, STANDARD_PITCH)
    middle = area.margin_px[round(34.0 / STEP_M)]
    assert (middle[area.x_m < 19.0] < 0).all()
    assert (middle[area.x_m > 31.0] >= 0).all()


def test_a_file_that_is_no_video_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(DemoFailed, match=r"notes\.mp4 cannot be read as a video"):
        take_still(tmp_path / "notes.mp4")


@pytest.mark.parametrize(
    "calibration", ["", "{}", '{"points": []}', '{"points": [{"pixel": [1, 2], "pitch": [0, 0]}]}']
)
def test_a_calibration_that_describes_no_camera_is_refused(calibration: str) -> None:
    with pytest.raises(DemoFailed, match="describes no camera"):
        find_filmed_area(calibration, (100, 100), STANDARD_PITCH)
