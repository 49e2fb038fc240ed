from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from engine.errors import VideoMissing, VideoUndecodable
from engine.video import PICTURE_BUDGET_PX, VideoFacts, read_facts, read_frames, sample_pictures
from engine.video import _Clock as Clock
from tests.integration.grpc.clips import FRAMES, make_clip
from tests.unit.engine.drawn_match import HEIGHT, WIDTH


def times_of(stamps: list[int | None], *, rate: int | None = 25) -> list[float]:
    stream = SimpleNamespace(time_base=Fraction(1, 1000), average_rate=rate, guessed_rate=None)
    clock = Clock(stream)
    return [clock.read(SimpleNamespace(pts=stamp, time_base=Fraction(1, 1000))) for stamp in stamps]


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        pytest.param([0, 40, 80], [0.0, 0.04, 0.08], id="steady"),
        pytest.param([5000, 5033, 5100], [0.0, 0.033, 0.1], id="a late start and a variable rate"),
        pytest.param([None, None, None], [0.0, 0.04, 0.08], id="no stamps: the nominal rate"),
        pytest.param([0, 40, None, 120], [0.0, 0.04, 0.08, 0.12], id="a missing stamp"),
        pytest.param([90000, 90040, 0, 40], [0.0, 0.04, 0.08, 0.12], id="stamps that start again"),
        pytest.param([0, 40, 40, 80], [0.0, 0.04, 0.08, 0.12], id="a stamp that comes twice"),
    ],
)
def test_time_starts_at_the_first_shown_frame_and_never_goes_back(stamps, expected):
    assert times_of(stamps) == pytest.approx(expected)


@pytest.mark.parametrize("size", [(3072, 1728), (6500, 1000), (1280, 720), (641, 359)])
def test_pictures_keep_the_shape_and_stay_within_the_budget(size):
    facts = VideoFacts(*size, frames=1, duration_s=1.0)
    width, height = facts.picture_size
    assert width * height <= PICTURE_BUDGET_PX * 1.001
    assert width / height == pytest.approx(size[0] / size[1], rel=0.01)
    assert facts.scale == 1.0 or width * height > 0.99 * PICTURE_BUDGET_PX


def test_all_frames_come_numbered_and_timed(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    facts = read_facts(clip)
    frames = list(read_frames(clip, facts))
    assert (facts.width, facts.height, facts.frames) == (WIDTH, HEIGHT, FRAMES)
    assert [frame.number for frame in frames] == list(range(1, FRAMES + 1))
    assert frames[-1].time_s == pytest.approx((FRAMES - 1) / 25)
    assert frames[0].picture.shape == (HEIGHT, WIDTH, 3)
    assert frames[0].picture.dtype == np.uint8


def test_samples_are_spread_over_the_video(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    pictures = list(sample_pictures(clip, read_facts(clip), 6))
    assert len(pictures) == 6
    assert (pictures[0] != pictures[-1]).any()


def test_a_name_with_a_colon_is_still_a_file(tmp_path):
    assert read_facts(make_clip(tmp_path / "http:match.mp4")).width == WIDTH


def test_what_is_not_there_or_not_a_video_is_refused(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(VideoMissing):
        read_facts(tmp_path / "none.mp4")
    with pytest.raises(VideoUndecodable):
        read_facts(tmp_path / "text.mp4")
