"""A pan over a drawn pitch, followed with a network that looks once, fails, or errs."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.registration.alignment import align
from engine.registration.follower import CARRY_S, LOOK_EVERY_S, PitchFollower
from engine.registration.line_search import to_grey
from engine.registration.projection import PictureView
from engine.registration.registrar import Registration
from engine.video import Picture
from tests.unit.engine.registration.drawn_pitch import SIZE, draw_view, error_px, look_at, shake

STILL = np.eye(2, 3)
INTERVAL_S = 0.04
HERE = np.array([[50.0, 34.0]])
Look = Callable[[Picture], Registration | None]


class ScriptedRegistrar:
    """Answers as it is told, and counts."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.looks = 0

    def register(self, picture: Picture) -> Registration | None:
        self.looks += 1
        return self._look(picture)


def exactly(true: PictureView) -> Look:
    def look(picture: Picture) -> Registration:
        found = align(true, to_grey(picture))
        return Registration(found.view, found.support, found.error_px)

    return look


def nowhere(_: Picture) -> None:
    return None


def error_of(found: Registration | None, true: PictureView) -> float:
    assert found is not None
    return error_px(found.view, true)


def test_a_pan_is_followed_by_its_lines_between_two_looks() -> None:
    views = [look_at(45 + 0.25 * step) for step in range(24)]
    registrar = ScriptedRegistrar(exactly(views[0]))
    follower = PitchFollower(registrar)
    for step, true in enumerate(views):
        shift = true.project(HERE) - views[max(0, step - 1)].project(HERE)
        motion = np.column_stack([np.eye(2), shift[0]])
        found = follower.follow(draw_view(true, seed=step), step * INTERVAL_S, motion)
        assert error_of(found, true) < 2.5
        assert found.error_px is not None
        assert found.shot == 1
    assert registrar.looks == 1


def test_a_moment_without_lines_is_bridged_by_motion_and_no_longer() -> None:
    true = look_at(52.5)
    follower = PitchFollower(ScriptedRegistrar(exactly(true)))
    assert follower.follow(draw_view(true), 0.0, STILL) is not None
    follower._registrar._look = nowhere
    covered = np.full((SIZE[1], SIZE[0], 3), 40, np.uint8)
    steps = range(1, round((CARRY_S + 0.4) / INTERVAL_S))
    found = {step * INTERVAL_S: follower.follow(covered, step * INTERVAL_S, STILL) for step in steps}
    assert all((one is not None) == (time_s <= CARRY_S) for time_s, one in found.items())
    assert all(one.error_px is None for one in found.values() if one)
    assert error_of(found[INTERVAL_S], true) < 1.0


def test_a_look_that_disagrees_replaces_what_was_followed() -> None:
    first, second = look_at(30), look_at(75)
    registrar = ScriptedRegistrar(exactly(first))
    follower = PitchFollower(registrar)
    before = follower.follow(draw_view(first), 0.0, STILL)
    registrar._look = exactly(second)
    found = follower.follow(draw_view(second), LOOK_EVERY_S, STILL)
    assert error_of(found, second) < 1.0  # a cut to another camera
    assert (before.shot, found.shot) == (1, 2)


def test_a_look_that_names_the_sides_the_other_way_round_changes_nothing() -> None:
    true = look_at(52.5)
    registrar = ScriptedRegistrar(exactly(true))
    follower = PitchFollower(registrar)
    before = follower.follow(draw_view(true), 0.0, STILL)

    def turned(picture: Picture) -> Registration:
        seen = exactly(true)(picture)
        return replace(seen, view=seen.view.turn_round(), support=1.0)

    registrar._look = turned
    found = follower.follow(draw_view(true), LOOK_EVERY_S, STILL)
    assert registrar.looks == 2
    assert error_of(found, true) < 1.0
    assert (found.support, found.shot) == (1.0, before.shot)


def test_where_lines_are_lost_the_network_looks_at_once() -> None:
    first, second = look_at(30), look_at(75)
    registrar = ScriptedRegistrar(exactly(first))
    follower = PitchFollower(registrar)
    follower.follow(draw_view(first), 0.0, STILL)
    registrar._look = exactly(second)
    assert error_of(follower.follow(draw_view(second), INTERVAL_S, STILL), second) < 1.0


def test_a_lost_pitch_is_looked_for_now_and_then() -> None:
    registrar = ScriptedRegistrar(nowhere)
    follower = PitchFollower(registrar)
    grass = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    assert all(follower.follow(grass, step * INTERVAL_S, STILL) is None for step in range(50))
    assert 8 <= registrar.looks <= 12


def test_a_seed_is_moved_to_the_lines_of_the_first_picture_and_followed_from_there() -> None:
    views = [look_at(45 + 0.25 * step) for step in range(24)]
    registrar = ScriptedRegistrar(nowhere)
    follower = PitchFollower(registrar, seed=shake(views[0], 3, by=0.003))
    for step, true in enumerate(views):
        shift = true.project(HERE) - views[max(0, step - 1)].project(HERE)
        motion = np.column_stack([np.eye(2), shift[0]])
        found = follower.follow(draw_view(true, seed=step), step * INTERVAL_S, motion)
        assert error_of(found, true) < 2.5
        assert found.error_px is not None
    assert registrar.looks == 0


def test_a_seed_without_lines_is_carried_by_motion_and_no_longer() -> None:
    true = look_at(52.5)
    follower = PitchFollower(ScriptedRegistrar(nowhere), seed=true)
    covered = np.full((SIZE[1], SIZE[0], 3), 40, np.uint8)
    steps = range(round((CARRY_S + 0.4) / INTERVAL_S))
    found = {step * INTERVAL_S: follower.follow(covered, step * INTERVAL_S, STILL) for step in steps}
    assert all((one is not None) == (time_s <= CARRY_S) for time_s, one in found.items())
    assert all(one.error_px is None for one in found.values() if one)
    assert error_of(found[0.0], true) < 0.1


def test_what_the_network_sees_replaces_a_seed_that_no_line_supports() -> None:
    true = look_at(52.5)
    follower = PitchFollower(ScriptedRegistrar(exactly(true)), seed=look_at(20))
    found = follower.follow(draw_view(true), 0.0, STILL)
    assert error_of(found, true) < 1.5
    assert found.error_px is not None
