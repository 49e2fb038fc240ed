"""What becomes of a job when its engine fails, in all the ways in which engines fail."""

import threading
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest

from app.models import AnalysisReport, BallPosition, PlayerMatchStatistics, Track
from tests.integration.worker.conftest import Club, statistics_written
from tests.servers import scripted_engine as engines
from tests.servers.scripted_engine import FRAMES, GOOD_BALL, GOOD_PLAYERS, TRACKS, EngineServer, Play, sends
from tests.servers.scripts import FPS

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_MARIADB = pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
StartEngine = Callable[..., EngineServer]
OpenClub = Callable[..., Club]


def assert_failed(club: Club, job: dict[str, object], code: str) -> None:
    """FAILED with a stable code and a sentence that gives nothing away, and not one row or file of results."""
    assert (job["status"], job["result"], job["phase"]) == ("FAILED", None, None)
    error = job["error"]
    assert isinstance(error, dict)
    assert error["code"] == code
    assert error["detail"].endswith(".")
    assert len(error["detail"].splitlines()) == 1
    assert "/srv" not in str(error)
    assert job["finished_at"] is not None
    for model in (AnalysisReport, PlayerMatchStatistics, Track, BallPosition):
        assert club.count(model) == 0, model.__tablename__
    assert club.artifacts() == []


def test_a_good_run_over_grpc_is_analysed(play: StartEngine, open_club: OpenClub) -> None:
    engine = play(engines.plays_well)
    club = open_club(engine.port)
    assert club.client.get("/health").json()["engine"] == "reachable"
    job = club.analyse()
    assert (job["status"], job["attempt"], job["progress_percent"]) == ("COMPLETED", 1, 100)
    assert job["frames_done"] in {0, FRAMES // 2, FRAMES}  # told with the renewal of the lease, which may come before
    assert job["result"]["players_tracked"] == TRACKS
    assert statistics_written(club) == (1, TRACKS)
    assert club.count(BallPosition) == FRAMES
    request = engine.requests[0]
    assert request.match_id == f"{job['job_id']}-1"
    assert Path(request.video_path).read_bytes() == club.film


LASTING: dict[str, tuple[Play, str]] = {
    "names its failure": (engines.fails("video_undecodable", grpc.StatusCode.NOT_FOUND), "video_undecodable"),
    "C++: video not found": (engines.fails("", grpc.StatusCode.NOT_FOUND), "video_missing"),
    "C++: model or exception": (engines.fails("", grpc.StatusCode.INTERNAL), "engine_failed"),
    "refuses what we send": (engines.fails("", grpc.StatusCode.INVALID_ARGUMENT), "engine_refused"),
    # The word FAILED outweighs a status that would heal: the engine has judged.
    "judges, then dies": (engines.fails("calibration_invalid", grpc.StatusCode.UNAVAILABLE), "calibration_invalid"),
    "fails without a status": (engines.fails_in_words_only, "video_undecodable"),
    "code of no sane form": (engines.fails("X" * 5000, grpc.StatusCode.INTERNAL), "engine_failed"),
    "error and no FAILED": (engines.aborts(grpc.StatusCode.INTERNAL), "engine_failed"),
    "another service": (engines.refuses(grpc.StatusCode.UNIMPLEMENTED), "engine_incompatible"),
    "results in its own files": (engines.keeps_results_in_files, "engine_results_unreachable"),
}


@ON_SQLITE
@pytest.mark.parametrize("case", LASTING)
def test_a_failure_that_lasts_fails_the_job_at_once(play: StartEngine, open_club: OpenClub, case: str) -> None:
    script, code = LASTING[case]
    engine = play(script)
    club = open_club(engine.port)
    job = club.analyse()
    assert_failed(club, job, code)
    assert (job["attempt"], len(engine.requests)) == (1, 1)


def line_without_end(csv: bytes) -> bytes:
    return csv[:-9]


def cells(csv: bytes, old: bytes, new: bytes) -> bytes:
    assert old in csv
    return csv.replace(old, new, 1)


LAST_ROW = GOOD_PLAYERS.splitlines(keepends=True)[-1]
BROKEN_CSV: dict[str, tuple[Play, str]] = {
    "column missing": (sends(cells(GOOD_PLAYERS, b",track,", b",shirt,")), "metrics_missing_column"),
    "column twice": (sends(cells(GOOD_PLAYERS, b",box_x,", b",track,")), "metrics_repeated_column"),
    "not UTF-8": (sends(cells(GOOD_PLAYERS, b",A,", b",\xff\xfe,")), "metrics_not_utf8"),
    "last line cut": (sends(line_without_end(GOOD_PLAYERS)), "metrics_truncated"),
    "cut at a line end": (sends(GOOD_PLAYERS.removesuffix(LAST_ROW), player_rows=FRAMES * TRACKS), "metrics_truncated"),
    "no rows": (sends(GOOD_PLAYERS.splitlines(keepends=True)[0]), "no_people_found"),
    "no rows, not even a header": (sends(b"", player_rows=0), "no_people_found"),
    "rows claimed, none sent": (sends(b"", player_rows=FRAMES), "metrics_truncated"),
    "frame is NaN": (sends(cells(GOOD_PLAYERS, b"\n2,", b"\nnan,")), "metrics_not_finite"),
    "time is NaN": (sends(cells(GOOD_PLAYERS, b"\n2,0.040,", b"\n2,nan,")), "metrics_not_finite"),
    "word for a number": (sends(cells(GOOD_PLAYERS, b"\n2,", b"\ntwo,")), "metrics_not_a_number"),
    "a row twice": (sends(GOOD_PLAYERS + LAST_ROW), "metrics_duplicate_rows"),
    # The players are good: nothing of them may be written either.
    "ball cut": (sends(GOOD_PLAYERS, line_without_end(GOOD_BALL)), "metrics_truncated"),
    "ball not UTF-8": (sends(GOOD_PLAYERS, cells(GOOD_BALL, b"500", b"\xff\xff\xff")), "metrics_not_utf8"),
}


@ON_SQLITE
@pytest.mark.parametrize("case", BROKEN_CSV)
def test_a_broken_csv_fails_the_job_and_writes_nothing(play: StartEngine, open_club: OpenClub, case: str) -> None:
    script, code = BROKEN_CSV[case]
    club = open_club(play(script).port)
    assert_failed(club, club.analyse(), code)


@ON_MARIADB
def test_mariadb_takes_every_diagnosis_as_sqlite_does(play: StartEngine, open_club: OpenClub) -> None:
    """Job after job in one application: MariaDB refuses texts that are too long, and numbers that are not finite."""
    cases = LASTING | BROKEN_CSV
    engine = play(*(script for script, _ in cases.values()))
    club = open_club(engine.port)
    for _, code in cases.values():
        assert_failed(club, club.analyse(), code)
    assert len(engine.requests) == len(cases)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b",0.9,", b",nan,", id="a confidence that is no number is not known"),
        pytest.param(b",A,", b",a team whose name is longer than its column,", id="a long team is cut"),
    ],
)
def test_what_a_row_has_no_room_for_does_not_cost_the_match(
    play: StartEngine, open_club: OpenClub, old: bytes, new: bytes
) -> None:
    assert old in GOOD_PLAYERS
    club = open_club(play(sends(GOOD_PLAYERS.replace(old, new), GOOD_BALL)).port)
    assert club.analyse()["status"] == "COMPLETED"


@ON_SQLITE
def test_a_cpp_layout_on_the_wire_gives_tracks_without_metres(play: StartEngine, open_club: OpenClub) -> None:
    """Without a calibration the C++ engine's coordinates mean nothing: people are counted, nothing is measured."""
    club = open_club(play(sends(engines.cpp_players_csv(), b"", ball_rows=0)).port)
    job = club.analyse()
    assert job["status"] == "COMPLETED"
    statistics = club.client.get("/api/player_match_statistics", headers=club.headers).json()
    assert [row["track_number"] for row in statistics] == list(range(TRACKS))
    assert {row["distance_m"] for row in statistics} == {None}
    # Its CSV has no times: they are the film's own, 40 frames at 25 per second.
    assert [row["seconds_seen"] for row in statistics] == pytest.approx([FRAMES / FPS] * TRACKS, abs=0.001)


@ON_SQLITE
def test_nonsense_progress_is_never_shown(play: StartEngine, open_club: OpenClub) -> None:
    released = threading.Event()

    def nonsense_and_then_well(stage: engines.Stage) -> engines.Answers:
        while not released.wait(0.05):
            yield from engines.plays_nonsense_progress(stage)
        yield from engines.plays_well(stage)

    club = open_club(play(nonsense_and_then_well).port)
    job_id = club.upload()
    seen = club.wait_for(job_id, lambda job: job["progress"] > 0)
    assert 0 < seen["progress"] <= 0.9
    assert seen["frames_done"] >= 0
    released.set()
    assert club.finish(job_id)["status"] == "COMPLETED"
