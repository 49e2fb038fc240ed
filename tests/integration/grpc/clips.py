"""Short clips made at test time."""

import re
import struct
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.unit.engine.drawn_match import BLUE, HEIGHT, WHITE, WIDTH, Figure, draw_frames

FIGURES = [
    Figure((80, 200), BLUE, (3, 0)),
    Figure((120, 320), BLUE, (3, -1)),
    Figure((200, 260), BLUE, (2, 1)),
    Figure((420, 150), WHITE, (-2, 1)),
    Figure((500, 250), WHITE, (-3, 0)),
    Figure((580, 330), WHITE, (-2, -1)),
]
FRAMES = 60


def make_clip(
    path: Path, *, times: list[int] | None = None, time_base: int = 25, options: dict[str, str] | None = None
) -> Path:
    """A drawn match of :data:`FRAMES` frames; ``times`` are presentation stamps in units of 1 / ``time_base`` s, and
    ``options`` go to the encoder."""
    stamps = times or list(range(FRAMES))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "18", **(options or {})})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, time_base)
        for stamp, picture in zip(stamps, draw_frames(FIGURES, len(stamps)), strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = stamp, Fraction(1, time_base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def make_still(
    path: Path,
    picture: NDArray[np.uint8],
    *,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    rotation: int = 0,
    aspect: Fraction = Fraction(1),
) -> Path:
    """Three times one picture. ``rotation`` in degrees to the left is what a player should turn it by."""
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"crf": "10", **options})
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = pixel_format
        stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def set_display_matrix(path: Path, matrix: tuple[int, int, int, int]) -> None:
    """Write into an MP4 of one track how it is shown: where a step to the right, and one down, of the stored picture
    leads, (x, y) each (ISO/IEC 14496-12, section 8.3.2)."""
    right_x, right_y, down_x, down_y = (value << 16 for value in matrix)
    content = path.read_bytes()
    (start,) = (found.end() + _BEFORE_MATRIX for found in re.finditer(b"tkhd", content))
    words = struct.pack(">9i", right_x, right_y, 0, down_x, down_y, 0, 0, 0, 1 << 30)
    path.write_bytes(content[:start] + words + content[start + len(words) :])


_BEFORE_MATRIX = 40  # bytes of a track header of version 0


def cut_clip(source: Path, path: Path, *, frames: int) -> Path:
    """The first packets of ``source``, copied without decoding."""
    with av.open(str(source)) as container, av.open(str(path), "w") as cut:
        original = container.streams.video[0]
        stream = cut.add_stream_from_template(original)
        packets = [packet for packet in container.demux(original) if packet.dts is not None]
        for packet in packets[:frames]:
            packet.stream = stream
            cut.mux(packet)
    return path


def copy_frames(source: Path, path: Path, *, frames: range) -> Path:
    """Some frames of ``source``, encoded anew at 25 frames per second."""
    with av.open(str(source)) as container, av.open(str(path), "w") as copy:
        original = container.streams.video[0]
        stream = copy.add_stream("libx264", rate=25, options={"crf": "18", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = original.width, original.height, "yuv420p"
        for number, frame in enumerate(islice(container.decode(original), frames.start, frames.stop)):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            copy.mux(stream.encode(frame))
        copy.mux(stream.encode())
    return path
