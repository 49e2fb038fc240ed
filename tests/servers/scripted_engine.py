"""A real gRPC server that plays an engine: what it answers is scripted, call by call."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from contract import analysis_pb2, analysis_pb2_grpc
from tests.servers.scripts import FPS, ball_csv, player_csv

FRAMES, TRACKS = 40, 4

Request = analysis_pb2.VideoRequest
Response = analysis_pb2.VideoResponse
Answers = Iterator[Response]
Play = Callable[["Stage"], Answers]


class Stage:
    """One call, as a play sees it."""

    def __init__(self, server: "EngineServer", request: Request, context: grpc.ServicerContext) -> None:
        self.server = server
        self.request = request
        self._context = context
        self._over = threading.Event()
        context.add_callback(self._over.set)

    def abort(self, status: grpc.StatusCode, details: str = "/srv/inner/path: broke") -> NoReturn:
        self._context.abort(status, details)
        raise AssertionError("abort raises")

    def wait_for_the_end(self) -> None:
        """Say nothing more until the client, or the server, ends the call."""
        self._over.wait(60)

    def pause(self, seconds: float) -> None:
        """Work for a moment, or until the call is over."""
        self._over.wait(seconds)

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def die(self) -> None:
        """The server goes away in the middle of the call, as a killed process does."""
        self.server.stop()
        self.wait_for_the_end()


class EngineServer:
    """Plays its script: one play per call, the last one again and again. ``port`` stays the same over restarts.

    ``serves``: what its health service says, if it has one. ``reflects``: the services that reflection lists; none: it
    does not offer reflection.
    """

    def __init__(
        self, *plays: Play, port: int = 0, has_health: bool = True, serves: bool = True, reflects: tuple[str, ...] = ()
    ) -> None:
        self.requests: list[Request] = []
        self.port = port
        self._plays = plays
        self._has_health = has_health
        self._health = health_pb2.HealthCheckResponse.SERVING if serves else health_pb2.HealthCheckResponse.NOT_SERVING
        self._reflects = reflects
        self._server: grpc.Server | None = None
        self._lock = threading.Lock()

    def start(self) -> "EngineServer":
        server = grpc.server(ThreadPoolExecutor(8), options=(("grpc.so_reuseport", 0),))
        analysis_pb2_grpc.add_AnalysisEngineServicer_to_server(_Servicer(self), server)
        if self._has_health:
            status = health.HealthServicer()
            status.set("", self._health)
            health_pb2_grpc.add_HealthServicer_to_server(status, server)
        if self._reflects:
            reflection.enable_server_reflection(self._reflects, server)
        self.port = server.add_insecure_port(f"127.0.0.1:{self.port}")
        server.start()
        self._server = server
        return self

    def stop(self) -> None:
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.stop(0).wait()

    def begin(self, request: Request) -> Play:
        with self._lock:
            self.requests.append(request)
            return self._plays[min(len(self.requests), len(self._plays)) - 1]


class _Servicer(analysis_pb2_grpc.AnalysisEngineServicer):
    def __init__(self, server: EngineServer) -> None:
        self._server = server

    def AnalyzeVideo(self, request: Request, context: grpc.ServicerContext) -> Answers:  # noqa: N802 - the contract's
        play = self._server.begin(request)
        yield from play(Stage(self._server, request, context))


# Words of an engine.


def pending() -> Response:
    return Response(status="PENDING", message="Initializing.")


def processing(progress: float, frames_done: int = 0) -> Response:
    return Response(status="PROCESSING", progress=progress, frames_done=frames_done, frames_total=FRAMES)


def rows(kind: analysis_pb2.MetricsChunk.Kind, content: bytes) -> Response:
    chunk = analysis_pb2.MetricsChunk(kind=kind, first_frame=1, last_frame=FRAMES, rows=content)
    return Response(status="PROCESSING", progress=0.5, metrics=chunk)


def players(content: bytes) -> Response:
    return rows(analysis_pb2.MetricsChunk.PLAYERS, content)


def ball(content: bytes) -> Response:
    return rows(analysis_pb2.MetricsChunk.BALL, content)


def film(content: bytes, frames_drawn: int) -> Response:
    chunk = analysis_pb2.PreviewChunk(film=content)
    return Response(status="PROCESSING", progress=0.9, frames_done=FRAMES, frames_drawn=frames_drawn, preview=chunk)


def completed(*, player_rows: int = FRAMES * TRACKS, ball_rows: int = FRAMES, preview_bytes: int = 0) -> Response:
    result = analysis_pb2.AnalysisResult(
        total_frames=FRAMES,
        players_tracked=TRACKS,
        engine_name="played",
        engine_version="1",
        frames_processed=FRAMES,
        player_rows=player_rows,
        ball_rows=ball_rows,
        preview_bytes=preview_bytes,
        team_kits=[analysis_pb2.TeamKit(team="A", colour_hex="#ffffff", colour_name="white")],
    )
    return Response(status="COMPLETED", progress=1.0, result=result)


def failed(error_code: str = "") -> Response:
    message = "Could not open video file: /srv/inner/path"
    return Response(status="FAILED", message=message, error_code=error_code)


GOOD_PLAYERS = player_csv(tracks=TRACKS, frames=FRAMES)
GOOD_BALL = ball_csv(frames=FRAMES)


# Plays.


def plays_well(_: Stage) -> Answers:
    """Chunks are cut at line ends, as the contract says; the header stands in the first one only."""
    lines = GOOD_PLAYERS.splitlines(keepends=True)
    yield pending()
    yield processing(0.0)
    yield players(b"".join(lines[:50]))
    yield processing(0.5, FRAMES // 2)
    yield players(b"".join(lines[50:]))
    yield ball(GOOD_BALL)
    yield processing(1.0, FRAMES)
    yield completed()


def draws(*parts: bytes) -> Play:
    """A good run with a preview."""

    def play(stage: Stage) -> Answers:
        assert stage.request.preview
        yield pending()
        yield players(GOOD_PLAYERS)
        yield ball(GOOD_BALL)
        for number, part in enumerate(parts, start=1):
            yield film(part, FRAMES * number // len(parts))
        yield completed(preview_bytes=len(b"".join(parts)))

    return play


def plays_nonsense_progress(_: Stage) -> Answers:
    """Progress as engines have sent it; rows and the end are left to another play."""
    yield pending()
    for progress in (0.6, float("nan"), float("inf"), -1.4e-08, -5.0, 0.2, 7.0):
        yield processing(progress, -3)


def dies_after_half(stage: Stage) -> Answers:
    yield pending()
    yield processing(0.5, FRAMES // 2)
    yield players(GOOD_PLAYERS[: len(GOOD_PLAYERS) // 2])
    stage.die()


def dies_and_comes_back(stage: Stage) -> Answers:
    """A supervisor starts the engine again at once."""
    yield pending()
    yield players(GOOD_PLAYERS[: len(GOOD_PLAYERS) // 2])
    server = stage.server
    threading.Thread(target=lambda: (server.stop(), server.start())).start()
    stage.wait_for_the_end()


def falls_silent(stage: Stage) -> Answers:
    yield pending()
    yield processing(0.1, 4)
    stage.wait_for_the_end()


def stops_without_a_result(_: Stage) -> Answers:
    yield pending()
    yield players(GOOD_PLAYERS)


def fails_in_words_only(_: Stage) -> Answers:
    """FAILED, and then the stream ends as if all were well."""
    yield pending()
    yield failed("video_undecodable")


def answers_for_another_run(_: Stage) -> Answers:
    """A message of somebody else's run, between two of ours."""
    yield pending()
    yield Response(job_id="another-run", status="PROCESSING", progress=0.5)
    yield players(GOOD_PLAYERS)
    yield ball(GOOD_BALL)
    yield completed()


def does_not_hang_up(stage: Stage) -> Answers:
    """All is said, but the stream stays open until the client ends it."""
    yield from plays_well(stage)
    stage.wait_for_the_end()


def fails_and_does_not_hang_up(stage: Stage) -> Answers:
    yield pending()
    yield failed("video_undecodable")
    stage.wait_for_the_end()


def breaks_after_completed(stage: Stage) -> Answers:
    yield from plays_well(stage)
    stage.abort(grpc.StatusCode.INTERNAL)


def talks_without_end(_: Stage) -> Answers:
    yield pending()
    while True:
        yield processing(0.5, FRAMES // 2)


def keeps_results_in_files(stage: Stage) -> Answers:
    """The C++ engine: no rows on the wire, but the names of two files, on a disk that we do not see."""
    yield pending()
    yield processing(1.0)
    yield named_files(stage, Path("/tmp"))


def named_files(stage: Stage, root: Path, *, folder: str | None = None, tracked: int = TRACKS) -> Response:
    """COMPLETED as the C++ engine says it."""
    directory = root / (folder or f"analysis_{stage.request.match_id}")
    result = analysis_pb2.AnalysisResult(
        match_id=stage.request.match_id,
        total_frames=FRAMES,
        players_tracked=tracked,
        report_id=f"report_{stage.request.match_id}",
        player_metrics_csv_path=f"{directory}/player_metrics.csv",
        ball_metrics_csv_path=f"{directory}/ball_metrics.csv",
    )
    return Response(job_id=stage.request.match_id, status="COMPLETED", progress=1.0, result=result)


def leaves_files(
    root: Path, players_csv: bytes | None, ball_csv: bytes | None = None, *, folder: str | None = None
) -> Play:
    """The C++ engine on a disk that we see. None: it saw nobody and writes no file. ``folder``: not the run's own."""

    def play(stage: Stage) -> Answers:
        yield pending()
        directory = root / (folder or f"analysis_{stage.request.match_id}")
        directory.mkdir(exist_ok=True)
        for name, content in (("player_metrics.csv", players_csv), ("ball_metrics.csv", ball_csv)):
            if content is not None:
                (directory / name).write_bytes(content)
        yield named_files(stage, root, folder=folder, tracked=0 if players_csv is None else TRACKS)

    return play


def fails(error_code: str, status: grpc.StatusCode) -> Play:
    """FAILED as a message, then as the status of the call."""

    def play(stage: Stage) -> Answers:
        yield pending()
        yield failed(error_code)
        stage.abort(status)

    return play


def aborts(status: grpc.StatusCode) -> Play:
    """The call ends with an error status and no FAILED before it."""

    def play(stage: Stage) -> Answers:
        yield pending()
        yield processing(0.3, 12)
        stage.abort(status)

    return play


def refuses(status: grpc.StatusCode) -> Play:
    """Not one message, only an error status."""

    def play(stage: Stage) -> Answers:
        stage.abort(status)
        yield pending()

    return play


def sends(
    players_csv: bytes, ball_csv: bytes = GOOD_BALL, *, player_rows: int | None = None, ball_rows: int = FRAMES
) -> Play:
    """A run that is good but for its CSV. ``player_rows`` is what the engine claims; by default what it sends."""
    claimed = max(0, players_csv.count(b"\n") - 1) if player_rows is None else player_rows

    def play(_: Stage) -> Answers:
        yield pending()
        yield players(players_csv)
        if ball_csv:
            yield ball(ball_csv)
        yield completed(player_rows=claimed, ball_rows=ball_rows)

    return play


def waits_for(released: threading.Event) -> Play:
    """Half of a good run, and the other half once ``released`` is set; progress is told all the time."""

    def play(stage: Stage) -> Answers:
        yield pending()
        yield processing(0.4, 16)
        while not released.wait(0.1):
            yield processing(0.4, 16)
        yield from plays_well(stage)

    return play


def waits_for_file(released: Path) -> Play:
    """As :func:`waits_for`, for an engine in a process of its own."""

    def play(stage: Stage) -> Answers:
        yield pending()
        while not released.exists():
            yield processing(0.4, 16)
            stage.pause(0.05)
        yield from plays_well(stage)

    return play


def cpp_players_csv() -> bytes:
    """The C++ engine's layout without a calibration, sent over the wire: its x and y mean nothing."""
    lines = ["frame,player_id,x,y,team,minutes_played,notes,rating"]
    for frame in range(1, FRAMES + 1):
        lines += [f"{frame},{track},{frame / FPS:.6f},{track * 10:.6f},Unknown,0,,0.0" for track in range(TRACKS)]
    return ("\n".join(lines) + "\n").encode()
