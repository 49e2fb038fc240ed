import numpy as np

from engine.ground import Ground
from engine.tracking.tracker import FORGET_AFTER_S, Sighting, Tracker
from tests.unit.engine.registration.drawn_pitch import look_at

BLUE, WHITE = np.array([40.0, 16.0, -43.0]), np.array([85.0, 0.0, 0.0])
INTERVAL_S = 0.04


def person(x: float, y: float, shirt=BLUE, confidence: float = 0.9) -> Sighting:
    return Sighting((x - 8.0, y - 60.0, x + 8.0, y), confidence, shirt)


def follow(tracker: Tracker, frames: list[list[Sighting]], start: int = 0) -> list[dict[int, Sighting]]:
    """Sightings by track number, for each frame; unconfirmed tracks are left out."""
    told = []
    for number, sightings in enumerate(frames, start=start):
        matches = tracker.update(sightings, number * INTERVAL_S)
        told.append({match.track.number: match.sighting for match in matches if match.track.is_confirmed})
    return told


def test_people_of_two_teams_who_cross_keep_their_numbers():
    frames = [[person(100 + 3 * n, 200, BLUE), person(300 - 3 * n, 202, WHITE)] for n in range(60)]
    told = follow(Tracker(), frames)
    assert set(told[20]) == set(told[-1]) == {1, 2}
    for number in (1, 2):
        assert np.array_equal(told[20][number].shirt, told[-1][number].shirt)


def test_a_gap_shorter_than_the_memory_is_bridged():
    hidden = range(30, 50)
    frames = [[] if n in hidden else [person(100 + 2 * n, 200)] for n in range(80)]
    assert {number for frame in follow(Tracker(), frames) for number in frame} == {1}


def test_somebody_who_returns_after_the_memory_is_a_new_track():
    away = int(FORGET_AFTER_S / INTERVAL_S) + 2
    frames = [[person(100, 200)]] * 20 + [[]] * away + [[person(100, 200)]] * 20
    told = follow(Tracker(), frames)
    assert set(told[10]) == {1}
    assert set(told[-1]) == {2}


def test_a_flicker_is_never_a_track():
    frames = [[person(100, 200)] if n in (3, 4) else [] for n in range(20)]
    assert not any(follow(Tracker(), frames))


def test_a_doubtful_detection_continues_a_track_but_starts_none():
    tracker = Tracker()
    follow(tracker, [[person(100, 200)]] * 20)
    doubtful = [[person(100, 200, confidence=0.35), person(400, 200, confidence=0.35)]] * 20
    assert [set(frame) for frame in follow(tracker, doubtful, start=20)] == [{1}] * 20


def test_numbers_start_at_one_for_each_video():
    for _ in range(2):
        assert set(follow(Tracker(), [[person(100, 200), person(300, 200)]] * 20)[-1]) == {1, 2}


def test_a_pan_of_the_camera_does_not_break_a_track():
    tracker = Tracker()
    pan = np.array([[1.0, 0.0, 40.0], [0.0, 1.0, 0.0]])
    numbers = set()
    for n in range(40):
        matches = tracker.update([person(100 + 40 * n, 200)], n * INTERVAL_S, motion=pan if n else None)
        numbers |= {match.track.number for match in matches if match.track.is_confirmed}
    assert numbers == {1}


def test_somebody_who_turns_at_once_keeps_the_number():
    """From 2 m/s to the left to 4 m/s to the right within a frame; people need hardly longer."""
    lefts = [500 - 2.7 * n if n < 40 else 392 + 5.4 * (n - 40) for n in range(80)]
    told = follow(Tracker(), [[person(x, 200)] for x in lefts])
    assert {number for frame in told for number in frame} == {1}
    assert all(told[10:])


def test_a_new_track_takes_nobody_from_one_that_is_known():
    """A false alarm lies where the person is about to be, and the next sighting fits it better."""
    frames = [[person(100 + n, 200)] for n in range(30)]
    frames += [[person(130, 200), person(148, 200)], *([person(140 + n, 200)] for n in range(30))]
    told = follow(Tracker(), frames)
    assert [set(frame) for frame in told[10:]] == [{1}] * (len(told) - 10)


def test_frame_rates_do_not_matter():
    """Thrice the frames, each of them a third as long: the same way is followed with the same numbers."""
    for share in (1, 3):
        tracker = Tracker()
        for n in range(60 * share):
            x = 100 + 4 * n / share
            matches = tracker.update([person(x, 200)], n * INTERVAL_S / share)
        assert [match.track.number for match in matches] == [1]


def test_nobody_turns_into_somebody_far_behind_where_the_pitch_is_known():
    """He stands six metres behind the one who is lost sight of, which by bodies is half a height."""
    view = look_at(52.5, 34.0, focal=1.4)
    (near_x, near_y), (far_x, far_y) = view.project(np.array([[52.5, 40.0], [52.5, 34.0]])).tolist()
    assert 0.2 * 60 < near_y - far_y < 60
    frames = [[person(near_x, near_y)]] * 30 + [[]] * 3 + [[person(far_x, far_y)]] * 30
    numbers = {}
    for name, ground in (("bodies", None), ("metres", Ground(view.to_camera(1.0), 1.0))):
        tracker = Tracker()
        matches = [tracker.update(one, number * INTERVAL_S, ground=ground) for number, one in enumerate(frames)]
        numbers[name] = {match.track.number for frame in matches for match in frame if match.track.is_confirmed}
    assert numbers == {"bodies": {1}, "metres": {1, 2}}
