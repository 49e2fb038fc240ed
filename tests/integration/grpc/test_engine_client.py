"""The gRPC client alone, in front of engines that are played: how a run ends, and that nothing of it stays behind."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.engine_address import EngineAddress
from app.core.errors import AnalysisError, EngineUnavailable, PermanentFailure, TransientFailure
from app.services import analysis_service
from app.services.analysis_service import GrpcEngine, GrpcRun
from app.services.engine import EngineEvent, EngineProgress, EngineRequest, EngineResult, PreviewPart
from app.services.engine_breaker import BreakerLimits
from app.services.engine_pool import PoolLimits
from football.pitch import Pitch
from tests.servers import scripted_engine as engines
from tests.servers.played_engine import PlayedEngine
from tests.servers.scripted_engine import EngineServer, Play
from tests.waiting import free_port, wait_until

REQUEST = EngineRequest("run-1", Path("/nowhere/film.mp4"), None, None)


@pytest.fixture
def play() -> Iterator[Callable[..., EngineServer]]:
    servers: list[EngineServer] = []

    def start(*plays: Play, **options: object) -> EngineServer:
        servers.append(EngineServer(*plays, **options).start())  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def connect() -> Iterator[Callable[..., GrpcEngine]]:
    """A client of the engines at these ports, one run at a time on each."""
    clients: list[GrpcEngine] = []

    def to(*ports: int) -> GrpcEngine:
        limits = PoolLimits(concurrency=1, silence_s=60, breaker=BreakerLimits(pause_s=60))
        clients.append(GrpcEngine([EngineAddress("127.0.0.1", port) for port in ports], limits))
        return clients[-1]

    yield to
    for client in clients:
        client.close()


StartEngine = Callable[..., EngineServer]
Connect = Callable[..., GrpcEngine]


def failure_of(run: Iterable[EngineEvent]) -> AnalysisError:
    with pytest.raises(AnalysisError) as failure:
        list(run)
    return failure.value


def watching(play: Play, calls: list[engines.Stage]) -> Play:
    """Notes the calls that are played."""

    def noting(stage: engines.Stage) -> engines.Answers:
        calls.append(stage)
        yield from play(stage)

    return noting


@pytest.mark.parametrize("script", [engines.plays_well, engines.does_not_hang_up, engines.breaks_after_completed])
def test_completed_is_the_last_word_whatever_follows(play: StartEngine, connect: Connect, script: Play) -> None:
    calls: list[engines.Stage] = []
    events = list(connect(play(watching(script, calls)).port).analyze(REQUEST))
    assert [type(event) for event in events].count(EngineResult) == 1
    assert isinstance(events[-1], EngineResult)
    wait_until(lambda: calls[0].is_over)  # nothing of the call is left on the engine either


@pytest.mark.parametrize("script", [engines.fails_in_words_only, engines.fails_and_does_not_hang_up])
def test_failed_is_the_last_word_whatever_follows(play: StartEngine, connect: Connect, script: Play) -> None:
    calls: list[engines.Stage] = []
    failure = failure_of(connect(play(watching(script, calls)).port).analyze(REQUEST))
    assert isinstance(failure, PermanentFailure)
    assert failure.code == "video_undecodable"
    wait_until(lambda: calls[0].is_over)


def test_a_message_of_another_run_ends_this_one(play: StartEngine, connect: Connect) -> None:
    calls: list[engines.Stage] = []
    failure = failure_of(connect(play(watching(engines.answers_for_another_run, calls)).port).analyze(REQUEST))
    assert isinstance(failure, TransientFailure)
    assert failure.code == "engine_mixed_up"
    wait_until(lambda: calls[0].is_over)


def test_a_result_of_another_run_is_not_taken(play: StartEngine, connect: Connect) -> None:
    def claims(_: engines.Stage) -> engines.Answers:
        answer = engines.completed()
        answer.result.match_id = "another-run"
        yield answer

    assert failure_of(connect(play(claims).port).analyze(REQUEST)).code == "engine_mixed_up"


def test_an_engine_that_repeats_our_id_is_understood(play: StartEngine, connect: Connect) -> None:
    def echoes(stage: engines.Stage) -> engines.Answers:
        for answer in engines.plays_well(stage):
            answer.job_id = stage.request.match_id
            yield answer

    assert isinstance(list(connect(play(echoes).port).analyze(REQUEST))[-1], EngineResult)


@pytest.mark.parametrize(("chosen", "sent"), [(None, 0), (5, 5)])
def test_the_stride_is_sent_and_frames_left_out_are_no_losses(
    play: StartEngine, connect: Connect, chosen: int | None, sent: int
) -> None:
    calls: list[engines.Stage] = []

    def leaves_out(_: engines.Stage) -> engines.Answers:
        answer = engines.completed()
        answer.result.total_frames, answer.result.frames_processed, answer.result.frames_damaged = 100, 20, 3
        yield answer

    request = replace(REQUEST, frame_stride=chosen)
    (result,) = connect(play(watching(leaves_out, calls)).port).analyze(request)
    assert isinstance(result, EngineResult)
    assert calls[0].request.frame_stride == sent
    assert (result.frames_total, result.frames_processed, result.frames_damaged) == (100, 20, 3)


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ((100.0, 64.0), Pitch(100.0, 64.0)),
        (None, None),  # an engine that does not know the field
        ((0.0, 0.0), None),
        ((float("nan"), 64.0), None),
        ((1e9, 64.0), None),
    ],
)
def test_the_size_of_the_pitch_is_sent_and_what_an_engine_makes_of_it_is_read(
    play: StartEngine, connect: Connect, said: tuple[float, float] | None, understood: Pitch | None
) -> None:
    calls: list[engines.Stage] = []

    def tells(_: engines.Stage) -> engines.Answers:
        answer = engines.completed()
        if said is not None:
            answer.result.pitch.length_m, answer.result.pitch.width_m = said
        yield answer

    (result,) = connect(play(watching(tells, calls)).port).analyze(replace(REQUEST, pitch=Pitch(100.0, 64.0)))
    assert isinstance(result, EngineResult)
    assert (calls[0].request.pitch.length_m, calls[0].request.pitch.width_m) == (100.0, 64.0)
    assert result.pitch == understood


def test_a_preview_is_asked_for_and_its_parts_arrive_in_order(play: StartEngine, connect: Connect) -> None:
    events = list(connect(play(engines.draws(b"ab", b"c")).port).analyze(replace(REQUEST, preview=True)))
    assert [event.content for event in events if isinstance(event, PreviewPart)] == [b"ab", b"c"]
    drawn = [event.frames_drawn for event in events if isinstance(event, EngineProgress)]
    assert drawn[-2:] == [engines.FRAMES // 2, engines.FRAMES]
    assert set(drawn[:-2]) == {0}
    assert isinstance(events[-1], EngineResult)
    assert events[-1].preview_bytes == 3


def test_counts_that_cannot_be_are_not_known(play: StartEngine, connect: Connect) -> None:
    def miscounts(_: engines.Stage) -> engines.Answers:
        answer = engines.completed()
        answer.result.total_frames, answer.result.frames_processed = -(2**31), -1
        yield answer

    (result,) = connect(play(miscounts).port).analyze(REQUEST)
    assert isinstance(result, EngineResult)
    assert (result.frames_total, result.frames_processed) == (None, None)


def cancel_amid(run: GrpcRun) -> AnalysisError:
    """Cancel from another thread once the run has begun; how it ended."""
    begun = threading.Event()
    canceller = threading.Thread(target=lambda: (begun.wait(), run.cancel()))
    canceller.start()
    failure = failure_of(begun.set() or event for event in run if isinstance(event, EngineProgress))
    canceller.join()
    return failure


@pytest.mark.parametrize("script", [engines.falls_silent, engines.talks_without_end])
def test_a_cancelled_run_ends_on_both_sides(play: StartEngine, connect: Connect, script: Play) -> None:
    calls: list[engines.Stage] = []
    failure = cancel_amid(connect(play(watching(script, calls)).port).analyze(REQUEST))
    assert failure.code == "engine_lost"
    wait_until(lambda: calls[0].is_over)


def test_a_cancelled_run_ends_at_once_also_when_the_engine_does_not_react(connect: Connect, tmp_path: Path) -> None:
    """The engine is frozen before it could hear of it, and stays so."""
    engine = PlayedEngine(released=tmp_path / "never")
    run = connect(engine.port).analyze(REQUEST)
    events = iter(run)
    try:
        while not isinstance(next(events), EngineProgress):
            pass
        engine.freeze()
        threading.Timer(0.2, run.cancel).start()
        with pytest.raises(TransientFailure):
            list(events)
    finally:
        engine.kill()


def test_a_run_that_is_cancelled_before_it_begins_never_does_any_work(play: StartEngine, connect: Connect) -> None:
    run = connect(play(engines.plays_well).port).analyze(REQUEST)
    run.cancel()
    assert failure_of(run).code == "engine_lost"


ENDS: dict[str, Callable[[GrpcRun], object]] = {
    "in a result": list,
    "in a failure": failure_of,
    "cancelled": cancel_amid,
    "given up by who listens": lambda run: next(iter(run)),
}


@pytest.mark.parametrize(
    ("end", "script"),
    [
        ("in a result", engines.plays_well),
        ("in a failure", engines.fails_in_words_only),
        ("cancelled", engines.falls_silent),
        ("given up by who listens", engines.falls_silent),
    ],
)
def test_however_a_run_ends_its_place_is_free_again(
    play: StartEngine, connect: Connect, end: str, script: Play
) -> None:
    client = connect(play(script, engines.plays_well).port)
    ENDS[end](client.analyze(REQUEST))
    assert isinstance(list(client.analyze(REQUEST))[-1], EngineResult)


def test_a_second_run_waits_while_the_only_place_is_taken(play: StartEngine, connect: Connect) -> None:
    released = threading.Event()
    client = connect(play(engines.waits_for(released)).port)
    first = iter(client.analyze(REQUEST))
    next(first)
    failure = failure_of(client.analyze(REQUEST))
    assert isinstance(failure, EngineUnavailable)
    assert failure.code == "engine_busy"
    released.set()
    assert isinstance(list[EngineEvent](first)[-1], EngineResult)


def test_runs_go_round_over_the_engines_that_live(play: StartEngine, connect: Connect) -> None:
    first, second = play(engines.plays_well), play(engines.plays_well)
    client = connect(first.port, free_port(), second.port)
    for _ in range(4):
        list(client.analyze(REQUEST))
    assert (len(first.requests), len(second.requests)) == (2, 2)


def test_an_engine_that_hangs_is_found_out_before_a_run_is_given_to_it(
    play: StartEngine, connect: Connect, tmp_path: Path
) -> None:
    frozen, healthy = PlayedEngine(released=tmp_path / "never"), play(engines.plays_well)
    frozen.freeze()
    try:
        assert isinstance(list(connect(frozen.port, healthy.port).analyze(REQUEST))[-1], EngineResult)
    finally:
        frozen.kill()


def test_one_living_engine_makes_the_engine_reachable(play: StartEngine, connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        client = connect(free_port(), mute.getsockname()[1], play(engines.plays_well, has_health=False).port)
        assert client.is_reachable()
        assert not connect(free_port(), mute.getsockname()[1]).is_reachable()


def test_the_client_sends_no_keepalive_pings() -> None:
    """An engine that loads its model is silent for minutes, and a gRPC server cuts clients that ping meanwhile."""
    assert [name for name, _ in analysis_service._OPTIONS if "keepalive" in name or "ping" in name] == []
