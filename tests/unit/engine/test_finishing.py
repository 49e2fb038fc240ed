import numpy as np
import pytest

from engine.chunks import FrameRows
from engine.finishing import LONGEST_BRIDGE_S, Finisher
from engine.kinds import Kind
from engine.results import BallRow, Place, PlayerRow

INTERVAL_S = 0.04


def person(time_s: float, place: tuple[float, float] | None, *, track=1, team="A", kind="") -> PlayerRow:
    foot = Place(500.0, 300.0) if place is None else Place(500.0, 300.0, *place)
    return PlayerRow(1, time_s, track, team, foot, (0.0, 0.0, 20.0, 60.0), 0.9, kind=kind)


def finish(frames: list[tuple[PlayerRow, ...]]) -> list[FrameRows]:
    finisher = Finisher()
    told = [FrameRows(number + 1, rows, None, number * INTERVAL_S) for number, rows in enumerate(frames)]
    return [*finisher.add(told), *finisher.finish()]


def speeds(frames: list[FrameRows]) -> list[float | None]:
    return [row.speed_mps for frame in frames for row in frame.players]


def test_an_even_run_has_its_speed_from_the_first_row_to_the_last():
    times = np.arange(50) * INTERVAL_S
    told = finish([(person(time_s, (3.0 * time_s, 4.0 * time_s)),) for time_s in times])
    assert [frame.frame for frame in told] == list(range(1, 51))
    assert speeds(told) == pytest.approx([5.0] * 50)


def test_a_speed_is_that_of_the_moment_and_not_of_the_past():
    """Speeding up by 4 m/s each second."""
    times = np.arange(70) * INTERVAL_S
    told = speeds(finish([(person(time_s, (2.0 * time_s**2, 0.0)),) for time_s in times]))
    assert told[10:-10] == pytest.approx((4.0 * times)[10:-10], abs=0.02)


@pytest.mark.parametrize(
    "places", [[None] * 20, [(1.0, 1.0)] * 2, [(20.0 * step * INTERVAL_S, 0.0) for step in range(20)]]
)
def test_without_metres_or_time_or_sense_there_is_no_speed(places):
    told = finish([(person(number * INTERVAL_S, place),) for number, place in enumerate(places)])
    assert speeds(told) == [None] * len(places)


def test_frames_of_nobody_are_told_in_their_turn_and_memory_stays():
    finisher = Finisher()
    told = list(finisher.add(FrameRows(number, (), None, number * INTERVAL_S) for number in range(1, 1001)))
    assert [frame.frame for frame in told] == list(range(1, len(told) + 1))
    assert len(finisher._held) <= LONGEST_BRIDGE_S / INTERVAL_S + 3
    assert not finisher._places


def teams_of_keepers(*, keeper_x: float, team="other", a_x=40.0, b_x=60.0) -> set[str]:
    field = [(a_x, "A", 1), (a_x + 5, "A", 2), (b_x, "B", 3), (b_x + 5, "B", 4)]
    rows = tuple(person(0.0, (x, 30.0), track=track, team=side) for x, side, track in field)
    keeper = person(0.0, (keeper_x, 34.0), track=9, team=team, kind=Kind.GOALKEEPER)
    return {row.team for frame in finish([(*rows, keeper)] * 5) for row in frame.players if row.track == 9}


@pytest.mark.parametrize(
    ("facts", "team"),
    [
        ({"keeper_x": 5.0}, "A"),
        ({"keeper_x": 100.0}, "B"),
        ({"keeper_x": 5.0, "a_x": 60.0, "b_x": 40.0}, "B"),
        ({"keeper_x": 5.0, "a_x": 50.0, "b_x": 51.0}, "other"),  # nobody can tell whose goal that is
        ({"keeper_x": 5.0, "team": "B"}, "B"),  # in the shirt of B: an outfield player
    ],
)
def test_a_goalkeeper_plays_for_the_team_whose_goal_is_near(facts, team):
    assert teams_of_keepers(**facts) == {team}


def test_a_goalkeeper_who_goes_forward_stays_with_the_team():
    frames = []
    for number in range(200):
        field = [(40.0, "A", 1), (45.0, "A", 2), (60.0, "B", 3), (65.0, "B", 4)]
        rows = [person(number * INTERVAL_S, (x, 30.0), track=track, team=side) for x, side, track in field]
        keeper_x = 5.0 if number < 150 else 80.0
        rows.append(person(number * INTERVAL_S, (keeper_x, 34.0), track=9, team="other", kind=Kind.GOALKEEPER))
        frames.append(tuple(rows))
    assert {row.team for frame in finish(frames) for row in frame.players if row.track == 9} == {"A"}


def test_a_referee_plays_for_nobody():
    told = finish([(person(0.0, (5.0, 30.0), team="other", kind=Kind.REFEREE),)])
    assert told[0].players[0].team == "other"


def balls(places: dict[int, tuple[float, float]], *, count=40) -> dict[int, BallRow]:
    """The ball of each frame, by its number; ``places`` are where it was seen, in metres."""
    finisher, told = Finisher(), []
    for number in range(count):
        place = places.get(number)
        seen = None if place is None else Place(10 * place[0], 10 * place[1], *place)
        ball = None if seen is None else BallRow(number, number * INTERVAL_S, seen, 0.8)
        told += finisher.add([FrameRows(number, (), ball, number * INTERVAL_S)])
    told += finisher.finish()
    assert [frame.frame for frame in told] == list(range(count))
    return {frame.frame: frame.ball for frame in told if frame.ball is not None}


def test_a_short_gap_of_the_ball_is_bridged_and_says_so():
    found = balls({10: (20.0, 30.0), 11: (20.5, 30.0), 19: (24.5, 34.0), 20: (25.0, 34.0)})
    assert sorted(found) == list(range(10, 21))
    assert [number for number, ball in found.items() if ball.is_interpolated] == list(range(12, 19))
    middle = found[15].place
    assert (middle.x_m, middle.y_m, middle.x_px, middle.y_px) == pytest.approx((22.5, 32.0, 225.0, 320.0))


@pytest.mark.parametrize(
    "places",
    [
        {5: (20.0, 30.0), 5 + int(LONGEST_BRIDGE_S / INTERVAL_S) + 1: (21.0, 30.0)},  # too long
        {5: (20.0, 30.0), 10: (40.0, 30.0)},  # no ball flies like that
    ],
)
def test_a_gap_that_is_too_long_or_too_wide_stays(places):
    assert sorted(balls(places)) == sorted(places)
