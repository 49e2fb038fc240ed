"""What stands is told by places on the ground, while the camera pans."""

import numpy as np
import pytest

from engine.ball import BallCandidate
from engine.ball_paths import BallPaths
from engine.registration.projection import PictureView
from engine.registration.registrar import Registration
from engine.standing import STANDS_AFTER_S, StandingPlaces
from tests.unit.engine.registration.drawn_pitch import look_at

INTERVAL_S = 0.1
BODY_PX = 15.0
PENALTY_MARK, CENTRE_MARK, BOTTLE = (94.0, 34.0), (52.5, 34.0), (70.0, -2.3)


def pan(number: int) -> PictureView:
    return look_at(75.0 + 0.2 * number, 25.0, focal=0.8)


def candidate(view: PictureView, *place: float, confidence: float = 0.8) -> BallCandidate:
    return BallCandidate(view.project(np.array([place]))[0], BODY_PX, confidence)


def motion(before: PictureView, after: PictureView) -> np.ndarray:
    """The shift that a pan is, about."""
    ground = np.array([[80.0, 30.0]])
    return np.column_stack([np.eye(2), (after.project(ground) - before.project(ground))[0]])


def follow(frames: list[list[BallCandidate]], views: list[PictureView]) -> list[np.ndarray | None]:
    """Where the ball is told to be in each frame, metres."""
    places, paths, told = StandingPlaces(), BallPaths(), []
    for number, (found, view) in enumerate(zip(frames, views, strict=True)):
        shift = motion(views[max(0, number - 1)], view)
        time_s = number * INTERVAL_S
        ball = paths.update(places.mark(found, Registration(view, 0.9, 0.5), time_s), time_s, motion=shift)
        told.append(None if ball is None else view.locate(ball.centre[np.newaxis])[0])
    return told


@pytest.mark.parametrize(
    ("place", "stood"),
    [
        (PENALTY_MARK, True),
        (CENTRE_MARK, True),
        ((88.5, 13.84), True),  # a corner of the penalty area
        ((80.0, 30.0), False),
    ],
)
def test_marks_of_the_pitch_have_always_stood(place: tuple[float, float], stood: bool) -> None:
    view = pan(0)
    (marked,) = StandingPlaces().mark([candidate(view, *place)], Registration(view, 0.9, 0.5), 0.0)
    assert marked.stood is stood


def test_what_lies_beside_the_pitch_has_stood_after_a_while_however_the_camera_pans() -> None:
    places = StandingPlaces()
    has_stood = [
        places.mark([candidate(pan(number), *BOTTLE)], Registration(pan(number), 0.9, 0.5), number * INTERVAL_S)[
            0
        ].stood
        for number in range(20)
    ]
    first = round(STANDS_AFTER_S / INTERVAL_S)
    assert has_stood == [number >= first for number in range(20)]


@pytest.mark.parametrize("registration", [None, Registration(pan(0), 0.0, None)])
def test_nothing_is_known_to_stand_where_no_line_was_measured(registration: Registration | None) -> None:
    (marked,) = StandingPlaces().mark([candidate(pan(0), *PENALTY_MARK)], registration, 0.0)
    assert not marked.stood


def test_places_seen_for_a_moment_are_forgotten() -> None:
    places, view = StandingPlaces(), pan(0)
    registration = Registration(view, 0.9, 0.5)
    for second in (0.0, 3.0, 6.0, 9.0):
        (marked,) = places.mark([candidate(view, *BOTTLE)], registration, second)
    assert not marked.stood


@pytest.mark.parametrize("standing", [PENALTY_MARK, BOTTLE])
def test_a_ball_that_is_gone_does_not_turn_into_what_stood_there(standing: tuple[float, float]) -> None:
    """The ball comes by at four metres and is lost sight of, just as somebody walks away who hid the other thing."""
    views = [pan(number) for number in range(60)]
    ball = [(standing[0] - 10.0 + 0.5 * number, standing[1] + 4.0) for number in range(20)]
    frames = [[] if 30 <= number < 40 else [candidate(view, *standing)] for number, view in enumerate(views)]
    for number, place in enumerate(ball, start=20):
        frames[number].append(candidate(views[number], *place))
    told = follow(frames, views)
    assert np.allclose(np.array(told[22:40]), ball[2:], atol=0.1)
    assert told[40:] == [None] * 20


def test_a_ball_that_rolls_over_the_penalty_mark_is_told_all_the_way() -> None:
    views = [pan(number) for number in range(40)]
    ball = [(84.0 + 0.5 * number, 34.0) for number in range(40)]
    told = follow([[candidate(view, *place)] for view, place in zip(views, ball, strict=True)], views)
    assert np.allclose(np.array(told[2:]), ball[2:], atol=0.1)


def test_a_ball_that_lies_on_the_centre_mark_is_told_from_the_kick_off() -> None:
    views = [look_at(52.5, 25.0, focal=0.8)] * 60
    ball = [CENTRE_MARK] * 30 + [(52.5 + 0.8 * number, 34.0) for number in range(1, 31)]
    told = follow([[candidate(view, *place)] for view, place in zip(views, ball, strict=True)], views)
    assert told[:30] == [None] * 30
    assert np.allclose(np.array(told[32:]), ball[32:], atol=0.1)


def test_a_ball_put_on_the_penalty_mark_is_told_until_it_rests_for_long() -> None:
    views = [pan(0)] * 30
    ball = [(94.0 - 0.2 * max(0, 20 - number), 34.0) for number in range(30)]
    told = follow([[candidate(view, *place)] for view, place in zip(views, ball, strict=True)], views)
    assert np.allclose(np.array(told[10:]), ball[10:], atol=0.1)
