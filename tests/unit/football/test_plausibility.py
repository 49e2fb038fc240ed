import numpy as np

from football.plausibility import find_stretches

RATE = 25


def _standing(seconds: float) -> tuple[np.ndarray, np.ndarray]:
    times_s = np.arange(round(seconds * RATE)) / RATE
    return times_s, np.full((len(times_s), 2), 30.0)


def test_a_track_without_faults_is_one_stretch() -> None:
    times_s, points_m = _standing(2.0)

    found = find_stretches(times_s, points_m)

    assert [len(part) for part in found.indices] == [50]
    assert found.rejected == 0


def test_no_samples_are_no_stretches() -> None:
    assert find_stretches(np.zeros(0), np.zeros((0, 2))).indices == ()


def test_a_few_samples_somewhere_else_are_rejected_and_the_track_goes_on() -> None:
    times_s, points_m = _standing(2.0)
    points_m[20:23] += 15.0

    found = find_stretches(times_s, points_m)

    assert [len(part) for part in found.indices] == [47]
    assert found.rejected == 3


def test_a_mistake_at_the_start_is_rejected() -> None:
    times_s, points_m = _standing(2.0)
    points_m[:2] += 40.0

    found = find_stretches(times_s, points_m)

    assert [list(part[:1]) for part in found.indices] == [[2]]
    assert found.rejected == 2


def test_a_mistake_at_the_end_is_rejected() -> None:
    times_s, points_m = _standing(2.0)
    points_m[-1] += 40.0

    assert find_stretches(times_s, points_m).rejected == 1


def test_a_jump_that_stays_begins_another_stretch() -> None:
    times_s, points_m = _standing(4.0)
    points_m[50:] += 20.0

    found = find_stretches(times_s, points_m)

    assert [len(part) for part in found.indices] == [50, 50]
    assert found.rejected == 0


def test_jitter_of_a_foot_point_is_no_jump() -> None:
    # 0.8 m between two frames would be 20 m/s.
    times_s, points_m = _standing(2.0)
    points_m[20] += [0.8, 0.0]

    assert find_stretches(times_s, points_m).rejected == 0


def test_a_gap_of_more_than_a_second_splits_and_a_shorter_one_does_not() -> None:
    times_s, points_m = _standing(4.0)
    times_s[50:] += 0.9
    assert len(find_stretches(times_s, points_m).indices) == 1

    times_s[50:] += 0.2
    assert len(find_stretches(times_s, points_m).indices) == 2


def test_samples_that_are_not_finite_were_not_seen_and_are_no_mistakes() -> None:
    times_s, points_m = _standing(2.0)
    points_m[10] = np.nan
    points_m[11, 0] = np.inf

    found = find_stretches(times_s, points_m)

    assert [len(part) for part in found.indices] == [48]
    assert found.rejected == 0


def test_time_that_stands_still_or_goes_back_is_rejected() -> None:
    times_s, points_m = _standing(2.0)
    times_s[10] = times_s[9]
    times_s[20] = 0.1

    assert find_stretches(times_s, points_m).rejected == 2
