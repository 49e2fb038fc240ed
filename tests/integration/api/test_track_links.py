"""Tracks that the engine takes for one person: put together, undone by a person, and made again."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from app.services.engine import ScriptedEngine, TrackLink
from tests.conftest import SAMPLE_CALIBRATION, SAMPLE_VIDEO
from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api
from tests.servers.scripts import FRAMES, broken_csv, run_with_links
from tests.waiting import finished_job

LINKS = (TrackLink(2, 9, 0.75), TrackLink(9, 12, 0.5))


class Analysed:
    """A match of which one video was analysed."""

    def __init__(self, api: Api) -> None:
        self.api = api
        with SAMPLE_VIDEO.open("rb") as video:
            accepted = api.client.post(
                "/api/analyze_match",
                headers=api.headers,
                files={"file": video},
                data={"calibration": SAMPLE_CALIBRATION.read_text()},
            ).json()
        self.job = finished_job(api.client, api.headers, accepted["job_id"])
        assert self.job["status"] == "COMPLETED", self.job

    def get(self, path: str) -> Any:
        return self.api.client.get(path, headers=self.api.headers).json()

    def links(self) -> dict[tuple[int, int], dict[str, Any]]:
        listed = self.get(f"/api/track_links?report_id={self.job['result']['report_id']}")
        return {(link["from_track"], link["to_track"]): link for link in listed}

    def figures(self) -> dict[int, dict[str, Any]]:
        rows = self.get(f"/api/player_match_statistics?report_id={self.job['result']['report_id']}")
        return {row["track_number"]: row for row in rows}

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = self.get(f"/api/analysis_reports/{self.job['result']['report_id']}")
        return report

    def set_undone(self, link: tuple[int, int], *, undone: bool) -> Any:
        path = f"/api/track_links/{self.links()[link]['id']}"
        return self.api.client.patch(path, headers=self.api.headers, json={"undone": undone})

    def name(self, track: int, player_id: str | None) -> None:
        path = f"/api/player_match_statistics/{self.figures()[track]['id']}"
        answer = self.api.client.patch(path, headers=self.api.headers, json={"player_id": player_id})
        assert answer.status_code == 200, answer.text

    def add_player(self) -> str:
        answer = self.api.client.post("/api/players", headers=self.api.headers, json={"name": "Ada Marinho"})
        assert answer.status_code == 201, answer.text
        player_id: str = answer.json()["id"]
        return player_id


@pytest.fixture
def analysed(make_api: Callable[..., Api]) -> Analysed:
    return Analysed(make_api(ScriptedEngine(run_with_links(*LINKS))))


def test_linked_tracks_have_the_figures_of_one_person_under_the_first_number(analysed: Analysed) -> None:
    figures = analysed.figures()
    assert sorted(figures) == [1, 2, 3, 4]
    # Seen for 4 s before the gap and 4 s after it; nothing is counted in between.
    assert figures[2]["seconds_seen"] == pytest.approx(8.0, abs=0.1)
    assert figures[2]["distance_m"] == pytest.approx(20.0, abs=0.3)
    assert {pair: link["confidence"] for pair, link in analysed.links().items()} == {(2, 9): 0.75, (9, 12): 0.5}
    assert all(link["undone_at"] is None for link in analysed.links().values())


def test_an_undone_link_gives_two_people_and_a_redone_one_gives_one_again(analysed: Analysed) -> None:
    before, report = analysed.figures(), analysed.report()
    answer = analysed.set_undone((2, 9), undone=True)
    assert answer.status_code == 200, answer.text
    assert answer.json()["undone_at"] is not None
    apart = analysed.figures()
    assert sorted(apart) == [1, 2, 3, 4, 9]
    assert (apart[2]["id"], apart[1]) == (before[2]["id"], before[1])
    assert apart[2]["distance_m"] == pytest.approx(10.0, abs=0.3)
    assert apart[9]["distance_m"] == pytest.approx(10.0, abs=0.3)  # tracks 9 and 12 are one person still
    told = analysed.report()
    assert (told["players_tracked"], [track["track_number"] for track in told["report_data"]["tracks"]]) == (
        5,
        [1, 2, 3, 4, 9],
    )
    assert told["report_data"]["teams"][1]["tracks"] == report["report_data"]["teams"][1]["tracks"] + 1

    assert analysed.set_undone((2, 9), undone=False).json()["undone_at"] is None
    changing = {"id", "updated_at"}
    again = {number: {key: row[key] for key in row.keys() - changing} for number, row in analysed.figures().items()}
    assert again == {number: {key: row[key] for key in row.keys() - changing} for number, row in before.items()}
    assert analysed.report()["report_data"] == report["report_data"]


def test_the_confidence_of_a_person_is_that_of_all_the_tracks(make_api: Callable[..., Api]) -> None:
    analysed = Analysed(make_api(ScriptedEngine(run_with_links(TrackLink(2, 9, 0.75), later_confidence=0.5))))
    # 100 frames of track 2, and 50 of track 9; track 12 is somebody else.
    assert {number: row["confidence"] for number, row in analysed.figures().items()} == {
        1: 0.9, 2: 0.767, 3: 0.9, 4: 0.9, 12: 0.5,
    }  # fmt: skip
    analysed.set_undone((2, 9), undone=True)
    assert (analysed.figures()[2]["confidence"], analysed.figures()[9]["confidence"]) == (0.9, 0.5)
    tracks = {track["track_number"]: track["confidence"] for track in analysed.report()["report_data"]["tracks"]}
    assert (tracks[2], tracks[9]) == (0.9, 0.5)
    least_sure = analysed.get("/api/player_match_statistics?sort=confidence,track_number&confidence[lt]=0.6")
    assert [row["track_number"] for row in least_sure] == [9, 12]


def test_what_is_undone_already_stays_as_it_is(analysed: Analysed) -> None:
    first = analysed.set_undone((9, 12), undone=True).json()
    assert analysed.set_undone((9, 12), undone=True).json() == first
    assert sorted(analysed.figures()) == [1, 2, 3, 4, 12]


def test_a_name_stays_with_the_first_track_and_comes_along_from_a_later_one(analysed: Analysed) -> None:
    player = analysed.add_player()
    analysed.name(2, player)
    analysed.set_undone((2, 9), undone=True)
    assert {number: row["player_id"] for number, row in analysed.figures().items()} == {
        1: None, 2: player, 3: None, 4: None, 9: None,
    }  # fmt: skip
    analysed.name(2, None)
    analysed.name(9, player)
    analysed.set_undone((2, 9), undone=False)
    assert analysed.figures()[2]["player_id"] == player


def test_tracks_of_two_players_are_not_joined(analysed: Analysed) -> None:
    analysed.set_undone((2, 9), undone=True)
    analysed.name(2, analysed.add_player())
    analysed.name(9, analysed.add_player())
    before = analysed.figures()
    assert_problem(analysed.set_undone((2, 9), undone=False), 409, "tracks_of_two_players")
    assert analysed.figures() == before


def test_without_the_positions_nothing_changes(analysed: Analysed) -> None:
    before = analysed.figures()
    shutil.rmtree(analysed.api.settings.data_dir / "artifacts")
    assert_problem(analysed.set_undone((2, 9), undone=True), 409, "positions_gone")
    assert analysed.figures() == before
    assert analysed.links()[2, 9]["undone_at"] is None


def test_links_that_cannot_be_are_left_out(make_api: Callable[..., Api]) -> None:
    nonsense = [
        TrackLink(9, 2, 0.9),  # backwards
        TrackLink(1, 3, 0.9),  # at the same time
        TrackLink(2, 77, 0.9),  # nobody
        TrackLink(2, 12, float("nan")),  # sound, but for the confidence
        TrackLink(2, 9, 0.9),  # on from a track that goes on already
    ]
    analysed = Analysed(make_api(ScriptedEngine(run_with_links(*nonsense))))
    assert {pair: link["confidence"] for pair, link in analysed.links().items()} == {(2, 12): 0.0}
    assert sorted(analysed.figures()) == [1, 2, 3, 4, 9]


def test_undoing_is_in_the_audit_log(analysed: Analysed) -> None:
    analysed.set_undone((2, 9), undone=True)
    club_id = analysed.links()[2, 9]["club_id"]
    entries = analysed.get(f"/api/clubs/{club_id}/audit_log?resource=track_links")
    assert [(entry["action"], list(entry["after"])) for entry in entries] == [("update", ["undone_at"])]


def test_an_engine_counts_all_its_rows(analysed: Analysed) -> None:
    assert analysed.report()["total_frames"] == FRAMES
    assert analysed.report()["report_data"]["quality"]["player_samples"] == broken_csv()[1]
