"""Rendered pitches lie where their cameras put them, by one naming of the sides, and the engine's lines agree."""

import cv2
import numpy as np
import pytest

from engine.registration.alignment import judge
from engine.registration.line_search import to_grey
from engine.registration.projection import is_plausible
from football.markings import PITCH_POINTS
from training.pitch import rendered
from training.pitch.crops import VIEW_SIZE
from training.pitch.rendered import render_view
from training.pitch.targets import make_targets
from training.rendering.cameras import Camera, choose_camera, name_sides
from training.rendering.ground import locate_ground
from training.rendering.scenes import render, render_scene

BEHIND_LEFT_GOAL = Camera(np.array([-55.0, 36.0, 35.0]), np.array([45.0, 34.0, 0.0]), 2.8, VIEW_SIZE, 0.02, -0.04)
MAIN_STAND = Camera(np.array([50.0, 105.0, 22.0]), np.array([60.0, 36.0, 0.0]), 2.2, VIEW_SIZE)
SEEDS = range(12)


@pytest.mark.parametrize("camera", [MAIN_STAND, BEHIND_LEFT_GOAL])
def test_the_ground_lies_where_a_camera_in_space_sees_it(camera: Camera) -> None:
    on_ground = np.column_stack([PITCH_POINTS, np.zeros(len(PITCH_POINTS))])
    assert camera.view().project(PITCH_POINTS) == pytest.approx(camera.project(on_ground), abs=1e-6, nan_ok=True)


def test_heads_are_above_feet_and_right_is_right_from_the_main_stand() -> None:
    here, right, nearer, up = MAIN_STAND.project(np.array([[60, 30, 0], [70, 30, 0], [60, 40, 0], [60, 30, 2.0]]))
    assert right[0] > here[0]
    assert nearer[1] > here[1] > up[1]


def test_each_pixel_knows_its_place_on_the_ground() -> None:
    view = BEHIND_LEFT_GOAL.view()
    ground = locate_ground(view, np.full(4, 5.0))
    places = np.array([(300, 100), (40, 280), (500, 200)])
    located = view.locate(places + 0.5)
    found = np.column_stack([ground.x[places[:, 1], places[:, 0]], ground.y[places[:, 1], places[:, 0]]])
    assert found == pytest.approx(located, abs=0.05)


@pytest.mark.parametrize(
    ("position", "stays"),
    [
        ((52.5, 100, 20), True),
        ((90, 80, 8), True),  # at the near touchline, level with the right penalty area
        ((-50, 20, 30), True),  # behind the left goal
        ((155, 48, 30), False),  # behind the right one
        ((52.5, -30, 20), False),
    ],
)
def test_sides_are_named_by_where_the_camera_is(position: tuple[float, ...], stays: bool) -> None:
    camera = Camera(np.array(position), np.array([50.0, 30.0, 0.0]), 2.0, VIEW_SIZE)
    named = name_sides(camera)
    assert (named is camera) is stays
    assert name_sides(named) is named
    if not stays:
        renamed = np.array([105.0, 68.0]) - PITCH_POINTS
        assert named.view().project(renamed) == pytest.approx(camera.view().project(PITCH_POINTS), nan_ok=True)
        assert camera.view().turn_round().project(renamed) == pytest.approx(
            camera.view().project(PITCH_POINTS), nan_ok=True
        )


def test_the_engine_takes_the_cameras_for_likely_ones() -> None:
    random = np.random.default_rng(1)
    assert np.mean([is_plausible(choose_camera(VIEW_SIZE, random).view()) for _ in range(300)]) > 0.9


def test_a_picture_is_the_same_for_the_same_seed() -> None:
    one, same, other = (render_scene(VIEW_SIZE, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(one.picture, same.picture)
    assert np.array_equal(one.points, same.points, equal_nan=True)
    assert not np.array_equal(one.picture, other.picture)
    assert one.picture.shape == (VIEW_SIZE[1], VIEW_SIZE[0], 3)


@pytest.mark.parametrize("camera", [MAIN_STAND, BEHIND_LEFT_GOAL])
def test_the_engine_finds_the_lines_of_a_rendered_pitch_where_its_camera_puts_them(camera: Camera) -> None:
    larger = Camera(camera.position, camera.target, camera.focal, (960, 540), camera.roll, camera.k1)
    found = [judge(larger.view(), to_grey(render(larger, np.random.default_rng(seed)))) for seed in SEEDS]
    assert np.median([one.support for one in found]) > 0.6
    assert np.median([one.error_px for one in found]) < 1.0


def test_what_is_to_be_learnt_of_a_rendered_view_is_drawn_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "change_look", lambda picture, _: picture)
    monkeypatch.setattr(rendered, "cover", lambda picture, _: picture)
    lighter = []
    for seed in SEEDS:
        view = render_view(np.random.default_rng(seed))
        seen = np.isfinite(view.points).all(axis=1)
        assert seen.sum() >= 6
        assert view.is_known.all()
        assert view.project(PITCH_POINTS[seen]) == pytest.approx(view.points[seen])
        lines = cv2.resize(make_targets(view).lines[0], VIEW_SIZE, interpolation=cv2.INTER_LINEAR)
        grey = cv2.cvtColor(view.picture, cv2.COLOR_BGR2GRAY).astype(float)
        light = grey - cv2.blur(grey, (15, 15))
        lighter.append(light[lines > 0.5].mean() - light[lines == 0].mean())
    assert np.median(lighter) > 5
    assert min(lighter) > 0
