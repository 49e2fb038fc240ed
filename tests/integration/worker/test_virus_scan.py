"""Videos are scanned before an engine sees them: by a real clamd, and by servers that behave as a clamd in trouble."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.models import Job, Phase
from tests.integration.worker.conftest import Club
from tests.integration.worker.test_engine_failures import assert_failed
from tests.servers import scripted_engine as engines
from tests.servers.clamd import EICAR, SIGNATURE, PrivateClamd, find_clamd
from tests.servers.scripted_engine import EngineServer
from tests.servers.talking_scanner import SaysWhenReleased, Talk, TalkingScanner, says, says_at_once
from tests.waiting import free_port, wait_until

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
INFECTED_BOX = struct.pack(">I4s", 8 + len(EICAR), b"free") + EICAR  # a part of an MP4 file that players skip
OpenScreened = Callable[..., Club]


@pytest.fixture(scope="module")
def start_clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., PrivateClamd]]:
    """Start scanners with these limits; one of the same limits is started once."""
    if find_clamd() is None:
        pytest.skip("clamd is not installed (apt-get install clamav-daemon)")
    running: dict[tuple[str, ...], PrivateClamd] = {}

    def start(*limits: str) -> PrivateClamd:
        if limits not in running:
            running[limits] = PrivateClamd(tmp_path_factory.mktemp("clamd"), *limits)
            running[limits].start()
        return running[limits]

    yield start
    for server in running.values():
        server.stop()


@pytest.fixture
def talking() -> Iterator[Callable[[Talk], TalkingScanner]]:
    servers: list[TalkingScanner] = []

    def start(talk: Talk) -> TalkingScanner:
        servers.append(TalkingScanner(talk))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def engine() -> Iterator[EngineServer]:
    server = EngineServer(engines.plays_well).start()
    yield server
    server.stop()


@pytest.fixture
def open_screened(engine: EngineServer, open_club: Callable[..., Club]) -> OpenScreened:
    """Start an application that has its videos scanned at a port, or at the path of a socket."""

    def start(scanner: int | Path, *, policy: str, **changes: object) -> Club:
        where = {"clamav_host": str(scanner)}
        if isinstance(scanner, int):
            where = {"clamav_host": "127.0.0.1", "clamav_port": scanner}  # type: ignore[dict-item]
        return open_club(engine.port, virus_scan_policy=policy, **where, **changes)

    return start


def free_box(size: int) -> bytes:
    return struct.pack(">I4s", size, b"free").ljust(size, b"\0")


def scan_of(club: Club) -> dict[str, Any]:
    """What the one video says of its scan."""
    (video,) = club.client.get("/api/videos", headers=club.headers).json()
    return {name: video[name] for name in ("scan_status", "scan_reason", "scan_signature")}


def stored(club: Club) -> list[Path]:
    return [path for path in club.settings.upload_dir.iterdir() if path.is_file()]


def test_a_clean_video_is_scanned_and_analysed(
    start_clamd: Callable[..., PrivateClamd], open_screened: OpenScreened
) -> None:
    club = open_screened(start_clamd().port, policy="require")
    assert club.analyse()["status"] == "COMPLETED"
    assert scan_of(club) == {"scan_status": "clean", "scan_reason": None, "scan_signature": None}
    (video,) = club.client.get("/api/videos?scan_status=clean", headers=club.headers).json()
    assert video["scanned_at"] is not None
    assert club.client.get("/api/videos?scan_status=infected", headers=club.headers).json() == []


@pytest.mark.parametrize("policy", ["require", "warn"])
def test_an_infected_video_is_refused_and_its_file_is_gone(
    start_clamd: Callable[..., PrivateClamd], open_screened: OpenScreened, engine: EngineServer, policy: str
) -> None:
    club = open_screened(start_clamd().socket, policy=policy)
    infected = replace(club, film=club.film + INFECTED_BOX)
    job = infected.analyse()
    assert_failed(club, job, "video_infected")
    assert SIGNATURE in job["error"]["detail"]
    assert scan_of(club) == {"scan_status": "infected", "scan_reason": None, "scan_signature": SIGNATURE}
    assert stored(club) == []
    assert engine.requests == []
    club.client.post(f"/api/jobs/{job['job_id']}/retry", headers=club.headers)
    assert_failed(club, club.finish(job["job_id"]), "video_infected")


@ON_SQLITE
def test_a_file_that_outlived_the_verdict_is_deleted_by_the_next_attempt(
    start_clamd: Callable[..., PrivateClamd], open_screened: OpenScreened
) -> None:
    """As when the server is killed between the record and the deletion."""
    club = open_screened(start_clamd().port, policy="warn")
    job = replace(club, film=club.film + INFECTED_BOX).analyse()
    (video,) = club.client.get("/api/videos", headers=club.headers).json()
    left_over = club.settings.upload_dir / video["id"]
    left_over.write_bytes(EICAR)
    club.client.post(f"/api/jobs/{job['job_id']}/retry", headers=club.headers)
    assert_failed(club, club.finish(job["job_id"]), "video_infected")
    assert not left_over.exists()


TOO_LARGE = {
    "for the stream: clamd cuts it off": ("StreamMaxLength 10K",),
    "for the scanner: clamd tells so": ("MaxFileSize 10K", "AlertExceedsMax yes"),
}


@ON_SQLITE
@pytest.mark.parametrize("case", TOO_LARGE)
def test_a_video_above_a_limit_of_the_scanner_is_never_called_clean(
    start_clamd: Callable[..., PrivateClamd], open_screened: OpenScreened, case: str
) -> None:
    clamd = start_clamd(*TOO_LARGE[case])
    warned = open_screened(clamd.port, policy="warn")
    assert replace(warned, film=warned.film + INFECTED_BOX).analyse()["status"] == "COMPLETED"
    assert scan_of(warned) == {"scan_status": "not_scanned", "scan_reason": "too_large", "scan_signature": None}


@ON_SQLITE
def test_a_video_above_our_limit_is_not_sent_and_stops_where_a_scan_is_required(
    start_clamd: Callable[..., PrivateClamd], open_screened: OpenScreened, engine: EngineServer
) -> None:
    """This clamd says "OK" to files that are too large for it."""
    club = open_screened(start_clamd("MaxFileSize 1M").port, policy="require", clamav_max_file_mb=1)
    job = replace(club, film=club.film + free_box(2**20) + INFECTED_BOX).analyse()
    assert_failed(club, job, "video_too_large_to_scan")
    assert scan_of(club) == {"scan_status": "not_scanned", "scan_reason": "too_large", "scan_signature": None}
    assert engine.requests == []


def test_where_a_scan_is_required_the_job_waits_for_a_scanner_that_is_away(
    tmp_path: Path, open_screened: OpenScreened
) -> None:
    if find_clamd() is None:
        pytest.skip("clamd is not installed (apt-get install clamav-daemon)")
    clamd = PrivateClamd(tmp_path)
    club = open_screened(clamd.socket, policy="require")
    job_id = club.upload()
    waiting = club.wait_for(job_id, lambda job: job["status"] == "PENDING" and "scanner is away" in str(job["message"]))
    assert waiting["attempt"] == 0
    assert scan_of(club) == {"scan_status": "error", "scan_reason": "unreachable", "scan_signature": None}
    clamd.start()
    try:
        done = club.finish(job_id)
    finally:
        clamd.stop()
    assert (done["status"], done["attempt"], done["error"]) == ("COMPLETED", 1, None)
    assert scan_of(club)["scan_status"] == "clean"


IN_TROUBLE: dict[str, tuple[Talk, dict[str, object], str, str]] = {
    "an error of its own": (says(b"stream: Can't allocate memory ERROR\0"), {}, "scanner_failed", "scan_failed"),
    "hangs up": (says(b""), {}, "scanner_failed", "scan_failed"),
    "no clamd at all": (says(b"HTTP/1.1 400 Bad Request\r\n\0"), {}, "scanner_failed", "scan_failed"),
    "says nothing": (SaysWhenReleased(), {"clamav_timeout_s": 0.2}, "timed_out", "scan_timed_out"),
}


@ON_SQLITE
@pytest.mark.parametrize("case", IN_TROUBLE)
def test_a_scanner_in_trouble_fails_the_job_or_warns(
    talking: Callable[[Talk], TalkingScanner], open_screened: OpenScreened, case: str
) -> None:
    talk, changes, reason, code = IN_TROUBLE[case]
    scanner = talking(talk)
    club = open_screened(scanner.port, policy="require", job_max_attempts=2, **changes)
    job = club.analyse()
    assert_failed(club, job, code)
    assert job["attempt"] == 2  # it may heal
    assert job["message"] == "Analysis failed."
    assert "tried again" in str(job["error"]["hint"])
    assert scan_of(club) == {"scan_status": "error", "scan_reason": reason, "scan_signature": None}
    assert len(stored(club)) == 1


@ON_SQLITE
def test_a_scanner_that_calls_a_file_clean_before_it_has_all_of_it_is_not_believed(
    talking: Callable[[Talk], TalkingScanner], open_screened: OpenScreened
) -> None:
    club = open_screened(talking(says_at_once(b"stream: OK\0")).port, policy="warn")
    more_than_a_connection_holds = 32 * 2**20
    assert replace(club, film=club.film + free_box(more_than_a_connection_holds)).analyse()["status"] == "COMPLETED"
    assert scan_of(club) == {"scan_status": "error", "scan_reason": "scanner_failed", "scan_signature": None}


@ON_SQLITE
def test_with_a_warning_a_video_is_analysed_though_the_scanner_is_away(open_screened: OpenScreened) -> None:
    club = open_screened(free_port(), policy="warn")
    assert club.analyse()["status"] == "COMPLETED"
    assert scan_of(club) == {"scan_status": "error", "scan_reason": "unreachable", "scan_signature": None}


@ON_SQLITE
def test_switched_off_nothing_is_sent_to_the_scanner(
    talking: Callable[[Talk], TalkingScanner], open_screened: OpenScreened
) -> None:
    slow = SaysWhenReleased()
    club = open_screened(talking(slow).port, policy="off")
    assert club.analyse()["status"] == "COMPLETED"
    assert not slow.heard.is_set()
    assert scan_of(club) == {"scan_status": "not_scanned", "scan_reason": "switched_off", "scan_signature": None}


@ON_SQLITE
def test_without_a_scanner_the_video_says_so(open_club: Callable[..., Club], engine: EngineServer) -> None:
    club = open_club(engine.port)
    assert club.analyse()["status"] == "COMPLETED"
    assert scan_of(club) == {"scan_status": "not_scanned", "scan_reason": "no_scanner", "scan_signature": None}


def test_a_slow_scan_keeps_its_lease_and_shows_its_phase(
    talking: Callable[[Talk], TalkingScanner], open_screened: OpenScreened
) -> None:
    slow = SaysWhenReleased()
    club = open_screened(talking(slow).port, policy="require")
    job_id = club.upload()
    club.wait_for(job_id, lambda job: job["phase"] == Phase.SCANNING and job["phase_percent"] == 100)
    first = lease_of(club)
    wait_until(lambda: lease_of(club) > first)
    assert club.client.get("/health").status_code == 200  # nobody else waits for the scanner
    slow.released.set()
    done = club.finish(job_id)
    assert (done["status"], done["attempt"]) == ("COMPLETED", 1)


def lease_of(club: Club) -> Any:
    with club.database.reading() as session:
        return session.query(Job.lease_expires_at).scalar()


def test_a_scan_can_be_cancelled_and_the_scanner_is_hung_up_on(
    talking: Callable[[Talk], TalkingScanner], open_screened: OpenScreened, engine: EngineServer
) -> None:
    slow = SaysWhenReleased()
    club = open_screened(talking(slow).port, policy="warn")
    job_id = club.upload()
    wait_until(slow.heard.is_set)
    club.client.post(f"/api/jobs/{job_id}/cancel", headers=club.headers)
    assert slow.hung_up.wait(30)
    wait_until(lambda: club.artifacts() == [])
    assert club.job(job_id)["status"] == "CANCELLED"
    assert scan_of(club) == {"scan_status": "not_scanned", "scan_reason": "not_yet", "scan_signature": None}
    assert engine.requests == []


@ON_SQLITE
def test_a_server_that_stops_during_a_scan_hands_the_job_back(
    talking: Callable[[Talk], TalkingScanner], open_screened: OpenScreened
) -> None:
    slow = SaysWhenReleased()
    club = open_screened(talking(slow).port, policy="warn")
    job_id = club.upload()
    wait_until(slow.heard.is_set)
    club.client.app.state.parts.workers.stop()  # type: ignore[attr-defined]
    assert (club.job(job_id)["status"], club.job(job_id)["attempt"]) == ("PENDING", 0)
    assert slow.hung_up.wait(30)
