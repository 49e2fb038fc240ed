"""The film of an analysis, as a client gets it."""

import io
import resource
import threading
from itertools import dropwhile
from pathlib import Path

import av
import numpy as np
import pytest

from engine import film as film_module
from engine.chunks import Chunk
from engine.film import Film
from engine.pipeline import AnalysisRequest, Progress, Summary
from engine.preview import Drawn, FilmPart, analyse_and_draw
from engine.video import Picture
from tests.integration.grpc.clips import FRAMES, make_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "drawn.mp4")


@pytest.fixture(scope="module")
def events(clip: Path) -> list[object]:
    return list(analyse_and_draw(AnalysisRequest(clip, frame_stride=3)))


def test_the_film_comes_when_all_rows_have_come_and_the_summary_counts_its_bytes(events: list[object]) -> None:
    kinds = [type(event) for event in events if not isinstance(event, Progress)]
    last_row = max(place for place, kind in enumerate(kinds) if kind is Chunk)
    assert Drawn not in kinds[:last_row]
    assert kinds[-1] is Summary
    film = b"".join(event.content for event in events if isinstance(event, FilmPart))
    assert isinstance(events[-1], Summary)
    assert events[-1].preview_bytes == len(film) > 0
    drawn = [event.frames_done for event in events if isinstance(event, Drawn)]
    assert drawn == sorted(drawn)


def test_browsers_can_play_the_film_and_seek_in_it(events: list[object]) -> None:
    film = b"".join(event.content for event in events if isinstance(event, FilmPart))
    assert film.index(b"moov") < film.index(b"mdat")  # the index stands in front
    with av.open(io.BytesIO(film)) as container:
        (stream,) = container.streams
        assert (container.format.name.split(",")[0], stream.codec_context.name, stream.pix_fmt) == (
            "mov", "h264", "yuv420p",
        )  # fmt: skip
        assert stream.duration * stream.time_base == pytest.approx(FRAMES / 25, abs=0.15)
        # Frames that were left out of the analysis are not shown: boxes would lie where nobody is any more.
        times = [frame.time for frame in container.decode(stream)]
    assert times == pytest.approx([number * 3 / 25 for number in range(FRAMES // 3)], abs=0.001)


@pytest.mark.parametrize("kind", [Progress, Drawn, FilmPart])
def test_it_can_be_dropped_at_any_time_and_leaves_nothing_behind(
    clip: Path, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    running = analyse_and_draw(AnalysisRequest(clip))
    next(dropwhile(lambda event: not isinstance(event, kind), running))
    running.close()
    assert list(tmp_path.iterdir()) == []
    assert [thread.name for thread in threading.enumerate() if thread.name == "ahead"] == []


def test_an_installation_that_cannot_write_films_gives_the_rows_all_the_same(
    clip: Path, events: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_module, "_ENCODERS", (("no such encoder", {}),))
    without = list(analyse_and_draw(AnalysisRequest(clip, frame_stride=3)))
    assert not any(isinstance(event, FilmPart) for event in without)
    summary, expected = without[-1], events[-1]
    assert isinstance(summary, Summary)
    assert isinstance(expected, Summary)
    assert (summary.preview_bytes, summary.player_rows) == (0, expected.player_rows)


def test_a_full_disk_costs_the_film_and_not_the_rows(clip: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands in for it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    film = Film(tmp_path / "film.mp4", (640, 360))
    noise = np.random.default_rng(1).integers(0, 255, (360, 640, 3), dtype=np.uint8)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(av.error.FFmpegError):
            _add(film, noise, count=200)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    film.discard()
    assert list(tmp_path.iterdir()) == []


def _add(film: Film, picture: Picture, *, count: int) -> None:
    for number in range(count):
        film.add(picture, number / 25)
