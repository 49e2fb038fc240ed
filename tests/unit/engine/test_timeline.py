import numpy as np
import pytest

from engine.kinds import Kind
from engine.timeline import HOLD_S, LOOK_FOR_KITS_S, MAX_WAIT_FOR_KITS_S, Observation, Timeline, View
from engine.tracking.tracker import Sighting, Tracker
from football.camera import Lens, PitchCamera

BLUE, WHITE = np.array([40.0, 16.0, -43.0]), np.array([85.0, 0.0, 0.0])
INTERVAL_S = 0.1
HALF_A_METRE_PER_PX = PitchCamera(Lens((0.0, 0.0), 1.0), np.diag([0.5, 0.5, 1.0]))


def person(x: float, shirt, kind=None) -> Sighting:
    return Sighting((x - 8.0, 140.0, x + 8.0, 200.0), 0.9, shirt, kind)


def feed(timeline: Timeline, seconds: float, shirts=(BLUE, WHITE)):
    """Rows as they become ready, by the time at which they did."""
    tracker, told = Tracker(), []
    for number in range(1, int(seconds / INTERVAL_S) + 1):
        time_s = (number - 1) * INTERVAL_S
        people = [person(100 * (1 + place) + number, shirt) for place, shirt in enumerate(shirts)]
        timeline.add(number, time_s, Observation(tracker.update(people, time_s), None))
        told += [(time_s, frame) for frame in timeline.take_ready()]
    return told


def test_rows_wait_for_the_kits_and_then_carry_the_teams_from_the_first_frame():
    told = feed(Timeline(None, 1.0), LOOK_FOR_KITS_S + 2)
    ready_s, first = told[0]
    assert ready_s == pytest.approx(LOOK_FOR_KITS_S, abs=INTERVAL_S)
    assert [row.team for row in first.players] == ["B", "A"]
    assert told[-1][0] - (told[-1][1].frame - 1) * INTERVAL_S == pytest.approx(HOLD_S, abs=INTERVAL_S)


def test_rows_do_not_wait_for_ever_when_there_are_no_two_kits():
    told = feed(Timeline(None, 1.0), MAX_WAIT_FOR_KITS_S + 1, shirts=(BLUE, BLUE))
    ready_s, first = told[0]
    assert ready_s == pytest.approx(MAX_WAIT_FOR_KITS_S, abs=INTERVAL_S)
    assert [row.team for row in first.players] == ["", ""]


def test_the_rest_of_a_short_video_comes_at_its_end_with_teams():
    timeline = Timeline(None, 1.0)
    assert feed(timeline, 2.0) == []
    frames = list(timeline.take_rest())
    assert [frame.frame for frame in frames] == list(range(1, 21))
    assert [row.team for row in frames[-1].players] == ["B", "A"]


def test_places_are_in_video_pixels_and_metres():
    timeline = Timeline(HALF_A_METRE_PER_PX, 0.5)
    feed(timeline, 2.0)
    row = list(timeline.take_rest())[9].players[0]
    assert (row.foot.x_px, row.foot.y_px) == pytest.approx((220, 400), abs=0.1)
    assert (row.foot.x_m, row.foot.y_m) == pytest.approx((110, 200), abs=0.1)
    assert row.box == pytest.approx((204, 280, 32, 120), abs=0.1)


def test_memory_does_not_grow_with_the_video():
    timeline, tracker = Timeline(None, 1.0), Tracker()
    for number in range(1, 1500):
        shirts = (BLUE, WHITE) if number // 50 % 2 else (WHITE, BLUE)  # everybody leaves and others come
        people = [person(100 + 600 * (number // 50 % 2) + 200 * place, shirt) for place, shirt in enumerate(shirts)]
        timeline.add(number, number * INTERVAL_S, Observation(tracker.update(people, number * INTERVAL_S), None))
        list(timeline.take_ready())
    assert len(timeline._held) <= HOLD_S / INTERVAL_S + 1
    assert len(timeline._samples) <= 6


def test_the_class_is_what_most_sightings_say_and_a_referee_is_of_no_team():
    timeline, tracker = Timeline(None, 1.0), Tracker()
    for number in range(1, 31):
        kinds = (Kind.PLAYER if number % 4 == 0 else Kind.REFEREE, Kind.GOALKEEPER if number % 2 else Kind.PLAYER)
        people = [person(100 * (1 + place) + number, shirt, kinds[place]) for place, shirt in enumerate((BLUE, WHITE))]
        timeline.add(number, number * INTERVAL_S, Observation(tracker.update(people, number * INTERVAL_S), None))
    told = [(row.kind, row.team) for frame in timeline.take_rest() for row in frame.players]
    assert set(told) == {("referee", "other"), ("player", "A")}


def test_without_a_network_the_class_is_not_known():
    timeline = Timeline(None, 1.0)
    feed(timeline, 2.0)
    assert {row.kind for frame in timeline.take_rest() for row in frame.players} == {""}


def test_with_a_moving_camera_metres_come_from_the_view_of_their_own_frame():
    timeline, tracker = Timeline(None, 0.5), Tracker()
    for number in range(1, 31):
        time_s, pan = number * INTERVAL_S, 8.0 * number  # the person stands, and the picture moves past
        view = View(PitchCamera(Lens((0.0, 0.0), 1.0), np.array([[0.1, 0, 0.2 * pan], [0, 0.1, 0], [0, 0, 1]])), 1.5)
        matches = tracker.update([person(300 - pan, BLUE)], time_s, motion=np.array([[1.0, 0, -8], [0, 1, 0]]))
        timeline.add(number, time_s, Observation(matches, None, view=None if number in {20, 21} else view))
    rows = [frame.players[0] for frame in timeline.take_rest() if frame.players]
    placed = [row for row in rows if row.foot.x_m is not None]
    assert {row.frame for row in rows} - {row.frame for row in placed} == {20, 21}
    assert [row.foot.x_m for row in placed] == pytest.approx([60.0] * len(placed), abs=1e-6)
    assert [row.foot.y_m for row in placed] == pytest.approx([40.0] * len(placed), abs=1e-6)
    assert [row.foot.x_px for row in placed] == pytest.approx([600 - 16 * row.frame for row in placed], abs=0.1)
    assert {row.foot.registration_error_px for row in placed} == {1.5}
    assert {row.foot.registration_error_px for row in rows if row.frame in {20, 21}} == {None}


def test_places_of_two_shots_are_not_smoothed_into_each_other():
    timeline, tracker = Timeline(None, 1.0), Tracker()
    for number in range(1, 21):
        shot = 1 if number <= 10 else 2  # the second camera sees the same pixels 30 m further on
        view = View(
            PitchCamera(Lens((0.0, 0.0), 1.0), np.array([[0.1, 0, 30 * shot], [0, 0.1, 0], [0, 0, 1]])), 1, shot
        )
        matches = tracker.update([person(200, BLUE)], number * INTERVAL_S)
        timeline.add(number, number * INTERVAL_S, Observation(matches, None, view=view))
    rows = [frame.players[0] for frame in timeline.take_rest() if frame.players]
    assert [row.foot.x_m for row in rows] == pytest.approx([50.0 if row.frame <= 10 else 80.0 for row in rows])


def test_who_stands_while_the_camera_pans_and_zooms_is_framed_where_he_is_in_each_frame():
    """The pan begins and ends at once, which smoothing in the picture would round off."""
    timeline, tracker = Timeline(None, 1.0), Tracker()
    middle, motion, true = np.array([320.0, 200.0]), np.eye(2, 3), []
    for number in range(1, 41):
        pan, zoom = (12.0, 1.02) if 12 <= number < 25 else (0.0, 1.0)
        motion = np.array([[zoom, 0.0, pan], [0.0, zoom, 0.0]]) if number > 1 else np.eye(2, 3)
        middle = motion @ [*middle, 1.0]
        height = 60.0 if number == 1 else true[-1][3] * zoom
        box = (middle[0] - height / 8, middle[1] - height, middle[0] + height / 8, middle[1])
        true.append((box[0], box[1], height / 4, height))
        time_s = (number - 1) * INTERVAL_S
        people = tracker.update([Sighting(box, 0.9, BLUE)], time_s, motion=motion)
        timeline.add(number, time_s, Observation(people, None, motion))
    rows = {frame.frame: frame.players[0] for frame in timeline.take_rest() if frame.players}
    assert len(rows) >= 38
    assert max(np.abs(np.subtract(row.box, true[number - 1])).max() for number, row in rows.items()) < 0.1
