"""Small films made on the spot: good ones of many kinds, and files that only look like one."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FRAMES, FPS = 40, 25
TICKS_PER_S = 600
REGULAR = tuple(range(0, FRAMES * TICKS_PER_S // FPS, TICKS_PER_S // FPS))


@dataclass(frozen=True, slots=True)
class Film:
    """How a film is encoded. ``ticks`` are the presentation times of its frames, in 1/600 s; ``rotation`` is by how
    many degrees to the left a player turns it, and ``aspect`` the width of a pixel by its height."""

    codec: str = "libx264"
    size: tuple[int, int] = (320, 240)
    pixel_format: str = "yuv420p"
    ticks: Sequence[int] = REGULAR
    codec_options: dict[str, str] = field(default_factory=lambda: {"preset": "ultrafast"})
    muxer: str = "mp4"
    muxer_options: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    rotation: int = 0
    aspect: Fraction = Fraction(1)


def write_film(path: Path, film: Film) -> Path:
    with av.open(str(path), "w", format=film.muxer, container_options=film.muxer_options) as output:
        output.metadata.update(film.metadata)
        stream = output.add_stream(film.codec, rate=FPS, options=film.codec_options)
        stream.width, stream.height = film.size
        stream.pix_fmt = film.pixel_format
        stream.codec_context.sample_aspect_ratio = film.aspect
        if film.rotation:
            stream.set_display_rotation(film.rotation)
        stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        for ticks, picture in zip(film.ticks, _pictures(film.size), strict=False):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = ticks, Fraction(1, TICKS_PER_S)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path


def _pictures(size: tuple[int, int]) -> Iterator[np.ndarray]:
    """Noise under a square that moves: it does not compress to nothing, so a half of the file holds half of it."""
    width, height = size
    noise = np.random.default_rng(1).integers(0, 120, (height, width, 3), dtype=np.uint8)
    shift = 0
    while True:
        picture = np.roll(noise, 7 * shift, axis=1)
        picture[20:60, 4 * shift % width : 4 * shift % width + 30] = 255
        yield picture
        shift += 1


def film_bytes(path: Path, **changes: object) -> bytes:
    return write_film(path, Film(**changes)).read_bytes()  # type: ignore[arg-type]


# Good input: the maker, and what the probe must find.


def uneven_ticks() -> tuple[int, ...]:
    """A phone's variable rate: 20 ms, 40 ms and 60 ms between frames, in turn."""
    return tuple(np.cumsum([0, *[12, 24, 36] * 13])[:FRAMES].tolist())


def write_film_with_edit_list(path: Path) -> Path:
    """The first ten frames are in the file, but an edit list hides them, as when a phone trims a recording."""
    hidden = 10 * TICKS_PER_S // FPS
    return write_film(path, Film(ticks=[ticks - hidden for ticks in REGULAR]))


def write_film_with_cover(path: Path) -> Path:
    """A film whose first stream is a still picture, as music shops and some editors add one."""
    plain = write_film(path.with_name("plain"), Film(metadata={"title": "Cup final"}))
    with av.open(str(plain)) as source, av.open(str(path), "w", format="mp4") as output:
        cover, film = _add_cover(output), output.add_stream_from_template(source.streams.video[0])
        output.mux(cover)
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = film
                output.mux(packet)
    return path


def _add_cover(output: av.container.OutputContainer) -> av.Packet:
    stream = output.add_stream("mjpeg", rate=1)
    stream.width, stream.height, stream.pix_fmt = 64, 64, "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), dtype=np.uint8), format="rgb24")
    frame.pts = 0
    return [*stream.encode(frame), *stream.encode()][0]


# Bad input.


def write_sound(
    path: Path, *, codec: str = "aac", muxer: str = "mp4", sample_format: str = "fltp", cover: bool = False
) -> Path:
    with av.open(str(path), "w", format=muxer) as output:
        stream = output.add_stream(codec, rate=44100, layout="mono")
        if cover:
            output.mux(_add_cover(output))
        tone = np.sin(np.arange(1152, dtype=np.float32) / 20)[None, :]
        for number in range(20):
            samples = tone if sample_format == "fltp" else (tone * 2**14).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(samples, format=sample_format, layout="mono")
            frame.sample_rate, frame.pts = 44100, number * 1152
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path


def with_garbage_for_frames(film: bytes) -> bytes:
    """A valid index over bytes that no decoder understands."""
    start, size = _box(film, b"mdat")
    noise = np.random.default_rng(2).integers(0, 256, size - 8, dtype=np.uint8).tobytes()
    return film[: start + 8] + noise + film[start + size :]


def with_all_frames_at_once(film: bytes) -> bytes:
    """Every frame lasts 0 ticks: a film of no frame rate."""
    altered = bytearray(film)
    table = film.index(b"stts") + 8
    for entry in range(int.from_bytes(film[table : table + 4], "big")):
        duration = table + 8 + 8 * entry
        altered[duration : duration + 4] = bytes(4)
    return bytes(altered)


def _box(film: bytes, kind: bytes) -> tuple[int, int]:
    """Offset and size of a top-level box of an mp4 file."""
    offset = 0
    while offset < len(film):
        size, name = struct.unpack(">I4s", film[offset : offset + 8])
        if name == kind:
            return offset, size
        offset += size
    raise ValueError(f"no box {kind!r}")
