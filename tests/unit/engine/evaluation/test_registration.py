"""Registrations that are right, off by a known amount, and missing."""

import math
from functools import partial

import numpy as np
import pytest

from engine.evaluation.pitch_labels import LabelledPitch
from engine.evaluation.registration import RegistrationScore, score_registration
from engine.registration.registrar import Registration
from engine.video import Picture, VideoFacts
from football.markings import LABELLED_POINTS, PITCH_POINTS
from tests.unit.engine.registration.drawn_pitch import look_at

SIZE = (1920, 1080)
SEEN = VideoFacts(*SIZE, frames=1, duration_s=0.0).picture_size
BLACK, GREY = 0, 100


class KnowsTheAnswer:
    """Is off by ``shift`` pixels to the right at 1080p, and finds nothing in black pictures."""

    def __init__(self, shift: float) -> None:
        self._shift = shift

    def register(self, picture: Picture) -> Registration | None:
        assert picture.shape[1::-1] == SEEN
        view = look_at(52.5, size=SEEN).move(np.array([[1.0, 0.0, self._shift * SEEN[0] / SIZE[0]], [0.0, 1.0, 0.0]]))
        return None if picture.max() == BLACK else Registration(view, 1.0, 0.0)


def a_picture(match: str, grey: int) -> LabelledPitch:
    true = look_at(52.5, size=SIZE)
    points = true.project(PITCH_POINTS[:LABELLED_POINTS])
    inside = ((points >= 0) & (points < SIZE)).all(axis=1)
    load = partial(np.full, (640, 640, 3), grey, np.uint8)
    return LabelledPitch(load, match, SIZE, np.where(inside[:, np.newaxis], points, np.nan))


def test_errors_are_told_at_1080p_and_by_match() -> None:
    pictures = [a_picture("a", GREY), a_picture("a", BLACK), a_picture("b", GREY)]
    scores = score_registration(pictures, KnowsTheAnswer(7.0))
    assert list(scores) == ["a", "b"]
    assert (scores["a"].pictures, scores["a"].valid, scores["a"].valid_share) == (2, 1, 0.5)
    assert scores["a"].quantile_px(0.5) == pytest.approx(7.0, abs=0.05)
    everything = scores["a"] + scores["b"]
    assert (everything.pictures, everything.valid) == (3, 2)
    assert len(everything.errors_px) == 2 * np.isfinite(pictures[0].points[:, 0]).sum()


def test_where_nothing_is_valid_there_is_no_error() -> None:
    score = score_registration([a_picture("a", BLACK)], KnowsTheAnswer(0.0))["a"]
    assert score.valid_share == 0
    assert math.isnan(score.quantile_px(0.5))
    assert math.isnan(RegistrationScore().valid_share)
