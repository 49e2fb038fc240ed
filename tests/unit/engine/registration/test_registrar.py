"""From points that a network has seen, right or wrong, to a homography or none."""

from dataclasses import replace

import numpy as np
import pytest

from engine.registration.alignment import Alignment
from engine.registration.projection import PictureView, is_plausible
from engine.registration.registrar import fit_points, is_contradicted
from engine.registration.sight import POINT_STRIDE, Sight, read_points
from football.markings import PITCH_POINTS
from tests.unit.engine.registration.drawn_pitch import SIZE, error_px, look_at
from training.rendering.cameras import Camera


def see(true: PictureView, *, noise: float = 0.0, wrong: int = 0, missing: int = 0) -> Sight:
    """Points in the picture with ``noise`` pixels; so many are elsewhere, and so many are not seen."""
    random = np.random.default_rng(4)
    places = true.project(PITCH_POINTS)
    numbers = np.flatnonzero(((places > 0) & (places < SIZE)).all(axis=1))
    numbers = np.sort(random.permutation(numbers)[missing:])
    seen = places[numbers] + random.normal(0, noise, (len(numbers), 2))
    astray = random.permutation(len(numbers))[:wrong]
    seen[astray] = random.uniform((0, 0), SIZE, (wrong, 2))
    return Sight(numbers, seen, np.ones(len(numbers)))


@pytest.mark.parametrize("x", [20.0, 52.5, 88.0])
def test_noise_and_points_elsewhere_and_missing_ones_are_borne(x: float) -> None:
    true = look_at(x, focal=1.0)
    found = fit_points(see(true, noise=1.0, wrong=4, missing=3), SIZE)
    assert found is not None
    assert error_px(found, true) < 0.012 * SIZE[0]  # which lines then mend
    assert is_plausible(found)


def test_few_points_and_points_that_agree_on_nothing_are_no_registration() -> None:
    true = look_at(52.5)
    everything = see(true)
    four = Sight(everything.numbers[:4], everything.places[:4], everything.chances[:4])
    assert fit_points(four, SIZE) is None
    random = np.random.default_rng(2)
    anywhere = Sight(np.arange(20), random.uniform((0, 0), SIZE, (20, 2)), np.ones(20))
    assert fit_points(anywhere, SIZE) is None


def test_a_camera_cannot_be_below_the_ground_or_see_a_mirrored_pitch() -> None:
    true = look_at(40.0)
    assert is_plausible(true)
    for wrong in (
        np.diag([-1.0, 1.0, 1.0]) @ true.to_plane,  # mirrored
        np.diag([1.0, -1.0, 1.0]) @ true.to_plane,  # upside down
        np.diag([0.02, 0.02, 1.0]) @ true.to_plane,  # a pitch of the size of a hand
        np.full((3, 3), np.nan),
        np.ones((3, 3)),
    ):
        assert not is_plausible(replace(true, to_plane=wrong))
    assert not is_plausible(replace(true, k1=-0.5))


def look_from(position: tuple[float, float, float]) -> PictureView:
    """From anywhere to the middle of the pitch."""
    camera = Camera(np.array(position), np.array([52.5, 34.0, 0.0]), 1.6, SIZE)
    return camera.view()


@pytest.mark.parametrize("position", [(-50.0, 30.0, 30.0), (150.0, 40.0, 30.0), (-10.0, 85.0, 20.0), (52.5, 75.0, 6.0)])
def test_a_camera_may_stand_behind_a_goal_at_a_corner_and_low(position: tuple[float, float, float]) -> None:
    assert is_plausible(look_from(position))


def test_the_side_away_from_the_camera_is_the_far_one() -> None:
    far = look_from((52.5, -30.0, 20.0))
    assert not is_plausible(far)
    assert is_plausible(far.turn_round())


def test_the_camera_of_a_view_takes_video_pixels_to_metres() -> None:
    true = look_at(30.0, k1=-0.05)
    metres = np.array([[16.5, 13.84], [30.0, 40.0], [45.0, 34.0]])
    camera = true.to_camera(0.5)
    assert camera.to_pitch(true.project(metres) / 0.5) == pytest.approx(metres, abs=1e-6)
    assert camera.to_image(metres) == pytest.approx(true.project(metres) / 0.5, abs=1e-6)
    assert true.locate(true.project(metres)) == pytest.approx(metres, abs=1e-6)


def test_a_view_moves_with_the_picture() -> None:
    true = look_at(30.0)
    metres = np.array([[16.5, 13.84], [30.0, 40.0]])
    motion = np.array([[1.01, -0.002, 5.0], [0.002, 1.01, -3.0]])
    assert true.move(motion).project(metres) == pytest.approx(true.project(metres) @ motion[:, :2].T + motion[:, 2])


@pytest.mark.parametrize(
    ("clear", "on_line", "contradicted"),
    [
        (90, 25, True),  # as after a dissolve into another shot
        (25, 5, False),  # something covers the lines
        (150, 75, False),  # half of them are where they should be
    ],
)
def test_lines_that_lie_elsewhere_contradict(clear: int, on_line: int, contradicted: bool) -> None:
    alignment = Alignment(look_at(50.0), 177, clear, on_line, 0.0, 1.0)
    assert is_contradicted(alignment) is contradicted


def test_points_are_read_between_cells() -> None:
    maps = np.zeros((3, 20, 30), np.float32)
    maps[1, 8, 11], maps[1, 8, 12] = 0.6, 0.2  # three quarters to one
    maps[2, 0, 29] = 0.9  # in a corner
    maps[0, 5, 5] = 0.1
    seen = read_points(maps, least=0.3)
    assert seen.numbers.tolist() == [1, 2]
    assert seen.places == pytest.approx(POINT_STRIDE * np.array([[11.75, 8.5], [29.5, 0.5]]))
    assert seen.chances == pytest.approx([0.8, 0.9])
