"""A film to look at: what an analysis found, drawn into the pictures. ``python -m engine preview``, and on request of a
client.

The video is read a second time when the analysis is over: rows are final by then, and it is known which tracks are one
person. Only frames that were analysed are shown, so that each box lies where the person is.
"""

import logging
import tempfile
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import av
import typer

from contract.tracing import spanned
from engine.ahead import wait_for
from engine.chunks import Chunk
from engine.drawing import Drawing, name_people
from engine.errors import AnalysisFailure
from engine.film import SUFFIX, Film, NoEncoder
from engine.pipeline import AnalysisRequest, Event, Summary, analyse
from engine.row_store import RowStore
from engine.video import Decoding, read_facts
from football.pitch import STANDARD_PITCH, Pitch

logger = logging.getLogger(__name__)

SHORT_SIDE_PX = 720
"""Larger pictures are made smaller. Raising it makes numbers easier to read and files larger."""

_PART_BYTES = 1 << 19
_STANDARD_SIZE = (STANDARD_PITCH.length_m, STANDARD_PITCH.width_m)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The film is made up to this frame of the video, of ``frames_total``."""

    frames_done: int
    frames_total: int

    @property
    def fraction(self) -> float:
        return self.frames_done / self.frames_total


@dataclass(frozen=True, slots=True)
class FilmPart:
    """Bytes of the film, which follow those before."""

    content: bytes


def preview(
    video: Annotated[Path, typer.Argument(help="Video to analyse.")],
    out: Annotated[Path, typer.Option(help="MP4 file to write.")],
    calibration: Annotated[Path | None, typer.Option(help="Calibration (YAML), for metres.")] = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Least confidence; 0: the engine's own.")] = 0.0,
    pitch: Annotated[tuple[float, float], typer.Option(help="Length and width in metres.")] = _STANDARD_SIZE,
) -> None:
    """Analyse a video and write another one that shows what was found.

    People of team A are framed in yellow, of B in blue, others in magenta, of no team in grey, each with the number of
    the person's first track; the ball has a red ring, a thin one where it was not seen itself.
    """
    try:
        summary = write_preview(AnalysisRequest(video, calibration, threshold, pitch=Pitch(*pitch)), out)
    except AnalysisFailure as failure:
        raise typer.BadParameter(str(failure)) from failure
    people = summary.tracks - len(summary.links)
    typer.echo(f"{summary.frames} frames, {summary.tracks} tracks of {people} people: {out}")


def write_preview(request: AnalysisRequest, out: Path) -> Summary:
    """
    Raises:
        AnalysisFailure: the analysis failed; there is no ``out`` then.
    """
    with RowStore() as store:
        for event in analyse(request):
            if isinstance(event, Chunk):
                store.add(event)
            elif isinstance(event, Summary):
                for _ in _draw(request.video, store, event, out):
                    pass
                return event
    raise AssertionError("an analysis that does not fail ends with a summary")


def analyse_and_draw(request: AnalysisRequest) -> Generator[Event | Drawn | FilmPart, None, None]:
    """As :func:`engine.pipeline.analyse`, with the film before the summary; yields within a frame all the time.

    A film that cannot be made (the disk is full, say) costs nobody the rows: the summary then says that there is none.

    Raises:
        AnalysisFailure: the analysis failed.
    """
    with RowStore() as store, closing(analyse(request)) as events:
        for event in events:
            if isinstance(event, Chunk):
                store.add(event)
            if not isinstance(event, Summary):
                yield event
                continue
            sent = yield from spanned("draw", _try_to_film(request.video, store, event))
            yield replace(event, preview_bytes=sent)


def _try_to_film(video: Path, store: RowStore, summary: Summary) -> Generator[Drawn | FilmPart, None, int]:
    """How many bytes the film has; 0: there is none."""
    sent = 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"preview{SUFFIX}"
            yield from _draw(video, store, summary, path)
            with path.open("rb") as film:
                while part := film.read(_PART_BYTES):
                    yield FilmPart(part)
                    sent += len(part)
    except (OSError, av.error.FFmpegError, NoEncoder, AnalysisFailure):
        logger.exception("no preview could be made")
        return 0
    return sent


def _draw(video: Path, store: RowStore, summary: Summary, out: Path) -> Generator[Drawn, None, None]:
    facts = read_facts(video).limit(SHORT_SIDE_PX)
    drawing = Drawing(facts.scale, name_people(summary.links), facts.duration_s)
    film = Film(out, facts.picture_size)
    drawn = Drawn(0, summary.frames)
    try:
        with closing(Decoding(video, facts, stride=summary.stride).read()) as frames:
            for frame in frames:
                if frame is not None:
                    drawing.draw(frame, store.rows_of(frame.number))
                    film.add(frame.picture, frame.time_s)
                    drawn = Drawn(frame.number, summary.frames)
                yield drawn
    except BaseException:
        film.discard()
        raise
    for _ in wait_for(film.close):
        yield drawn
