import numpy as np
import pytest

from engine.tracking.smoothing import Sample, smooth_at


def test_an_even_run_is_not_changed():
    samples = [Sample(n * 0.04, np.array([3.0 * n, -n]), 1.0) for n in range(30)]
    assert smooth_at(samples, 15 * 0.04) == pytest.approx([45.0, -15.0])
    assert smooth_at(samples, 0.0) == pytest.approx([0.0, 0.0])  # at the end of a track, too


def test_the_swing_of_a_stride_is_damped():
    swing = [Sample(n * 0.04, np.array([10 * np.sin(2 * np.pi * n * 0.04 / 0.35)]), 1.0) for n in range(60)]
    smoothed = [abs(smooth_at(swing, n * 0.04)[0]) for n in range(20, 40)]
    assert max(smoothed) < 2.0


def test_a_doubtful_sample_pulls_less():
    values = [0.0, 0.0, 9.0, 0.0, 0.0]
    sure = [Sample(n * 0.04, np.array([value]), 1.0) for n, value in enumerate(values)]
    doubtful = [Sample(one.time_s, one.values, 0.1 if one.values[0] else 1.0) for one in sure]
    assert smooth_at(doubtful, 0.08)[0] < 0.3 * smooth_at(sure, 0.08)[0]


def test_a_single_sample_is_its_own_value():
    assert smooth_at([Sample(1.0, np.array([4.0, 5.0]), 0.5)], 1.0).tolist() == [4.0, 5.0]
