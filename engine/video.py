"""Video files: which may be opened, and their frames with presentation times.

A path comes from outside, and FFmpeg opens more than files: playlists fetch addresses, image patterns read folders. So
a path must name a regular file, and only plain containers and the file protocol are allowed.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from contract.video_formats import OPEN_OPTIONS
from engine.errors import VideoMissing, VideoUndecodable

Picture = NDArray[np.uint8]
"""(height, width, 3), blue, green, red."""

PICTURE_BUDGET_PX = 1_600_000
"""Larger frames are scaled down to about this many pixels before anything looks at them. Raising it shows far players
larger and costs time in proportion; at 1.6 million a wide camera's far touchline still has people 25 pixels tall."""

_FALLBACK_RATE = Fraction(25)
_MAX_BROKEN_PACKETS_IN_A_ROW = 10_000  # a damaged file may be damaged to its end; give up on reading it some time


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame. ``number`` counts from 1; ``time_s`` is 0 at the first shown frame."""

    number: int
    time_s: float
    picture: Picture


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What the container says. ``frames`` is an estimate, 0 when unknown."""

    width: int
    height: int
    frames: int
    duration_s: float

    @property
    def scale(self) -> float:
        """Picture pixels per video pixel, at most 1."""
        return min(1.0, math.sqrt(PICTURE_BUDGET_PX / (self.width * self.height)))

    @property
    def picture_size(self) -> tuple[int, int]:
        """(width, height) of the pictures."""
        return max(1, round(self.width * self.scale)), max(1, round(self.height * self.scale))


def read_facts(path: Path) -> VideoFacts:
    """Read what the container says about its video stream.

    Raises:
        VideoMissing: there is no regular file of that name.
        VideoUndecodable: it holds no video that can be opened.
    """
    with _open(path) as (container, stream):
        frames, duration_s = _estimate_frames(container, stream), _duration_s(container, stream)
        return VideoFacts(stream.width, stream.height, frames, duration_s)


def read_frames(path: Path, facts: VideoFacts) -> Iterator[Frame]:
    """Decode all frames in the order in which they are shown, skipping what is damaged.

    Raises:
        VideoMissing, VideoUndecodable: as :func:`read_facts`; also when not one frame can be decoded.
    """
    number = 0
    with _open(path) as (container, stream):
        clock = _Clock(stream)
        for number, decoded in enumerate(_decode(container, stream), start=1):
            yield Frame(number, clock.read(decoded), _to_picture(decoded, facts))
    if number == 0:
        raise VideoUndecodable("No frame of the video can be decoded.")


def sample_pictures(path: Path, facts: VideoFacts, count: int) -> Iterator[Picture]:
    """Up to ``count`` pictures spread over the video.

    A long video is sought, which lands on key frames; a short one may have a single key frame, so it is decoded whole.
    """
    with _open(path) as (container, stream):
        if facts.frames > _MAX_FRAMES_TO_DECODE_FOR_A_SAMPLE and facts.duration_s > 0:
            decoded_frames = _seek_evenly(container, stream, facts, count)
        else:
            decoded_frames = _take_evenly(container, stream, facts, count)
        for decoded in decoded_frames:
            yield _to_picture(decoded, facts)


_MAX_FRAMES_TO_DECODE_FOR_A_SAMPLE = 750


@contextmanager
def _open(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    if not path.is_file():
        raise VideoMissing("There is no video file under the given name.")
    try:
        # "file:" keeps a colon or a pattern in the name from being read as another protocol.
        # Old cameras write titles in other character sets than UTF-8; nobody reads them here.
        container = av.open(f"file:{path}", mode="r", options=dict(OPEN_OPTIONS), metadata_errors="replace")
    except (av.error.FFmpegError, ValueError) as error:
        raise VideoUndecodable("The file is not a video that can be opened.") from error
    with container:
        if not container.streams.video or container.streams.video[0].width < 1:
            raise VideoUndecodable("The file holds no picture track that can be decoded.")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield container, stream


def _decode(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    broken = 0
    packets = container.demux(stream)
    while broken < _MAX_BROKEN_PACKETS_IN_A_ROW:
        try:
            packet = next(packets)
            decoded = packet.decode()
        except StopIteration:
            return
        except av.error.FFmpegError:
            broken += 1
            continue
        broken = 0
        yield from (frame for frame in decoded if isinstance(frame, VideoFrame))


def _seek_evenly(container: InputContainer, stream: VideoStream, facts: VideoFacts, count: int) -> Iterator[VideoFrame]:
    start = container.start_time or 0
    for index in range(count):
        try:
            container.seek(start + int((index + 0.5) / count * facts.duration_s * av.time_base))
        except av.error.FFmpegError:
            continue
        decoded = next(_decode(container, stream), None)
        if decoded is not None:
            yield decoded


def _take_evenly(container: InputContainer, stream: VideoStream, facts: VideoFacts, count: int) -> Iterator[VideoFrame]:
    step = max(1, facts.frames // count)
    for index, decoded in enumerate(_decode(container, stream)):
        if index >= step * count:
            return
        if index % step == 0:
            yield decoded


class _Clock:
    """Presentation times of frames in seconds from the first one.

    Streams without time stamps count at their nominal rate. Time never goes back: after a break in the stamps it
    continues from the frame before.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._time_base = stream.time_base or Fraction(1, 90_000)
        self._interval_s = float(1 / (stream.average_rate or stream.guessed_rate or _FALLBACK_RATE))
        self._offset_s: float | None = None
        self._last_s: float | None = None

    def read(self, decoded: VideoFrame) -> float:
        expected_s = 0.0 if self._last_s is None else self._last_s + self._interval_s
        if decoded.pts is None:
            self._last_s = expected_s
            return expected_s
        stamp_s = float(decoded.pts * (decoded.time_base or self._time_base))
        if self._offset_s is None:
            self._offset_s = stamp_s - expected_s
        time_s = stamp_s - self._offset_s
        if self._last_s is not None and time_s <= self._last_s:
            self._offset_s = stamp_s - expected_s
            time_s = expected_s
        self._last_s = time_s
        return time_s


def _to_picture(decoded: VideoFrame, facts: VideoFacts) -> Picture:
    width, height = facts.picture_size
    return decoded.to_ndarray(format="bgr24", width=width, height=height).astype(np.uint8, copy=False)


def _duration_s(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _estimate_frames(container: InputContainer, stream: VideoStream) -> int:
    """The shown duration times the rate: the container's own count includes what an edit list hides."""
    rate = stream.average_rate or stream.guessed_rate
    duration_s = _duration_s(container, stream)
    if rate and 0 < duration_s < 1e6:
        return round(duration_s * float(rate))
    return max(0, stream.frames)
