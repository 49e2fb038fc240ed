"""A file judged by demuxing it: never by its name, never by the type that the client declared."""

import math
import os
from array import array
from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from contract.shown_picture import count_quarter_turns, shown_size
from contract.video_formats import CONTAINER_FORMATS
from probe.findings import MAX_FRAMES, NOT_A_VIDEO, VideoFacts

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
MAX_PICTURE_PIXELS = 64_000_000
"""8K is half of this. A frame beyond it would take gigabytes to decode, and a file that claims one may be tiny."""

_FRAMES_TO_TRY = 50  # how many packets may fail to decode before the video counts as unreadable
_MISSING_SHARE = 0.01  # share of the frames that the index promises and the file lacks; above, the file is cut off
_OPEN_OPTIONS = {"format_whitelist": CONTAINER_FORMATS, "protocol_whitelist": "fd"}


class Refused(Exception):
    """The file is no video, or none that can be used: a stable code, and a sentence for who sent it."""

    def __init__(self, detail: str, *, code: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code


def facts_of(descriptor: int) -> VideoFacts:
    """Demux the whole file that is open there, and decode until one frame is there.

    Raises:
        Refused: the code and the sentence say what is wrong.
    """
    with _opened(descriptor) as container:
        return _judge(container)


def times_of(descriptor: int) -> "array[float]":
    """Presentation times of the frames that a player shows, ascending, in seconds from the first.

    Raises:
        Refused: as above.
    """
    with _opened(descriptor) as container:
        times = sorted(_shown_times(container, _film_stream(container)))
    return array("d", (time_s - times[0] for time_s in times))


@contextmanager
def _opened(descriptor: int) -> Iterator[InputContainer]:
    if os.fstat(descriptor).st_size == 0:
        raise Refused("The file is empty.", code="video_empty")
    options = _OPEN_OPTIONS | {"fd": str(descriptor)}
    try:
        # Old cameras write titles in other character sets than UTF-8; nobody reads them here.
        with av.open("fd:", "r", container_options=options, metadata_errors="replace") as container:
            yield container
    except av.error.FFmpegError as error:
        raise _unreadable(descriptor) from error


def _judge(container: InputContainer) -> VideoFacts:
    stream = _film_stream(container)
    width, height = _shown_size(stream, _decode_first(container, stream))
    container.seek(0)
    frames, first_s, last_s = 0, math.inf, -math.inf
    for time_s in _shown_times(container, stream):
        frames, first_s, last_s = frames + 1, min(first_s, time_s), max(last_s, time_s)
    if frames < 2 or last_s <= first_s:
        raise Refused("The video has no frame rate: its frames carry no time.", code="video_without_frame_rate")
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
        raise Refused("The file has no video track.", code="video_without_picture")
    stream = streams[0]
    if stream.width * stream.height > MAX_PICTURE_PIXELS:
        raise Refused(
            f"The picture of {stream.width} x {stream.height} pixels is too large.", code="video_picture_too_large"
        )
    return stream


def _is_moving(stream: VideoStream) -> bool:
    """A picture with a size that is not the cover of a piece of music."""
    return bool(stream.width and stream.height and not stream.disposition & Disposition.attached_pic)


def _shown_times(container: InputContainer, stream: VideoStream) -> Iterator[float]:
    """Times of the packets that are shown, in the order of the file; an edit list marks the others as discarded.

    Raises:
        Refused: the file ends before its index does.
    """
    assert stream.time_base is not None
    packets = 0
    for packet in container.demux(stream):
        if packet.size == 0:
            continue
        packets += 1
        if packets > MAX_FRAMES:
            raise Refused(f"The video has more than {MAX_FRAMES} frames.", code="video_too_long")
        time = packet.pts if packet.pts is not None else packet.dts
        if time is not None and not packet.is_discard and not packet.is_corrupt:
            yield float(time * stream.time_base)
    # Only MP4 and MOV list every frame that is in the file; an AVI counts those that its camera dropped, too.
    if container.format.name.startswith("mov") and packets < stream.frames * (1 - _MISSING_SHARE):
        raise Refused(
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
    raise Refused("The video has no frame that can be read.", code="video_without_readable_frame")


def _unreadable(descriptor: int) -> Refused:
    head = os.pread(descriptor, 16, 0)
    if any(head[offset:].startswith(signature) for offset, signature in _SIGNATURES):
        return Refused("The video is damaged or cut off: it cannot be opened.", code="video_unreadable")
    return Refused("The file is not a video that Coach Pro can read.", code=NOT_A_VIDEO)
