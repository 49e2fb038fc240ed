"""Judge an uploaded file by demuxing it: never by its name, never by the type that the client declared."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from app.core.errors import CoachProError, Unprocessable, UnsupportedMedia
from contract.shown_picture import count_quarter_turns, shown_size
from contract.video_formats import OPEN_OPTIONS

_SIGNATURES: tuple[tuple[int, bytes], ...] = (
    (4, b"ftyp"),  # MP4, MOV, 3GP
    (4, b"moov"),
    (4, b"mdat"),
    (0, b"\x1aE\xdf\xa3"),  # Matroska, WebM
    (8, b"AVI "),
    (0, b"FLV\x01"),
    (0, b"OggS"),
    (0, b"0&\xb2u\x8ef\xcf\x11"),  # ASF
)
MAX_FRAMES = 2_000_000  # nine hours at 60 frames per second
MAX_PICTURE_PIXELS = 64_000_000
"""8K is half of this. A frame beyond it would take gigabytes to decode, and a file that claims one may be tiny."""

_FRAMES_TO_TRY = 50  # how many packets may fail to decode before the video counts as unreadable
_MISSING_SHARE = 0.01  # share of the frames that the index promises and the file lacks; above, the file is cut off


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What demuxing a file showed. ``frame_rate`` is the mean, in frames per second. ``width`` and ``height`` are those
    of the picture as a player shows it: upright, with square pixels."""

    container: str
    codec: str
    width: int
    height: int
    frame_count: int
    frame_rate: float
    duration_s: float


def probe_video(path: Path) -> VideoFacts:
    """Demux the whole file and decode until one frame is there.

    Raises:
        UnsupportedMedia: the bytes are no video container that we read.
        Unprocessable: a container without a usable video; the code and the sentence say what is wrong.
    """
    if path.stat().st_size == 0:
        raise Unprocessable("The file is empty.", code="video_empty")
    try:
        with _opened(path) as container:
            return _judge(container)
    except av.error.FFmpegError as error:
        raise _unreadable(path) from error


def frame_times(path: Path) -> NDArray[np.float64]:
    """Presentation times of the frames that a player shows, ascending, in seconds from the first; shape (N,)."""
    with _opened(path) as container:
        times = np.array(sorted(_shown_times(container, _film_stream(container))))
    return np.asarray(times - times[:1], dtype=np.float64)


def _opened(path: Path) -> InputContainer:
    # Old cameras write titles in other character sets than UTF-8; nobody reads them here.
    return av.open(str(path), "r", container_options=OPEN_OPTIONS, metadata_errors="replace")


def _judge(container: InputContainer) -> VideoFacts:
    stream = _film_stream(container)
    width, height = _shown_size(stream, _decode_first(container, stream))
    container.seek(0)
    frames, first_s, last_s = 0, math.inf, -math.inf
    for time_s in _shown_times(container, stream):
        frames, first_s, last_s = frames + 1, min(first_s, time_s), max(last_s, time_s)
    if frames < 2 or last_s <= first_s:
        raise Unprocessable("The video has no frame rate: its frames carry no time.", code="video_without_frame_rate")
    interval_s = (last_s - first_s) / (frames - 1)
    return VideoFacts(
        container=container.format.name,
        codec=stream.codec_context.name,
        width=width,
        height=height,
        frame_count=frames,
        frame_rate=1.0 / interval_s,
        duration_s=last_s - first_s + interval_s,
    )


def _film_stream(container: InputContainer) -> VideoStream:
    streams = [stream for stream in container.streams.video if _is_moving(stream)]
    if not streams:
        raise Unprocessable("The file has no video track.", code="video_without_picture")
    stream = streams[0]
    if stream.width * stream.height > MAX_PICTURE_PIXELS:
        raise Unprocessable(
            f"The picture of {stream.width} x {stream.height} pixels is too large.", code="video_picture_too_large"
        )
    return stream


def _is_moving(stream: VideoStream) -> bool:
    """A picture with a size that is not the cover of a piece of music."""
    return bool(stream.width and stream.height and not stream.disposition & Disposition.attached_pic)


def _shown_times(container: InputContainer, stream: VideoStream) -> Iterator[float]:
    """Times of the packets that are shown, in the order of the file; an edit list marks the others as discarded.

    Raises:
        Unprocessable: the file ends before its index does.
    """
    assert stream.time_base is not None
    packets = 0
    for packet in container.demux(stream):
        if packet.size == 0:
            continue
        packets += 1
        if packets > MAX_FRAMES:
            raise Unprocessable(f"The video has more than {MAX_FRAMES} frames.", code="video_too_long")
        time = packet.pts if packet.pts is not None else packet.dts
        if time is not None and not packet.is_discard and not packet.is_corrupt:
            yield float(time * stream.time_base)
    # Only MP4 and MOV list every frame that is in the file; an AVI counts those that its camera dropped, too.
    if container.format.name.startswith("mov") and packets < stream.frames * (1 - _MISSING_SHARE):
        raise Unprocessable(
            f"The video is cut off: {packets} of its {stream.frames} frames are there.", code="video_truncated"
        )


def _shown_size(stream: VideoStream, first: VideoFrame) -> tuple[int, int]:
    turns = count_quarter_turns(first.rotation)
    return shown_size(stream.width, stream.height, quarter_turns=turns, pixel_aspect=stream.sample_aspect_ratio)


def _decode_first(container: InputContainer, stream: VideoStream) -> VideoFrame:
    for tried, packet in enumerate(container.demux(stream)):
        try:
            for frame in packet.decode():
                if isinstance(frame, VideoFrame):
                    return frame
        except av.error.FFmpegError:
            if tried > _FRAMES_TO_TRY:
                break
    raise Unprocessable("The video has no frame that can be read.", code="video_without_readable_frame")


def _unreadable(path: Path) -> CoachProError:
    with path.open("rb") as file:
        head = file.read(16)
    if any(head[offset:].startswith(signature) for offset, signature in _SIGNATURES):
        return Unprocessable("The video is damaged or cut off: it cannot be opened.", code="video_unreadable")
    return UnsupportedMedia("The file is not a video that Coach Pro can read.", code="not_a_video")
