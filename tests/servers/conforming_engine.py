"""An engine that keeps the contract in every point but those that are switched on."""

import threading
from dataclasses import dataclass
from pathlib import Path

import grpc

from contract import analysis_pb2
from tests.servers.scripted_engine import (
    FRAMES,
    GOOD_BALL,
    GOOD_PLAYERS,
    TRACKS,
    Answers,
    Response,
    Stage,
    ball,
    completed,
    failed,
    named_files,
    pending,
    players,
    processing,
)

SERVICE = analysis_pb2.DESCRIPTOR.services_by_name["AnalysisEngine"].full_name


@dataclass(frozen=True)
class Conduct:
    """What the engine does; the defaults are the contract. ``pace_s``: how long it takes between messages."""

    pace_s: float = 0.0
    opening: tuple[str, ...] = ("PENDING",)
    progress: tuple[float, ...] = (0.0, 0.5, 1.0)
    job_id: str | None = None  # None: the one that was asked for
    answers_the_latest: bool = False  # names the job of the latest call, whichever it answers
    players_csv: bytes = GOOD_PLAYERS
    announced_rows: int = FRAMES * TRACKS
    announces: bool = True
    sends_rows: bool = True
    files_in: Path | None = None
    after_completed: tuple[str, ...] = ()
    end: grpc.StatusCode = grpc.StatusCode.OK
    analyses_anything: bool = False
    refusal_words: tuple[str, ...] = ("FAILED",)
    refusal: grpc.StatusCode = grpc.StatusCode.NOT_FOUND
    places: int = 8
    frees_cancelled: bool = True


class ConformingEngine:
    """A play with a memory: it knows how many of its places are taken."""

    def __init__(self, conduct: Conduct) -> None:
        self._conduct = conduct
        self._places = threading.Semaphore(conduct.places)

    def __call__(self, stage: Stage) -> Answers:
        if not self._places.acquire(blocking=False):
            stage.abort(grpc.StatusCode.RESOURCE_EXHAUSTED)
        try:
            for answer in self._answers(stage):
                answer.job_id = self._job_id(stage)
                yield answer
                stage.pause(self._conduct.pace_s)
        finally:
            if self._conduct.frees_cancelled or not stage.is_over:
                self._places.release()

    def _job_id(self, stage: Stage) -> str:
        if self._conduct.job_id is not None:
            return self._conduct.job_id
        return (stage.server.requests[-1] if self._conduct.answers_the_latest else stage.request).match_id

    def _answers(self, stage: Stage) -> Answers:
        conduct = self._conduct
        yield from (Response(status=word) for word in conduct.opening)
        if not (conduct.analyses_anything or _is_film(Path(stage.request.video_path))):
            yield from (failed() if word == "FAILED" else pending() for word in conduct.refusal_words)
            _end(stage, conduct.refusal)
            return
        yield from (processing(fraction) for fraction in conduct.progress)
        yield from self._results(stage)
        yield from (Response(status=word, progress=1.0) for word in conduct.after_completed)
        _end(stage, conduct.end)

    def _results(self, stage: Stage) -> Answers:
        conduct = self._conduct
        if conduct.files_in is not None:
            folder = conduct.files_in / f"analysis_{stage.request.match_id}"
            folder.mkdir()
            (folder / "player_metrics.csv").write_bytes(conduct.players_csv)
            (folder / "ball_metrics.csv").write_bytes(GOOD_BALL)
            yield named_files(stage, conduct.files_in)
            return
        last = completed(player_rows=conduct.announced_rows)
        if not conduct.announces:
            last.result.engine_name = ""
        rows = [players(conduct.players_csv), ball(GOOD_BALL)] if conduct.sends_rows else []
        for answer in (*rows, last):
            answer.progress = conduct.progress[-1]
            yield answer


def _is_film(path: Path) -> bool:
    return path.is_file() and b"ftyp" in path.read_bytes()[:12]


def _end(stage: Stage, status: grpc.StatusCode) -> None:
    if status is not grpc.StatusCode.OK:
        stage.abort(status)
