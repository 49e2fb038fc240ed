"""A few pictures of a video, for a first look."""

from collections.abc import Generator, Iterator
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engine.video import Picture, PictureMaker, VideoFacts, decode, open_video

_MAX_FRAMES_TO_DECODE = 750
_PLENTY = 4  # frames for each sample, so that enough are left when some are skipped


def sample_pictures(path: Path, facts: VideoFacts, count: int) -> Generator[Picture | None, None, None]:
    """Up to ``count`` pictures spread over the video, and None after each step that gave none.

    A long video is sought, which lands on key frames; a short one may have a single key frame, so it is decoded whole.
    """
    draw = PictureMaker(facts)
    with open_video(path) as (container, stream):
        is_long = facts.frames > _MAX_FRAMES_TO_DECODE and facts.duration_s > 0
        sample = _seek_evenly if is_long else _take_evenly
        for decoded in sample(container, stream, facts, count):
            yield None if decoded is None else draw(decoded)


def sample_key_frames(path: Path, facts: VideoFacts, count: int) -> Generator[Picture | None, None, None]:
    """Up to ``count`` different key frames spread over the video: quick, but some videos have a single one."""
    draw = PictureMaker(facts)
    seen = set()
    with open_video(path) as (container, stream):
        stream.codec_context.skip_frame = "NONKEY"
        for decoded in _seek_evenly(container, stream, facts, count):
            is_new = decoded is not None and decoded.pts is not None and decoded.pts not in seen
            if decoded is not None and is_new:
                seen.add(decoded.pts)
                yield draw(decoded)
            else:
                yield None


def _seek_evenly(
    container: InputContainer, stream: VideoStream, facts: VideoFacts, count: int
) -> Iterator[VideoFrame | None]:
    start = container.start_time or 0
    for index in range(count):
        try:
            container.seek(start + int((index + 0.5) / count * facts.duration_s * av.time_base))
        except av.error.FFmpegError:
            continue
        for decoded in decode(container, stream):
            yield decoded
            if decoded is not None:
                break


def _take_evenly(
    container: InputContainer, stream: VideoStream, facts: VideoFacts, count: int
) -> Iterator[VideoFrame | None]:
    if facts.frames >= _PLENTY * count:
        stream.codec_context.skip_frame = "NONREF"  # what no other frame needs: half of them, often
    taken, first_s = 0, None
    for decoded in decode(container, stream):
        if taken >= count:
            return
        if decoded is None or decoded.time is None:
            yield decoded
            taken += decoded is not None
            continue
        first_s = decoded.time if first_s is None else first_s
        is_due = decoded.time - first_s >= taken * facts.duration_s / count
        yield decoded if is_due else None
        taken += is_due
