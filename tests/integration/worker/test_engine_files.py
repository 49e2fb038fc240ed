"""Engines that leave their results in files, as the C++ engine does, on a disk that they share with the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.models import BallPosition
from tests.integration.worker.conftest import Club, statistics_written
from tests.integration.worker.test_engine_failures import assert_failed
from tests.servers import scripted_engine as engines
from tests.servers.scripted_engine import FRAMES, GOOD_BALL, GOOD_PLAYERS, TRACKS, EngineServer, Play, leaves_files

StartEngine = Callable[..., EngineServer]
OpenClub = Callable[..., Club]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    directory = tmp_path / "shared"
    directory.mkdir()
    return directory


def test_files_are_analysed_as_rows_on_the_wire_are(play: StartEngine, open_club: OpenClub, shared: Path) -> None:
    engine = play(leaves_files(shared, GOOD_PLAYERS, GOOD_BALL), engines.plays_well)
    club = open_club(engine.port, engine_output_dir=shared)
    by_path = club.analyse()
    assert by_path["status"] == "COMPLETED"
    assert statistics_written(club) == (1, TRACKS)
    assert club.count(BallPosition) == FRAMES
    assert list(shared.iterdir()) == []  # the engine's folder has done its work
    assert figures(club, by_path) == figures(club, club.analyse())


def figures(club: Club, job: dict[str, Any]) -> list[list[object]]:
    """What was found in the match of a job, without what is different for every match."""
    path = f"/api/player_match_statistics?match_id={job['match_id']}&sort=track_number"
    rows = club.client.get(path, headers=club.headers).json()
    assert len(rows) == TRACKS
    own = {"id", "match_id", "report_id", "created_at", "updated_at"}
    return [[value for name, value in row.items() if name not in own] for row in rows]


@ON_SQLITE
def test_a_real_output_of_the_cpp_engine_is_read(
    play: StartEngine, open_club: OpenClub, shared: Path, shared_data: Path
) -> None:
    output = shared_data / "engine_csv" / "cpp_engine_150_frames"
    players, ball = ((output / f"{kind}_metrics.csv").read_bytes() for kind in ("player", "ball"))
    club = open_club(play(leaves_files(shared, players, ball)).port, engine_output_dir=shared)
    job = club.analyse()
    assert job["status"] == "COMPLETED", job
    assert job["result"]["players_tracked"] >= 8  # eight people stood in its video


FAILING: dict[str, tuple[Callable[[Path], Play], str]] = {
    "nobody was seen, so there are no files": (lambda disk: leaves_files(disk, None), "no_people_found"),
    "the last line is cut": (lambda disk: leaves_files(disk, GOOD_PLAYERS[:-9]), "metrics_truncated"),
    "a line in the middle is cut": (
        lambda disk: leaves_files(disk, GOOD_PLAYERS.replace(b",A,", b"\n", 1)),
        "metrics_truncated",
    ),
    "an engine without run ids: one folder for all": (
        lambda disk: leaves_files(disk, GOOD_PLAYERS, folder="analysis_"),
        "engine_results_refused",
    ),
    "files outside the shared directory": (lambda _: engines.keeps_results_in_files, "engine_results_refused"),
}


@ON_SQLITE
@pytest.mark.parametrize("case", FAILING)
def test_files_that_cannot_be_used_fail_the_job_and_write_nothing(
    play: StartEngine, open_club: OpenClub, shared: Path, case: str
) -> None:
    script, code = FAILING[case]
    club = open_club(play(script(shared)).port, engine_output_dir=shared)
    assert_failed(club, club.analyse(), code)


@ON_SQLITE
def test_a_run_that_finds_nobody_never_gets_the_figures_of_the_run_before(
    play: StartEngine, open_club: OpenClub, shared: Path
) -> None:
    """The C++ engine names the files of its folder whether it wrote them or not; here, an earlier run's."""

    def names_the_files_of_the_run_before(stage: engines.Stage) -> engines.Answers:
        yield engines.pending()
        yield engines.named_files(stage, shared, folder=f"analysis_{stage.server.requests[0].match_id}", tracked=0)

    club = open_club(
        play(leaves_files(shared, GOOD_PLAYERS[:-9]), names_the_files_of_the_run_before).port, engine_output_dir=shared
    )
    club.analyse()
    assert_failed(club, club.analyse(), "engine_results_refused")
