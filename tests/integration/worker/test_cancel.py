"""Cancelling and trying again, with a real engine client, on both databases."""

import threading
from collections.abc import Callable

import pytest

from app.models import AnalysisReport
from tests.integration.worker.conftest import Club, statistics_written
from tests.servers import scripted_engine as engines
from tests.servers.scripted_engine import TRACKS, Answers, EngineServer, Stage
from tests.waiting import wait_until

StartEngine = Callable[..., EngineServer]
OpenClub = Callable[..., Club]


class Patient:
    """Plays half of its script, and then waits for the end of the call; notes that it came."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def __call__(self, stage: Stage) -> Answers:
        yield next(engines.plays_well(stage))
        stage.wait_for_the_end()
        self.ended.set()


def cancel(club: Club, job_id: str) -> tuple[int, dict[str, object]]:
    answer = club.client.post(f"/api/jobs/{job_id}/cancel", headers=club.headers)
    return answer.status_code, answer.json()


def retry(club: Club, job_id: str) -> tuple[int, dict[str, object]]:
    answer = club.client.post(f"/api/jobs/{job_id}/retry", headers=club.headers)
    return answer.status_code, answer.json()


def test_a_running_analysis_is_cancelled_and_leaves_nothing_but_the_video(
    play: StartEngine, open_club: OpenClub
) -> None:
    patient = Patient()
    club = open_club(play(patient).port)
    job_id = club.upload()
    club.wait_for(job_id, lambda job: job["status"] == "PROCESSING" and club.artifacts())
    status, job = cancel(club, job_id)
    assert (status, job["status"], job["phase"], job["error"]) == (200, "CANCELLED", None, None)
    assert job["finished_at"] is not None
    assert patient.ended.wait(30)  # the engine is told
    wait_until(lambda: club.artifacts() == [])
    assert club.count(AnalysisReport) == 0
    assert cancel(club, job_id) == (200, club.job(job_id))  # once more is no mistake


def test_a_cancelled_analysis_can_be_tried_again(play: StartEngine, open_club: OpenClub) -> None:
    engine = play(Patient(), engines.plays_well)
    club = open_club(engine.port)
    job_id = club.upload()
    club.wait_for(job_id, lambda job: job["status"] == "PROCESSING")
    wait_until(lambda: engine.requests)
    cancel(club, job_id)
    status, job = retry(club, job_id)
    assert (status, job["status"], job["progress"], job["attempt"], job["finished_at"]) == (202, "PENDING", 0, 0, None)
    done = club.finish(job_id)
    assert (done["status"], done["attempt"]) == ("COMPLETED", 1)
    assert statistics_written(club) == (1, TRACKS)
    assert [request.match_id for request in engine.requests] == [f"{job_id}-1", f"{job_id}-2"]


def test_a_failed_analysis_can_be_tried_again(play: StartEngine, open_club: OpenClub) -> None:
    club = open_club(play(engines.fails_in_words_only, engines.plays_well).port)
    failed = club.analyse()
    assert failed["status"] == "FAILED"
    assert retry(club, failed["job_id"])[0] == 202
    done = club.finish(failed["job_id"])
    assert (done["status"], done["error"]) == ("COMPLETED", None)


def test_what_is_over_cannot_be_cancelled_and_what_is_not_cannot_be_tried_again(
    play: StartEngine, open_club: OpenClub
) -> None:
    club = open_club(play(engines.plays_well).port)
    done = club.analyse()
    for answer in (cancel(club, done["job_id"]), retry(club, done["job_id"])):
        assert (answer[0], answer[1]["code"]) == (409, "invalid_transition")
        assert "COMPLETED" in str(answer[1]["detail"])
    assert club.job(done["job_id"])["status"] == "COMPLETED"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_waiting_analysis_is_cancelled_at_once(open_club: OpenClub) -> None:
    club = open_club(1, embedded_workers=0)
    job_id = club.upload()
    assert club.job(job_id)["queue_position"] == 1
    assert cancel(club, job_id)[1]["status"] == "CANCELLED"
    assert club.job(job_id)["queue_position"] is None
    entries = club.client.get(f"/api/clubs/{_club_id(club)}/audit_log", headers=club.headers).json()
    cancelled = next(entry for entry in entries if entry["resource"] == "jobs" and entry["action"] == "update")
    assert (cancelled["before"], cancelled["after"]) == ({"status": "PENDING"}, {"status": "CANCELLED"})


def _club_id(club: Club) -> str:
    return str(club.client.get("/api/clubs", headers=club.headers).json()[0]["id"])


def test_cancelling_and_completing_at_the_same_moment_have_one_winner(play: StartEngine, open_club: OpenClub) -> None:
    """At many moments: rows and state agree whoever was first."""
    club = open_club(play(engines.plays_well).port)
    for share in range(12):
        job_id = club.upload()
        wanted = share / 12
        club.wait_for(job_id, lambda job, wanted=wanted: job["progress"] >= wanted or job["finished_at"])
        status, _ = cancel(club, job_id)
        job = club.finish(job_id)
        assert (status, job["status"]) in {(200, "CANCELLED"), (409, "COMPLETED")}
        assert (job["result"] is not None) == (status == 409)
    wait_until(lambda: len(club.artifacts()) == club.count(AnalysisReport))
