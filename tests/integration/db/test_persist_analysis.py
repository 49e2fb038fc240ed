"""What stands in the database after several analyses of one match (decision 0007)."""

import io
import threading
import uuid
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from app.core.database import Database
from app.models import (
    AnalysisReport,
    BallPosition,
    Club,
    Match,
    MatchStatus,
    Player,
    PlayerMatchStatistics,
    Track,
    Video,
)
from app.models.base import utc_now
from app.services.ingest.engine_csv import read_ball, read_players
from app.services.ingest.frame_clock import ConstantRate
from app.services.ingest.match_statistics import summarise
from app.services.persist_analysis import Findings, Provenance, persist_analysis
from football.pitch import STANDARD_PITCH
from tests.servers.scripts import FPS, FRAMES, KITS, TRACKS, ball_csv, player_csv
from tests.waiting import wait_until


@dataclass(frozen=True)
class Filmed:
    match: Match
    video: Video
    same_bytes_again: Video
    other_half: Video


@pytest.fixture
def filmed(database: Database) -> Filmed:
    with database.unit_of_work() as session:
        club = Club(name="Club")
        session.add(club)
        session.flush()
        match = Match(club_id=club.id, match_date=utc_now(), status=MatchStatus.COMPLETED)
        session.add(match)
        session.flush()
        videos = [make_video(match, sha256) for sha256 in ("a" * 64, "a" * 64, "b" * 64)]
        session.add_all(videos)
    return Filmed(match, *videos)


def make_video(match: Match, sha256: str) -> Video:
    facts = {"container": "mov", "codec": "h264", "width": 1920, "height": 1080, "frame_count": FRAMES}
    of = {"club_id": match.club_id, "match_id": match.id, "filename": "match.mp4", "size_bytes": 1}
    return Video(id=uuid.uuid4(), **of, **facts, frame_rate=float(FPS), duration_s=FRAMES / FPS, sha256=sha256)


def findings() -> Findings:
    clock = ConstantRate(FPS)
    players = read_players(io.BytesIO(player_csv()), clock=clock, calibrated=True)
    ball = read_ball(io.BytesIO(ball_csv()), clock=clock, calibrated=True)
    summary = summarise(players, ball, pitch=STANDARD_PITCH, duration_s=FRAMES / FPS)
    return Findings(summary, ball, FRAMES, KITS, Provenance(None, 1, "scripted", "1"))


def analyse(database: Database, match: Match, video: Video) -> uuid.UUID:
    with database.unit_of_work() as session:
        return persist_analysis(session, match, findings(), video=video).id


def count(database: Database, model: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_figures_are_those_of_the_rows(database: Database, filmed: Filmed) -> None:
    analyse(database, filmed.match, filmed.video)
    with database.reading() as session:
        rows = session.scalars(select(PlayerMatchStatistics).order_by(PlayerMatchStatistics.track_number)).all()
    assert [row.track_number for row in rows] == [1, 2, 3, 4]
    assert [row.team for row in rows] == ["A", "B", "A", "B"]
    # They run at 2.5 m/s for the 9.96 s from the first to the last frame.
    assert [row.distance_m for row in rows] == pytest.approx([24.9] * TRACKS, abs=0.2)
    assert [row.top_speed_mps for row in rows] == pytest.approx([2.5] * TRACKS, abs=0.05)
    assert [row.mean_y_m for row in rows] == pytest.approx([10.0, 20.0, 30.0, 40.0], abs=0.01)
    assert [row.confidence for row in rows] == [0.9] * TRACKS
    with database.reading() as session:
        assert session.scalars(select(Track.confidence)).all() == [0.9] * TRACKS
        bridged = session.scalars(select(BallPosition.frame).where(BallPosition.interpolated)).all()
    assert sorted(bridged) == list(range(10, FRAMES + 1, 10))


def test_a_newer_analysis_of_the_same_bytes_replaces_the_figures_and_keeps_the_report(
    database: Database, filmed: Filmed
) -> None:
    analyse(database, filmed.match, filmed.video)
    newer = analyse(database, filmed.match, filmed.same_bytes_again)
    with database.reading() as session:
        assert set(session.scalars(select(PlayerMatchStatistics.report_id))) == {newer}
    assert count(database, PlayerMatchStatistics) == count(database, Track) == TRACKS
    assert count(database, BallPosition) == FRAMES
    assert count(database, AnalysisReport) == 2


def test_two_videos_of_a_match_stand_side_by_side(database: Database, filmed: Filmed) -> None:
    analyse(database, filmed.match, filmed.video)
    analyse(database, filmed.match, filmed.other_half)
    assert count(database, PlayerMatchStatistics) == 2 * TRACKS


def test_figures_that_a_person_entered_stay(database: Database, filmed: Filmed) -> None:
    with database.unit_of_work() as session:
        player = Player(club_id=filmed.match.club_id, name="Zoë")
        session.add(player)
        session.flush()
        entered = {"club_id": filmed.match.club_id, "match_id": filmed.match.id, "player_id": player.id}
        session.add(PlayerMatchStatistics(**entered, goals=2, rating=8.5))
    for video in (filmed.video, filmed.same_bytes_again):
        analyse(database, filmed.match, video)
    with database.reading() as session:
        row = session.scalars(select(PlayerMatchStatistics).where(PlayerMatchStatistics.report_id.is_(None))).one()
    assert (row.goals, row.rating, row.distance_m) == (2, 8.5, None)


def test_two_analyses_that_end_together_do_not_both_stay(database: Database, filmed: Filmed) -> None:
    second_began, failed = threading.Event(), []

    def second() -> None:
        second_began.set()
        try:
            analyse(database, filmed.match, filmed.same_bytes_again)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=second)
    with database.unit_of_work() as session:
        persist_analysis(session, filmed.match, findings(), video=filmed.video)
        thread.start()
        wait_until(second_began.is_set)
        thread.join(0.5)  # it waits for our commit; that it cannot end before is what is tested
        assert thread.is_alive()
    thread.join(30)
    assert failed == []
    assert count(database, PlayerMatchStatistics) == TRACKS
