"""``coach-pro engine-check``: what holds is said to hold, and each fault is found in its own line."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from app.cli import app
from tests.conftest import SAMPLE_CALIBRATION, SAMPLE_VIDEO
from tests.integration.grpc.clips import cut_clip, make_clip
from tests.integration.grpc.engine_process import run_engine
from tests.servers.conforming_engine import SERVICE, Conduct, ConformingEngine
from tests.servers.media import Film, write_film
from tests.servers.scripted_engine import GOOD_PLAYERS, EngineServer
from tests.waiting import free_port

LINES = (
    "reachable", "message order", "end of the call", "progress", "job id", "results inline", "rows", "row counts",
    "missing video", "undecodable video", "cancel", "two at once", "health", "reflection",
)  # fmt: skip


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", Film())


@pytest.fixture
def start() -> Iterator[Callable[..., str]]:
    """Start an engine of this conduct; its address."""
    servers: list[EngineServer] = []

    def at(conduct: Conduct, **options: Any) -> str:
        server = EngineServer(ConformingEngine(conduct), **({"reflects": (SERVICE,)} | options)).start()
        servers.append(server)
        return f"127.0.0.1:{server.port}"

    yield at
    for server in servers:
        server.stop()


def check(address: str, film: Path, *options: str) -> tuple[int, dict[str, str]]:
    """The exit code, and the verdict of each line."""
    answer = CliRunner().invoke(app, ["engine-check", address, "--video", str(film), *options])
    lines = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in answer.stdout.splitlines()]
    assert all(len(cells) == 3 and cells[2].endswith((".", ")")) for cells in lines), answer.output
    return answer.exit_code, {name: verdict for name, verdict, _ in lines}


def test_the_bundled_engine_keeps_the_whole_contract(tmp_path: Path) -> None:
    clip = cut_clip(make_clip(tmp_path / "whole.mp4"), tmp_path / "clip.mp4", frames=30)
    with run_engine("--workers", "2") as engine:
        assert check(engine.address, clip) == (0, dict.fromkeys(LINES, "PASS"))


def test_an_engine_that_keeps_the_contract_passes_in_every_line(start: Callable[..., str], film: Path) -> None:
    assert check(start(Conduct()), film) == (0, dict.fromkeys(LINES, "PASS"))


OK = grpc.StatusCode.OK
FAULTS: dict[str, tuple[Conduct, set[str]]] = {
    "begins at once": (Conduct(opening=()), {"message order"}),
    "speaks lower case": (Conduct(opening=("PENDING", "processing")), {"message order"}),
    "waits again amid the work": (Conduct(opening=("PENDING", "PROCESSING", "PENDING")), {"message order"}),
    "talks on after COMPLETED": (Conduct(after_completed=("COMPLETED",)), {"message order"}),
    "ends with an error": (Conduct(end=grpc.StatusCode.INTERNAL), {"end of the call"}),
    "percent for a fraction": (Conduct(progress=(0.0, 50.0, 100.0)), {"progress"}),
    "progress below zero": (Conduct(progress=(-0.1, 1.0)), {"progress"}),
    "progress of no number": (Conduct(progress=(float("nan"), 1.0)), {"progress"}),
    "progress goes back": (Conduct(progress=(0.5, 0.4, 1.0)), {"progress"}),
    "another's job": (Conduct(job_id="somebody-else"), {"job id", "two at once"}),
    "rows are cut": (Conduct(players_csv=GOOD_PLAYERS[:-9]), {"rows", "two at once"}),
    "rows lack a column": (Conduct(players_csv=GOOD_PLAYERS.replace(b"track", b"shirt", 1)), {"rows", "two at once"}),
    "wrong count": (Conduct(announced_rows=7), {"row counts", "two at once"}),
    "no results at all": (Conduct(sends_rows=False), {"results by path", "two at once"}),
    "analyses what is not there": (Conduct(analyses_anything=True), {"missing video", "undecodable video"}),
    "gives up without a word": (Conduct(refusal_words=()), {"missing video", "undecodable video"}),
    "fails in words only": (Conduct(refusal=OK), {"missing video", "undecodable video"}),
    "blames itself": (Conduct(refusal=grpc.StatusCode.INTERNAL), {"missing video", "undecodable video"}),
    "one run at a time": (Conduct(places=1, pace_s=0.1), {"two at once"}),
    "mixes two runs up": (Conduct(answers_the_latest=True, pace_s=0.1), {"two at once"}),
    "a cancelled run keeps its place": (
        Conduct(places=1, pace_s=0.1, frees_cancelled=False),
        {"cancel", "two at once"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_in_its_line(start: Callable[..., str], film: Path, fault: str) -> None:
    conduct, wrong = FAULTS[fault]
    code, verdicts = check(start(conduct), film)
    assert {name for name, verdict in verdicts.items() if verdict == "FAIL"} == wrong
    assert code == 1


@pytest.mark.parametrize(
    ("options", "line"), [({"serves": False}, "health"), ({"reflects": ("other.Service",)}, "reflection")]
)
def test_an_optional_service_that_is_there_must_be_right(
    start: Callable[..., str], film: Path, options: dict[str, Any], line: str
) -> None:
    code, verdicts = check(start(Conduct(), **options), film)
    assert (code, [name for name, verdict in verdicts.items() if verdict != "PASS"]) == (1, [line])


def test_what_an_engine_may_do_without_is_not_offered_and_no_fault(
    start: Callable[..., str], film: Path, tmp_path: Path
) -> None:
    """The C++ engine: files, no health service, no reflection; and here, one that names no jobs."""
    address = start(Conduct(files_in=tmp_path, job_id=""), has_health=False, reflects=())
    code, verdicts = check(address, film, "--output-dir", str(tmp_path))
    optional = {name for name, verdict in verdicts.items() if verdict == "NOT OFFERED"}
    assert optional == {"job id", "results inline", "row counts", "health", "reflection"}
    assert verdicts["results by path"] == "PASS"
    assert code == 0
    assert len(list(tmp_path.iterdir())) <= 1  # what the cancelled run left


def test_results_that_lie_elsewhere_are_a_fault(start: Callable[..., str], film: Path, tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    ours.mkdir()
    address = start(Conduct(files_in=theirs))
    for options in ([], ["--output-dir", str(ours)]):
        code, verdicts = check(address, film, *options)
        assert (code, verdicts["results by path"]) == (1, "FAIL")


def test_a_calibration_is_passed_on_as_jobs_do_it(start: Callable[..., str], tmp_path: Path) -> None:
    clip = cut_clip(SAMPLE_VIDEO, tmp_path / "sample.mp4", frames=40)
    assert check(start(Conduct()), clip, "--calibration", str(SAMPLE_CALIBRATION))[0] == 0


def test_nobody_there_is_one_line(film: Path) -> None:
    assert check(f"127.0.0.1:{free_port()}", film) == (1, {"reachable": "FAIL"})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["one,two"], "is not the address of one engine"),
        (["http://engine"], "is not the address of one engine"),
        (["localhost", "--video", "/none.mp4"], "No such file"),
        (["localhost", "--video", __file__], "not a video"),
        (["localhost", "--calibration", __file__], "no list of calibration points"),
    ],
)
def test_a_mistake_of_the_operator_is_a_sentence(arguments: list[str], sentence: str) -> None:
    answer = CliRunner().invoke(app, ["engine-check", *arguments])
    assert answer.exit_code == 2
    assert sentence in answer.stderr
