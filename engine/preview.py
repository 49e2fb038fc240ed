"""A video to look at: what an analysis found, drawn into the pictures. ``python -m engine preview``.

The video is read a second time, just behind the analysis, so that memory stays flat: a chunk of rows is drawn when it
comes, and forgotten.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import av
import cv2
import numpy as np
import typer
from av.container import OutputContainer
from av.video.stream import VideoStream

from contract.csv_columns import BALL_COLUMNS, PLAYER_COLUMNS
from engine.chunks import Chunk
from engine.errors import AnalysisFailure
from engine.pipeline import AnalysisRequest, Event, Summary, analyse
from engine.results import Kind
from engine.video import Frame, Picture, VideoFacts, read_facts, read_frames

Row = dict[str, str]

LARGEST_WIDTH = 1280
"""Wider pictures are made smaller. Raising it makes numbers easier to read and files larger."""

_COLUMNS = {Kind.PLAYERS: PLAYER_COLUMNS, Kind.BALL: BALL_COLUMNS}
_COLOURS = {"A": (0, 215, 255), "B": (255, 110, 20), "other": (255, 0, 255), "": (170, 170, 170)}  # blue, green, red
_BALL = (60, 60, 255)
_INK, _PAPER = (255, 255, 255), (0, 0, 0)
_TICKS = 90_000  # of the clock of the file, per second
_ENCODERS = (("libx264", {"preset": "veryfast", "crf": "24"}), ("mpeg4", {"q": "5"}))
_USUAL_RATE = 25


def preview(
    video: Annotated[Path, typer.Argument(help="Video to analyse.")],
    out: Annotated[Path, typer.Option(help="MP4 file to write.")],
    calibration: Annotated[Path | None, typer.Option(help="Calibration (YAML), for metres.")] = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Least confidence; 0: the engine's own.")] = 0.0,
) -> None:
    """Analyse a video and write another one that shows what was found.

    People of team A are framed in yellow, of B in blue, others in magenta, of no team in grey, each with the number of
    the track; the ball has a red ring, a thin one where it was not seen itself.
    """
    try:
        summary = write_preview(AnalysisRequest(video, calibration, threshold), out)
    except AnalysisFailure as failure:
        raise typer.BadParameter(str(failure)) from failure
    people = summary.tracks - len(summary.links)
    typer.echo(f"{summary.frames} frames, {summary.tracks} tracks of {people} people: {out}")


def write_preview(request: AnalysisRequest, out: Path) -> Summary:
    """
    Raises:
        AnalysisFailure: the analysis failed; ``out`` then ends where it did.
    """
    facts = read_facts(request.video)
    with av.open(str(out), "w", format="mp4") as file:
        film = _Film(file, facts)
        drawn = _Rows()
        frames = read_frames(request.video, facts)
        for event in analyse(request):
            drawn.take(event)
            for frame in _take_until(frames, drawn.complete_until):
                film.add(frame, drawn.pop(frame.number))
            if isinstance(event, Summary):
                film.finish()
                return event
    raise AssertionError("an analysis that does not fail ends with a summary")


def _take_until(frames: Iterator[Frame], number: int) -> Iterator[Frame]:
    """Frames up to that number, where any are left; ``frames`` go on after it."""
    while number and (frame := next(frames, None)) is not None:
        yield frame
        if frame.number >= number:
            return


class _Rows:
    """The rows of frames that are not drawn yet, by frame."""

    def __init__(self) -> None:
        self.complete_until = 0  # the last frame of which all rows have come by the latest event; 0: none is new
        self._newest = 0
        self._rows: dict[Kind, dict[int, list[Row]]] = {kind: defaultdict(list) for kind in Kind}

    def take(self, event: Event) -> None:
        self.complete_until = 0
        if isinstance(event, Summary):
            self.complete_until = event.frames
        elif isinstance(event, Chunk):
            if event.first_frame > self._newest:  # pieces of both kinds come one after the other
                self.complete_until = self._newest
            for row in csv.DictReader(event.text.removeprefix(event.kind.value).splitlines(), _COLUMNS[event.kind]):
                self._rows[event.kind][int(row["frame"])].append(row)
            self._newest = event.last_frame

    def pop(self, frame: int) -> dict[Kind, list[Row]]:
        return {kind: rows.pop(frame, []) for kind, rows in self._rows.items()}


class _Film:
    """The file that is written."""

    def __init__(self, file: OutputContainer, facts: VideoFacts) -> None:
        factor = min(1.0, LARGEST_WIDTH / facts.width)
        self._size = _even(facts.width * factor), _even(facts.height * factor)
        self._per_video_px = self._size[0] / facts.width
        self._duration_s = facts.duration_s
        self._file, self._stream = file, _add_stream(file, self._size)

    def add(self, frame: Frame, rows: dict[Kind, list[Row]]) -> None:
        picture = np.asarray(cv2.resize(frame.picture, self._size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        for row in rows[Kind.PLAYERS]:
            _draw_person(picture, row, self._per_video_px)
        for row in rows[Kind.BALL]:
            _draw_ball(picture, row, self._per_video_px)
        _draw_progress(picture, frame, self._duration_s)
        shown = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
        shown.pts, shown.time_base = round(frame.time_s * _TICKS), Fraction(1, _TICKS)
        self._file.mux(self._stream.encode(shown))

    def finish(self) -> None:
        self._file.mux(self._stream.encode(None))


def _even(pixels: float) -> int:
    """Encoders of 4:2:0 want even sides."""
    return max(2, round(pixels / 2) * 2)


def _add_stream(file: OutputContainer, size: tuple[int, int]) -> VideoStream:
    """H.264 where the installation can write it, else MPEG-4."""
    name, options = next((one for one in _ENCODERS if one[0] in av.codecs_available), _ENCODERS[-1])
    stream = file.add_stream(name, rate=_USUAL_RATE, options=options)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, _TICKS) if name == "libx264" else Fraction(1, 1000)
    return stream


def _draw_person(picture: Picture, row: Row, per_px: float) -> None:
    left, top, width, height = (float(row[name]) * per_px for name in ("box_x", "box_y", "box_w", "box_h"))
    colour = _COLOURS.get(row["team"], _COLOURS[""])
    corner, opposite = (round(left), round(top)), (round(left + width), round(top + height))
    cv2.rectangle(picture, corner, opposite, colour, 1, cv2.LINE_AA)
    mark = {"goalkeeper": "G", "referee": "R"}.get(row["class"], "")
    _write(picture, row["track"] + mark, (corner[0], max(10, corner[1] - 3)), colour)


def _draw_ball(picture: Picture, row: Row, per_px: float) -> None:
    centre = round(float(row["x_px"]) * per_px), round(float(row["y_px"]) * per_px)
    cv2.circle(picture, centre, 9, _BALL, 1 if row["interpolated"] == "1" else 2, cv2.LINE_AA)


def _draw_progress(picture: Picture, frame: Frame, duration_s: float) -> None:
    height, width = picture.shape[:2]
    share = min(1.0, frame.time_s / duration_s) if duration_s > 0 else 0.0
    cv2.rectangle(picture, (0, height - 4), (round(share * width), height), _INK, cv2.FILLED)
    minutes, seconds = divmod(frame.time_s, 60)
    _write(picture, f"{int(minutes)}:{seconds:04.1f}  frame {frame.number}", (6, height - 10), _INK)


def _write(picture: Picture, text: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
    """Legible on any ground."""
    for ink, thickness in ((_PAPER, 3), (colour, 1)):
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, ink, thickness, cv2.LINE_AA)
