"""What must hold of the results of a run: they are there, they are read as a job's are, and they are counted right."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.errors import AnalysisError
from app.services.engine import ResultFiles
from app.services.engine_check.calls import Transcript
from app.services.engine_check.findings import Finding, Verdict, absent, broken, held
from app.services.engine_files import ExpectedFiles
from app.services.ingest.engine_csv import read_ball, read_players
from app.services.ingest.frame_clock import PresentationTimes
from app.services.video_probe import frame_times
from contract import analysis_pb2

_PLAYERS, _BALL = "players.csv", "ball.csv"
_KINDS = {analysis_pb2.MetricsChunk.PLAYERS: _PLAYERS, analysis_pb2.MetricsChunk.BALL: _BALL}


@dataclass(frozen=True, slots=True)
class VideoTimes:
    """The clock of the sample, for engines whose rows bear no time."""

    video: Path

    def times_s(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        return PresentationTimes(frame_times(self.video)).times_s(frames)


@dataclass(frozen=True, slots=True)
class Reading:
    """How results are read: the clock, whether the engine had a calibration, and where its rows are put."""

    clock: VideoTimes
    calibrated: bool
    directory: Path


def check_results(run: Transcript, expected: ExpectedFiles, reading: Reading) -> list[Finding]:
    """``expected`` is what was noted before the run."""
    if not run.is_completed:
        return [broken("results", "There are none, because the run was not completed.")]
    inline = _write_rows(run, reading.directory)
    if inline:
        return [
            held("results inline", "Rows come with the messages, so no disk is shared."),
            *_check_rows(run, reading),
        ]
    without_rows = absent("results inline", "No rows come with the messages.")
    by_path = _by_path(run, expected, reading.directory)
    rows = [] if by_path.verdict is Verdict.BROKEN else _check_rows(run, reading)
    return [without_rows, by_path, *rows]


def _write_rows(run: Transcript, directory: Path) -> bool:
    """Write what came inline as the two files that it is; whether anything came."""
    for name in _KINDS.values():
        (directory / name).write_bytes(b"")
    chunks = [
        message.metrics for message in run.messages if message.HasField("metrics") and message.metrics.kind in _KINDS
    ]
    for chunk in chunks:
        with (directory / _KINDS[chunk.kind]).open("ab") as file:
            file.write(chunk.rows)
    return bool(chunks)


def _by_path(run: Transcript, expected: ExpectedFiles, directory: Path) -> Finding:
    name, result = "results by path", run.messages[-1].result
    named = ResultFiles(
        result.player_metrics_csv_path, result.ball_metrics_csv_path, players_claimed=result.players_tracked > 0
    )
    if not (named.players or named.ball):
        return broken(name, "No files are named either, so there are no results.")
    if expected.root is None:
        return broken(name, "The results are files; name the directory that they lie in with --output-dir.")
    try:
        expected.fetch(named, players=directory / _PLAYERS, ball=directory / _BALL)
    except AnalysisError as error:
        return broken(name, f"{error.detail} ({error.code})")
    return held(name, "The files lie in a folder of this run, and can be read here.")


def _check_rows(run: Transcript, reading: Reading) -> list[Finding]:
    result = run.messages[-1].result
    try:
        rows = _read(reading)
    except AnalysisError as error:
        return [broken("rows", f"{error.detail} ({error.code})")]
    findings = [held("rows", f"{rows[0]} rows of players and {rows[1]} of the ball are read as a job's are.")]
    if not result.engine_name:
        return [*findings, absent("row counts", "The engine does not say how many rows there are.")]
    if rows != (result.player_rows, result.ball_rows):
        said = f"{result.player_rows} and {result.ball_rows}"
        return [*findings, broken("row counts", f"The engine announced {said} rows; {rows[0]} and {rows[1]} came.")]
    return [*findings, held("row counts", "As many rows came as the engine announced.")]


def _read(reading: Reading) -> tuple[int, int]:
    """How many rows of players and of the ball there are.

    Raises:
        AnalysisError: a job with these files would fail.
    """
    players = read_players(reading.directory / _PLAYERS, clock=reading.clock, calibrated=reading.calibrated)
    ball = read_ball(reading.directory / _BALL, clock=reading.clock, calibrated=reading.calibrated)
    return len(players.frame), len(ball.frame)
