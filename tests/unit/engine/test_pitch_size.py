"""A pitch that is not 105 x 68 m: its fixed markings stay as they are, and all else is told by its own lines."""

from pathlib import Path

import numpy as np
import pytest

from engine.ball import BallCandidate
from engine.errors import PitchSizeInvalid
from engine.off_pitch import are_on_pitch
from engine.pipeline import AnalysisRequest, analyse
from engine.pitch_mask import CalibratedRegion
from engine.registration.alignment import align, judge
from engine.registration.line_mask import draw_lines
from engine.registration.line_search import to_grey
from engine.registration.projection import is_plausible, view_like
from engine.registration.registrar import Registration
from engine.results import Place, PlayerRow
from engine.sides import Sides
from engine.standing import StandingPlaces
from football.camera import PitchCamera
from football.pitch import STANDARD_PITCH, Pitch
from tests.unit.engine.registration.drawn_pitch import SIZE, draw_view, error_px, look_at, shake

SMALL, LARGE = Pitch(100.0, 64.0), Pitch(115.0, 74.0)
PITCHES = [SMALL, STANDARD_PITCH, LARGE]


@pytest.mark.parametrize("pitch", PITCHES)
def test_lines_are_followed_where_they_are_on_this_pitch(pitch: Pitch) -> None:
    true = look_at(60.0, focal=1.0, pitch=pitch)
    found = align(shake(true, 3, by=0.004), to_grey(draw_view(true)))
    assert error_px(found.view, true) < 1.0
    assert found.view.pitch == pitch


def test_lines_of_another_size_are_not_there() -> None:
    picture = to_grey(draw_view(look_at(60.0, focal=1.0, pitch=SMALL)))
    right, wrong = (judge(look_at(60.0, focal=1.0, pitch=pitch), picture) for pitch in (SMALL, STANDARD_PITCH))
    assert right.support > 0.9
    assert wrong.support < 0.4


@pytest.mark.parametrize("pitch", PITCHES)
def test_half_a_turn_takes_each_corner_to_the_opposite_one(pitch: Pitch) -> None:
    view = look_at(50.0, pitch=pitch)
    corners = np.array([[0.0, 0.0], [pitch.length_m, 0.0], [30.0, 20.0]])
    opposite = np.array([pitch.length_m, pitch.width_m]) - corners
    assert view.turn_round().project(opposite) == pytest.approx(view.project(corners))


@pytest.mark.parametrize("pitch", PITCHES)
def test_a_calibration_keeps_its_pitch_on_the_way_to_a_view_and_back(pitch: Pitch) -> None:
    true = look_at(45.0, pitch=pitch)
    found = view_like(true.to_camera(1.0), SIZE, 1.0)
    assert (found.pitch, found.to_camera(1.0).pitch) == (pitch, pitch)
    assert is_plausible(found)


def test_a_mask_of_lines_shows_those_of_this_pitch() -> None:
    view = look_at(50.0, focal=0.8, pitch=LARGE)
    mask = draw_lines(view)
    (x, y), (other_x, other_y) = view.project(np.array([[50.0, LARGE.width_m], [50.0, 68.0]])).astype(int)
    assert mask[y, x]
    assert not mask[other_y, other_x]


@pytest.mark.parametrize(("pitch", "stays"), [(SMALL, False), (STANDARD_PITCH, True)])
def test_who_stands_beyond_the_lines_of_this_pitch_is_off(pitch: Pitch, stays: bool) -> None:
    view = look_at(85.0, 20.0, focal=0.8, pitch=pitch)
    (x, y) = view.project(np.array([[104.0, 20.0]]))[0]
    assert are_on_pitch(np.array([[x - 4, y - 20, x + 4, y]]), Registration(view, 0.9, 0.8)).tolist() == [stays]


@pytest.mark.parametrize(("pitch", "stood"), [(SMALL, True), (STANDARD_PITCH, False)])
def test_marks_stand_where_they_are_on_this_pitch(pitch: Pitch, stood: bool) -> None:
    view = look_at(85.0, 25.0, focal=0.8, pitch=pitch)
    candidate = BallCandidate(view.project(np.array([[89.0, 32.0]]))[0], 15.0, 0.8)  # 11 m before the goal of SMALL
    (marked,) = StandingPlaces().mark([candidate], Registration(view, 0.9, 0.5), 0.0)
    assert marked.stood is stood


def test_the_region_of_a_calibrated_camera_ends_at_the_lines_of_this_pitch() -> None:
    above = look_at(50.0).to_camera(1.0)
    outside = above.to_image(np.array([[50.0, 66.0]]))
    regions = [CalibratedRegion(PitchCamera(above.lens, above.homography, pitch), 1.0, SIZE) for pitch in PITCHES]
    assert [region.contains(outside).tolist() for region in regions] == [[False], [True], [True]]


@pytest.mark.parametrize(("pitch", "team"), [(SMALL, "B"), (LARGE, "A")])
def test_a_goalkeeper_plays_for_the_team_of_the_nearer_goal_of_this_pitch(pitch: Pitch, team: str) -> None:
    players = [_stand(number, "AABB"[number], 20.0 + 20.0 * (number > 1)) for number in range(4)]
    *_, told = Sides(pitch).tell_teams([*players, _stand(9, "other", 54.0, kind="goalkeeper")])
    assert told.team == team


def _stand(track: int, team: str, x_m: float, *, kind: str = "player") -> PlayerRow:
    return PlayerRow(1, 0.0, track, team, Place(0.0, 0.0, x_m, 30.0), (0.0, 0.0, 5.0, 15.0), 0.9, kind=kind)


@pytest.mark.parametrize(
    "pitch", [Pitch(10.0, 5.0), Pitch(64.0, 100.0), Pitch(100.0, 91.0), Pitch(121.0, 64.0), Pitch(float("nan"), 64.0)]
)
def test_a_size_that_no_pitch_has_is_refused_in_a_sentence(pitch: Pitch) -> None:
    with pytest.raises(PitchSizeInvalid, match="A pitch is 90 to 120 m long and 45 to 90 m wide, not "):
        next(analyse(AnalysisRequest(Path("unread.mp4"), pitch=pitch)))
