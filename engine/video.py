"""Video files: which may be opened, and their frames with presentation times.

A path comes from outside, and FFmpeg opens more than files: playlists fetch addresses, image patterns read folders. So
a path must name a regular file, and only plain containers and the file protocol are allowed.
"""

import math
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import SideData
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from contract.shown_picture import count_quarter_turns, is_mirrored, shown_size
from contract.video_formats import OPEN_OPTIONS
from engine.errors import VideoMissing, VideoUndecodable

Picture = NDArray[np.uint8]
"""(height, width, 3), blue, green, red."""

PICTURE_BUDGET_PX = 1_600_000
"""Larger frames are scaled down to about this many pixels before anything looks at them. Raising it shows far players
larger and costs time in proportion; at 1.6 million a wide camera's far touchline still has people 25 pixels tall."""

WIDE_BUDGET_PX = 4_000_000
"""The same for pictures of which the shorter side is limited: only panoramas come near it. People in them are small, so
that fewer rows would lose them."""

_FALLBACK_RATE = Fraction(25)
_MAX_BROKEN_PACKETS_IN_A_ROW = 10_000  # a damaged file may be damaged to its end; give up on reading it some time
_PACKETS_TO_TRY = 100  # for a first frame, which tells how the phone was held


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame. ``number`` counts from 1; ``time_s`` is 0 at the first shown frame."""

    number: int
    time_s: float
    picture: Picture


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What the container says. ``width`` and ``height`` are those of the picture as it is shown; ``frames`` is an
    estimate, 0 when unknown, as is ``rate``, the mean of frames per second. ``quarter_turns`` to the left show the
    picture upright, after it is mirrored left to right if it is ``mirrored``. The shorter side of pictures is at most
    ``short_side_px``."""

    width: int
    height: int
    frames: int
    duration_s: float
    rate: float = 0.0
    quarter_turns: int = 0
    mirrored: bool = False
    short_side_px: int | None = None

    @property
    def scale(self) -> float:
        """Picture pixels per video pixel, at most 1."""
        if self.short_side_px is None:
            return self._fit(PICTURE_BUDGET_PX)
        return min(self._fit(WIDE_BUDGET_PX), self.short_side_px / min(self.width, self.height))

    @property
    def picture_size(self) -> tuple[int, int]:
        """(width, height) of the pictures."""
        return max(1, round(self.width * self.scale)), max(1, round(self.height * self.scale))

    def _fit(self, budget_px: int) -> float:
        return min(1.0, math.sqrt(budget_px / (self.width * self.height)))

    def limit(self, short_side_px: int) -> "VideoFacts":
        """The same video, of which smaller pictures are made."""
        return replace(self, short_side_px=short_side_px)


def read_facts(path: Path) -> VideoFacts:
    """Read what the container says about its video stream; a first frame is decoded.

    Raises:
        VideoMissing: there is no regular file of that name.
        VideoUndecodable: it holds no video that can be opened.
    """
    with open_video(path) as (container, stream):
        frames, duration_s = _estimate_frames(container, stream), _duration_s(container, stream)
        rate, aspect = float(_rate(stream) or 0), stream.sample_aspect_ratio
        size = stream.width, stream.height
        first = next(filter(None, islice(decode(container, stream), _PACKETS_TO_TRY)), None)
        mirrored, turns = (False, 0) if first is None else _find_pose(first)
        width, height = shown_size(*size, quarter_turns=turns, pixel_aspect=aspect)
        return VideoFacts(width, height, frames, duration_s, rate, turns, mirrored)


def _find_pose(first: VideoFrame) -> tuple[bool, int]:
    """Whether the picture is to be mirrored, and the quarter turns to the left by which it is turned then."""
    matrix = first.side_data.get("DISPLAYMATRIX")
    mirrored = isinstance(matrix, SideData) and is_mirrored(bytes(matrix))
    return mirrored, count_quarter_turns(first.rotation, mirrored=mirrored)


class Decoding:
    """The frames of one video in the order in which they are shown, every ``stride``-th of them as a picture.

    What is damaged is skipped and counted. Use one object for one pass, in one thread; the counts are those so far.
    """

    def __init__(self, path: Path, facts: VideoFacts, *, stride: int = 1) -> None:
        self.facts = facts
        self.stride = stride
        self._path = path
        self._draw = PictureMaker(facts)
        self.pictures = 0
        self.frames = 0  # whether they were turned into pictures or not
        self.damaged = 0  # packets that cannot be decoded, and frames of which the decoder had to make up parts

    def read(self) -> Generator[Frame | None, None, None]:
        """Yields None after each step that gave no picture, so that the caller can stop.

        Raises:
            VideoMissing, VideoUndecodable: as :func:`read_facts`; also when not one frame can be decoded.
        """
        with open_video(self._path) as (container, stream):
            clock = _Clock(stream)
            for decoded in decode(container, stream):
                yield self._take(decoded, clock)
        if self.frames == 0:
            raise VideoUndecodable("No frame of the video can be decoded.")

    def _take(self, decoded: VideoFrame | None, clock: "_Clock") -> Frame | None:
        if decoded is None:
            self.damaged += 1
            return None
        self.damaged += decoded.is_corrupt
        self.frames += 1
        time_s = clock.read(decoded)
        if (self.frames - 1) % self.stride:
            return None
        self.pictures += 1
        return Frame(self.frames, time_s, self._draw(decoded))


def read_frames(path: Path, facts: VideoFacts) -> Iterator[Frame]:
    """All frames that can be decoded.

    Raises:
        VideoMissing, VideoUndecodable: as :meth:`Decoding.read`.
    """
    return filter(None, Decoding(path, facts).read())


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container and its film.

    Raises:
        VideoMissing, VideoUndecodable: as :func:`read_facts`.
    """
    if not path.is_file():
        raise VideoMissing("There is no video file under the given name.")
    try:
        # "file:" keeps a colon or a pattern in the name from being read as another protocol.
        # Old cameras write titles in other character sets than UTF-8; nobody reads them here.
        container = av.open(f"file:{path}", mode="r", options=dict(OPEN_OPTIONS), metadata_errors="replace")
    except (av.error.FFmpegError, ValueError) as error:
        raise VideoUndecodable("The file is not a video that can be opened.") from error
    with container:
        # The cover of a piece of music is a video stream, too.
        films = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
        if not films or films[0].width < 1:
            raise VideoUndecodable("The file holds no picture track that can be decoded.")
        films[0].thread_type = "AUTO"
        yield container, films[0]


def decode(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame | None]:
    """Frames from where the container stands, and None for each packet that cannot be decoded."""
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
            yield None
            continue
        broken = 0
        yield from (frame for frame in decoded if isinstance(frame, VideoFrame))


class PictureMaker:
    """Turns decoded frames into pictures: of the size that the facts say, upright, not mirrored, with square pixels."""

    def __init__(self, facts: VideoFacts) -> None:
        self._turns, self._across = facts.quarter_turns, -1 if facts.mirrored else 1
        self._size = facts.picture_size[::-1] if self._turns % 2 else facts.picture_size
        self._reformatter = VideoReformatter()

    def __call__(self, decoded: VideoFrame) -> Picture:
        width, height = self._size
        picture = self._reformatter.reformat(decoded, width, height, "bgr24", threads=1).to_ndarray()
        return np.ascontiguousarray(np.rot90(picture[:, :: self._across], self._turns), dtype=np.uint8)


class _Clock:
    """Presentation times of frames in seconds from the first one.

    Streams without time stamps count at their nominal rate. Time never goes back: after a break in the stamps it
    continues from the frame before.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._time_base = stream.time_base or Fraction(1, 90_000)
        self._interval_s = float(1 / (_rate(stream) or _FALLBACK_RATE))
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


def _rate(stream: VideoStream) -> Fraction | None:
    return stream.average_rate or stream.guessed_rate


def _duration_s(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _estimate_frames(container: InputContainer, stream: VideoStream) -> int:
    """The shown duration times the rate: the container's own count includes what an edit list hides."""
    rate = _rate(stream)
    duration_s = _duration_s(container, stream)
    if rate and 0 < duration_s < 1e6:
        return round(duration_s * float(rate))
    return max(0, stream.frames)
