import threading
from itertools import dropwhile

import pytest

from engine.errors import FrameStrideInvalid, VideoUndecodable
from engine.pipeline import AnalysisRequest, Progress, Summary, analyse
from tests.integration.grpc.clips import FRAMES, make_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make_clip(tmp_path_factory.mktemp("clips") / "drawn.mp4", options={"g": "10", "bf": "0"})


def workers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(("ahead", "map"))]


def is_at_frames(event) -> bool:
    return isinstance(event, Progress) and event.frames_done > 0


@pytest.mark.parametrize("frames_are_done", [False, True])
def test_an_analysis_can_be_dropped_at_any_time_and_leaves_no_thread_behind(clip, frames_are_done):
    events = analyse(AnalysisRequest(clip))
    if frames_are_done:
        next(dropwhile(lambda event: not is_at_frames(event), events))
        assert workers()
    else:
        next(events)
    events.close()
    assert workers() == []


def test_a_look_at_the_scene_can_be_dropped(clip):
    events = analyse(AnalysisRequest(clip))
    while not workers():  # the first pictures are under way
        next(events)
    events.close()
    assert workers() == []


def test_damaged_frames_are_counted_beside_those_that_were_left_out(clip, tmp_path):
    content = bytearray(clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(content)
    *_, summary = analyse(AnalysisRequest(damaged, frame_stride=3))
    assert isinstance(summary, Summary)
    assert 0 < summary.damaged < FRAMES // 2
    assert FRAMES - summary.damaged <= summary.frames <= FRAMES
    assert summary.analysed == -(-summary.frames // 3)


def test_a_film_of_garbage_is_refused_and_leaves_no_thread_behind(clip, tmp_path):
    content = clip.read_bytes()
    start = content.index(b"mdat") + 4
    garbage = tmp_path / "garbage.mp4"
    end = content.index(b"moov") - 4 if content.index(b"moov") > start else len(content)
    garbage.write_bytes(content[:start] + b"\xff" * (end - start) + content[end:])
    with pytest.raises(VideoUndecodable):
        list(analyse(AnalysisRequest(garbage)))
    assert workers() == []


@pytest.mark.parametrize("stride", [-1, 26])
def test_a_stride_beyond_a_second_of_video_is_refused(clip, stride):
    with pytest.raises(FrameStrideInvalid):
        next(analyse(AnalysisRequest(clip, frame_stride=stride)))
