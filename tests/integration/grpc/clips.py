"""Short clips made at test time."""

from fractions import Fraction
from itertools import islice
from pathlib import Path

import av

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


def make_clip(path: Path, *, codec: str = "libx264", times: list[int] | None = None, time_base: int = 25) -> Path:
    """A drawn match of :data:`FRAMES` frames; ``times`` are presentation stamps in units of 1 / ``time_base`` s."""
    stamps = times or list(range(FRAMES))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"crf": "18"} if codec == "libx264" else {})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, time_base)
        for stamp, picture in zip(stamps, draw_frames(FIGURES, len(stamps)), strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = stamp, Fraction(1, time_base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


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
