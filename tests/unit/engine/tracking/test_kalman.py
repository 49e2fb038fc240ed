import numpy as np
import pytest
from scipy.stats import multivariate_normal

from engine.tracking.kalman import KalmanState, correct, move, predict, start_state, weigh_offsets

BODY_PX = 60.0
CHANGE, UNKNOWN = 67.0**2 * np.eye(2), 100.0**2 * np.eye(2)  # squared pixels per second


def test_the_speed_of_an_even_walk_is_learnt():
    state = start_state(np.array([100.0, 200.0]), BODY_PX, UNKNOWN)
    for step in range(1, 50):
        state = predict(state, 0.04, CHANGE)
        state = correct(state, np.array([100.0 + 2.0 * step, 200.0]), BODY_PX)
    assert state.mean[2:] == pytest.approx([50.0, 0.0], abs=3.0)


def test_a_prediction_moves_with_the_speed_and_grows_unsure():
    state = start_state(np.array([0.0, 0.0]), BODY_PX, UNKNOWN)
    state.mean[2:] = [30.0, -10.0]
    later = predict(state, 0.5, CHANGE)
    assert later.mean[:2] == pytest.approx([15.0, -5.0])
    assert later.covariance[0, 0] > state.covariance[0, 0]


def test_speed_changes_along_the_axes_that_it_may_change_along():
    """White noise of the acceleration: t³ / 3 of a place, t² / 2 with the speed, t of the speed."""
    change = np.array([[9.0, 2.0], [2.0, 1.0]])
    still = KalmanState(np.zeros(4), np.zeros((4, 4)))
    expected = np.block([[change * 8 / 3, change * 2], [change * 2, change * 2]])
    assert predict(still, 2.0, change).covariance == pytest.approx(expected)


def test_a_doubtful_measurement_moves_the_state_less():
    state = predict(start_state(np.array([0.0, 0.0]), BODY_PX, UNKNOWN), 0.04, CHANGE)
    sure = correct(state, np.array([10.0, 0.0]), BODY_PX)
    doubtful = correct(state, np.array([10.0, 0.0]), BODY_PX, doubt=4.0)
    assert 0 < doubtful.mean[0] < sure.mean[0] < 10


def test_a_camera_motion_turns_place_and_speed():
    state = start_state(np.array([10.0, 0.0]), BODY_PX, UNKNOWN)
    state.mean[2:] = [1.0, 0.0]
    quarter_turn = np.array([[0.0, -1.0, 5.0], [1.0, 0.0, 0.0]])
    assert move(state, quarter_turn).mean == pytest.approx([5.0, 10.0, 0.0, 1.0])


def test_offsets_are_weighed_as_the_normal_distribution_weighs_them():
    random = np.random.default_rng(1)
    heights = np.array([[40.0], [90.0]])
    states = []
    for (height,) in heights:
        state = start_state(np.zeros(2), height, UNKNOWN)
        mixed = random.normal(0, 5, (4, 4))
        state.covariance[:] = mixed @ mixed.T
        states.append(state)
    offsets, doubts = random.normal(0, 9, (2, 3, 2)), np.array([1.0, 1.7, 3.0])
    distances2, determinants = weigh_offsets(states, offsets, heights, doubts)
    for row, state in enumerate(states):
        for column, doubt in enumerate(doubts):
            covariance = state.covariance[:2, :2] + np.eye(2) * (0.06 * doubt * heights[row, 0]) ** 2
            likelihood = multivariate_normal(np.zeros(2), covariance).logpdf(offsets[row, column])
            weighed = -(distances2[row, column] + np.log(determinants[row, column])) / 2 - np.log(2 * np.pi)
            assert weighed == pytest.approx(likelihood)


def test_many_people_are_followed_as_each_by_himself():
    feet = np.array([[0.0, 0.0], [40.0, 90.0], [300.0, 20.0]])
    bodies, doubts = np.array([40.0, 60.0, 90.0]), np.array([1.0, 2.0, 1.5])
    motion = np.array([[1.01, 0.02, 3.0], [-0.02, 1.01, -1.0]])
    changes = bodies[:, np.newaxis, np.newaxis] ** 2 * np.array([[1.0, 0.2], [0.2, 0.3]])
    alone = [start_state(foot, body, UNKNOWN) for foot, body in zip(feet, bodies, strict=True)]
    together = predict(move(KalmanState.of_all(alone), motion), 0.08, changes)
    together = correct(together, feet + 5.0, bodies, doubt=doubts)
    people = zip(together.split(), alone, changes, feet, bodies, doubts, strict=True)
    for state, start, change, foot, body, doubt in people:
        expected = correct(predict(move(start, motion), 0.08, change), foot + 5.0, body, doubt=doubt)
        assert state.mean == pytest.approx(expected.mean)
        assert state.covariance == pytest.approx(expected.covariance)
