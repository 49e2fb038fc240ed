from fractions import Fraction
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest

from engine.errors import VideoMissing, VideoUndecodable
from engine.samples import sample_key_frames, sample_pictures
from engine.video import PICTURE_BUDGET_PX, WIDE_BUDGET_PX, Decoding, VideoFacts, read_facts, read_frames
from engine.video import _Clock as Clock
from tests.integration.grpc.clips import FRAMES, make_clip, make_still, set_display_matrix
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


def test_smaller_pictures_are_limited_by_their_shorter_side():
    facts = VideoFacts(1080, 1920, frames=1, duration_s=1.0)
    assert facts.limit(720).picture_size == (720, 1280)
    assert facts.limit(2000).picture_size == (1080, 1920)


def test_a_panorama_keeps_its_rows_within_a_larger_budget():
    panorama = VideoFacts(6500, 1000, frames=1, duration_s=1.0)
    assert panorama.limit(720).picture_size == (4680, 720)
    width, height = VideoFacts(13000, 1000, frames=1, duration_s=1.0).limit(720).picture_size
    assert 0.99 * WIDE_BUDGET_PX < width * height <= 1.001 * WIDE_BUDGET_PX


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
    pictures = [one for one in sample_pictures(clip, read_facts(clip), 6) if one is not None]
    assert len(pictures) == 6
    assert (pictures[0] != pictures[-1]).any()


def test_samples_of_a_clip_with_frames_to_skip_are_as_many_and_as_far_apart(tmp_path):
    """Of 60 frames 4 are asked for; every second frame is one that no other needs."""
    clip = make_clip(tmp_path / "clip.mp4", options={"bf": "1", "b_strategy": "0", "sc_threshold": "0"})
    facts = read_facts(clip)
    every = [frame.picture for frame in read_frames(clip, facts)]
    pictures = [one for one in sample_pictures(clip, facts, 4) if one is not None]
    numbers = [min(range(FRAMES), key=lambda n: np.abs(every[n].astype(int) - one).sum()) for one in pictures]
    assert numbers == pytest.approx([0, 15, 30, 45], abs=1)


def test_key_frames_are_sampled_once_each(tmp_path):
    """Two in the clip, though five are asked for."""
    clip = make_clip(tmp_path / "clip.mp4", options={"g": "30", "sc_threshold": "0"})
    pictures = [one for one in sample_key_frames(clip, read_facts(clip), 5) if one is not None]
    assert len(pictures) == 2


def test_only_every_nth_frame_becomes_a_picture_and_all_are_counted(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    decoding = Decoding(clip, read_facts(clip), stride=7)
    frames = [frame for frame in decoding.read() if frame is not None]
    assert [frame.number for frame in frames] == list(range(1, FRAMES + 1, 7))
    assert [frame.time_s for frame in frames] == pytest.approx([(frame.number - 1) / 25 for frame in frames])
    assert (decoding.frames, decoding.damaged) == (FRAMES, 0)


@pytest.mark.parametrize(("rotation", "turns"), [(0, 0), (90, 1), (180, 2), (-90, 3)])
def test_a_phone_held_any_way_gives_upright_pictures(tmp_path, rotation, turns):
    """Written as the sensor saw them, with a note how far to turn them to the left."""
    upright = np.zeros((96, 160, 3), np.uint8)
    upright[:32, :48] = 255
    clip = make_still(tmp_path / "phone.mp4", np.rot90(upright, -turns), rotation=rotation)
    facts = read_facts(clip)
    (frame,) = islice(read_frames(clip, facts), 1)
    assert (facts.width, facts.height) == (160, 96)
    assert frame.picture.shape == upright.shape
    assert np.abs(frame.picture.astype(int) - upright).mean() < 8


@pytest.mark.parametrize(
    ("right", "down"),
    [
        pytest.param((-1, 0), (0, 1), id="left is right"),
        pytest.param((1, 0), (0, -1), id="up is down"),
        pytest.param((0, 1), (1, 0), id="right is down and down is right"),
        pytest.param((0, -1), (-1, 0), id="right is up and down is left"),
        pytest.param((0, 1), (-1, 0), id="a quarter turn to the right"),
        pytest.param((-1, 0), (0, -1), id="half a turn"),
    ],
)
def test_a_mirrored_picture_is_shown_as_people_see_it(tmp_path, right, down):
    """``right`` and ``down`` are where a step to the right, or down, in the stored picture leads (x, y)."""
    stored = np.zeros((96, 160, 3), np.uint8)
    stored[:32, :48], stored[64:, :48] = (255, 255, 255), (250, 60, 60)
    clip = make_still(tmp_path / "mirrored.mp4", stored)
    set_display_matrix(clip, (*right, *down))
    shown = stored if right[0] else stored.transpose(1, 0, 2)
    shown = shown[:, ::-1] if -1 in (right[0], down[0]) else shown
    shown = shown[::-1] if -1 in (right[1], down[1]) else shown
    facts = read_facts(clip)
    (frame,) = islice(read_frames(clip, facts), 1)
    assert (facts.height, facts.width) == shown.shape[:2]
    assert np.abs(frame.picture.astype(int) - shown).mean() < 8


def test_pixels_that_are_not_square_are_made_so(tmp_path):
    clip = make_still(tmp_path / "anamorphic.mp4", np.full((96, 120, 3), 90, np.uint8), aspect=Fraction(4, 3))
    facts = read_facts(clip)
    (frame,) = islice(read_frames(clip, facts), 1)
    assert (facts.width, facts.height) == (160, 96)
    assert frame.picture.shape == (96, 160, 3)


@pytest.mark.parametrize(("codec", "pixel_format"), [("libx265", "yuv420p10le"), ("libx264", "yuv444p10le")])
def test_ten_bits_are_read_as_the_colours_that_they_are(tmp_path, codec, pixel_format):
    colours = np.full((96, 160, 3), (40, 120, 60), np.uint8)
    clip = make_still(tmp_path / "ten.mp4", colours, codec=codec, pixel_format=pixel_format)
    (frame,) = islice(read_frames(clip, read_facts(clip)), 1)
    assert np.abs(frame.picture.astype(int) - colours).max() < 8


def test_a_damaged_middle_is_counted_and_the_rest_is_read(tmp_path):
    whole = make_clip(tmp_path / "whole.mp4", options={"g": "10", "bf": "0"})
    content = bytearray(whole.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(content)
    decoding = Decoding(damaged, read_facts(damaged))
    numbers = [frame.number for frame in decoding.read() if frame is not None]
    assert 0 < decoding.damaged < FRAMES // 2
    assert FRAMES - decoding.damaged <= len(numbers) <= FRAMES


def test_a_name_with_a_colon_is_still_a_file(tmp_path):
    assert read_facts(make_clip(tmp_path / "http:match.mp4")).width == WIDTH


def test_what_is_not_there_or_not_a_video_is_refused(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(VideoMissing):
        read_facts(tmp_path / "none.mp4")
    with pytest.raises(VideoUndecodable):
        read_facts(tmp_path / "text.mp4")
