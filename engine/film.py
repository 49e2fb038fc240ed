"""An MP4 file that browsers play and can seek in: H.264, 4:2:0, with its index at the start."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import cv2
from av.video.stream import VideoStream

from engine.video import Picture

SUFFIX = ".mp4"

_TICKS = 90_000  # of the clock of the file, per second
_ENCODERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("libx264", {"preset": "veryfast", "crf": "26"}),
    ("libopenh264", {"b": "2500000"}),
)
_USUAL_RATE = 25
_KEY_FRAME_EVERY = 50  # frames: a player that is sought shows a picture within so many


class NoEncoder(RuntimeError):
    """The installation cannot write H.264."""


class Film:
    """Written frame by frame, until :meth:`close` or :meth:`discard`. All methods raise ``FFmpegError`` where the disk
    is full."""

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        """``size``: (width, height) of the pictures; an odd line at the right or lower edge is left out.

        Raises:
            NoEncoder: there is none for H.264.
        """
        self._path = path
        self._size = size[0] // 2 * 2, size[1] // 2 * 2  # encoders of 4:2:0 want even sides
        self._file = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        try:
            self._stream = self._add_stream()
        except NoEncoder:
            self.discard()
            raise

    def add(self, picture: Picture, time_s: float) -> None:
        width, height = self._size
        shown = av.VideoFrame.from_ndarray(picture[:height, :width], format="bgr24").reformat(format="yuv420p")
        shown.pts, shown.time_base = round(time_s * _TICKS), Fraction(1, _TICKS)
        self._file.mux(self._stream.encode(shown))

    def close(self) -> None:
        """Takes as long as copying the file: its index is put to the front."""
        self._file.mux(self._stream.encode(None))
        self._file.close()

    def discard(self) -> None:
        """Give up on a film that is not whole, at once."""
        self._path.unlink(missing_ok=True)  # first: without the file, nobody can copy it to put an index to its front
        with suppress(av.error.FFmpegError):
            self._file.close()

    def _add_stream(self) -> VideoStream:
        for name, options in _ENCODERS:
            if name in av.codecs_available:
                stream = self._file.add_stream(name, rate=_USUAL_RATE, options=options)
                assert isinstance(stream, VideoStream)
                stream.width, stream.height = self._size
                stream.pix_fmt = "yuv420p"
                stream.codec_context.gop_size = _KEY_FRAME_EVERY
                stream.codec_context.time_base = Fraction(1, _TICKS)
                stream.codec_context.thread_count = max(1, cv2.getNumThreads())
                return stream
        raise NoEncoder("There is no encoder for H.264.")
