"""Films of many kinds, as they are judged on arrival: what is good must be taken, and measured rightly."""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.core.errors import UnsupportedMedia
from app.services.video_probe import frame_times, probe_video
from engine.video import read_facts, read_frames
from tests.conftest import SAMPLE_VIDEO
from tests.integration.conftest import Api
from tests.servers import media
from tests.servers.media import FRAMES, REGULAR, TICKS_PER_S, Film, write_film
from tests.waiting import finished_job

Maker = Callable[[Path], Path]
X265 = {"preset": "ultrafast", "x265-params": "log-level=none"}
VP9 = {"deadline": "realtime", "cpu-used": "8"}
LATE = tuple(ticks + 5 * TICKS_PER_S for ticks in REGULAR)


def film(**changes: object) -> Maker:
    return lambda path: write_film(path, Film(**changes))  # type: ignore[arg-type]


def with_latin_1_title(**changes: object) -> Maker:
    """A title that is not UTF-8, as cameras of the nineties and their heirs write it."""

    def make(path: Path) -> Path:
        content = media.film_bytes(path, metadata={"title": "QQQQQQ"}, **changes)
        assert content.count(b"QQQQQQ") == 1
        path.write_bytes(content.replace(b"QQQQQQ", b"Fu\xdfb\xe9l"))
        return path

    return make


@dataclass(frozen=True, slots=True)
class Expected:
    codec: str = "h264"
    size: tuple[int, int] = (320, 240)
    frames: int = FRAMES
    rate: float = 25.0


MJPEG = {"codec": "mjpeg", "pixel_format": "yuvj420p", "codec_options": {}}
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov"}
GOOD: dict[str, tuple[Maker, Expected]] = {
    "H.264": (film(), Expected()),
    "H.264 with B-frames, whose mp4 has an edit list": (
        film(codec_options={"preset": "medium", "bf": "3"}),
        Expected(),
    ),
    "HEVC": (film(codec="libx265", codec_options=X265), Expected("hevc")),
    "HEVC, ten bits": (film(codec="libx265", codec_options=X265, pixel_format="yuv420p10le"), Expected("hevc")),
    "odd size, 4:4:4": (film(size=(321, 243), pixel_format="yuv444p"), Expected(size=(321, 243))),
    "odd size, VP9 in WebM": (
        film(size=(321, 243), codec="libvpx-vp9", codec_options=VP9, muxer="webm"),
        Expected("vp9", (321, 243)),
    ),
    "tiny": (film(size=(34, 18)), Expected(size=(34, 18))),
    "held upright by a phone": (film(rotation=90), Expected(size=(240, 320))),
    "pixels wider than high": (film(aspect=Fraction(4, 3)), Expected(size=(427, 240))),
    "variable rate": (film(ticks=media.uneven_ticks()), Expected()),
    "half the frames twice as long": (film(ticks=REGULAR[::2]), Expected(frames=FRAMES // 2, rate=12.5)),
    "an edit list hides the first ten frames": (media.write_film_with_edit_list, Expected(frames=FRAMES - 10)),
    "starts at five seconds": (film(ticks=LATE), Expected()),
    "QuickTime": (film(muxer="mov"), Expected()),
    "Matroska": (film(muxer="matroska"), Expected()),
    "transport stream": (film(muxer="mpegts"), Expected()),
    "fragmented, as cameras stream": (film(muxer_options=FRAGMENTED), Expected()),
    "AVI that counts 24 times as many frames as it has": (film(muxer="avi", **MJPEG), Expected("mjpeg")),
    "a cover picture beside the film": (media.write_film_with_cover, Expected()),
    "title in Latin-1, mp4": (with_latin_1_title(), Expected()),
    "title in Latin-1, AVI": (with_latin_1_title(muxer="avi", **MJPEG), Expected("mjpeg")),
}


@pytest.mark.parametrize("case", GOOD)
def test_a_good_film_is_measured_rightly(tmp_path: Path, case: str) -> None:
    make, expected = GOOD[case]
    path = make(tmp_path / "film")
    facts = probe_video(path)
    assert (facts.codec, (facts.width, facts.height)) == (expected.codec, expected.size)
    assert facts.frame_count == expected.frames
    assert facts.frame_rate == pytest.approx(expected.rate, rel=1e-3)
    assert facts.duration_s == pytest.approx(expected.frames / expected.rate, rel=1e-3)
    times = frame_times(path)
    assert len(times) == expected.frames == shown_by_a_player(path)
    assert times[0] == 0
    assert (np.diff(times) > 0).all()


def shown_by_a_player(path: Path) -> int:
    """Frames that come out of a decoder."""
    with av.open(str(path), metadata_errors="replace") as container:
        stream = next(s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic)
        return sum(1 for _ in container.decode(stream))


def test_the_times_of_a_variable_rate_are_the_ones_that_were_recorded(tmp_path: Path) -> None:
    ticks = media.uneven_ticks()
    path = write_film(tmp_path / "film", Film(ticks=ticks))
    assert frame_times(path).tolist() == pytest.approx([tick / TICKS_PER_S for tick in ticks], abs=1e-3)
    assert set(np.diff(ticks)) == {12, 24, 36}


@pytest.mark.parametrize("case", GOOD)
def test_the_bundled_engine_sees_the_same_frames_at_the_same_times(tmp_path: Path, case: str) -> None:
    path = GOOD[case][0](tmp_path / "film")
    facts, probed = read_facts(path), probe_video(path)
    assert (facts.width, facts.height) == (probed.width, probed.height)
    seen = [frame.time_s for frame in read_frames(path, facts)]
    assert seen == pytest.approx(frame_times(path).tolist(), abs=1e-3)


def test_every_good_film_goes_all_the_way(api: Api, tmp_path: Path) -> None:
    """From the upload to the statistics: what the probe takes, nothing behind it in the server refuses."""
    for number, (case, (make, _)) in enumerate(GOOD.items()):
        content = make(tmp_path / f"film{number}").read_bytes()
        answer = api.client.post("/api/analyze_match", headers=api.headers, files={"file": content})
        assert answer.status_code == 202, (case, answer.text)
        job = finished_job(api.client, api.headers, answer.json()["job_id"])
        assert job["status"] == "COMPLETED", (case, job)
        assert api.engine.requests[-1].video_path.read_bytes() == content


# What a file may make the server open.

_IN_OPEN = 0x20


@contextmanager
def watching_opens(path: Path) -> Iterator[Callable[[], bool]]:
    """Tells, by the kernel's word (inotify), whether anybody has opened ``path`` since."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    if descriptor < 0 or libc.inotify_add_watch(descriptor, str(path).encode(), _IN_OPEN) < 0:
        pytest.skip("inotify is not available here")

    def was_opened() -> bool:
        try:
            return len(os.read(descriptor, 4096)) > 0
        except BlockingIOError:
            return False

    try:
        yield was_opened
    finally:
        os.close(descriptor)


def hls(other: Path) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{other.name}\n#EXT-X-ENDLIST\n"


def concatenation(other: Path) -> str:
    return f"ffconcat version 1.0\nfile '{other.name}'\n"


@pytest.mark.parametrize(("list_of", "demuxer"), [(hls, "hls"), (concatenation, "concat")])
def test_an_upload_that_names_another_file_does_not_open_it(
    tmp_path: Path, list_of: Callable[[Path], str], demuxer: str
) -> None:
    other = write_film(tmp_path / "other.ts", Film(muxer="mpegts"))
    upload = tmp_path / "upload"
    upload.write_text(list_of(other))
    with watching_opens(other) as was_opened:
        with pytest.raises(UnsupportedMedia):
            probe_video(upload)
        assert not was_opened()
        # The trap is real: FFmpeg opens the file when nobody forbids it.
        with av.open(str(upload), format=demuxer) as followed:
            assert followed.streams.video
        assert was_opened()


def test_the_sample_match_is_a_good_film() -> None:
    facts = probe_video(SAMPLE_VIDEO)
    assert facts.frame_count == len(frame_times(SAMPLE_VIDEO)) == shown_by_a_player(SAMPLE_VIDEO)
    assert facts.frame_rate == pytest.approx(25, rel=0.01)
