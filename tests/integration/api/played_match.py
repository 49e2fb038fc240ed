"""A match as the database knows it after an analysis: teams, players, a video, a report with two tracks, the ball."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI
from sqlalchemy import event, select

from app.core.account import Role
from app.models import (
    AnalysisReport,
    BallPosition,
    EventType,
    Match,
    MatchEvent,
    MatchStatus,
    Membership,
    Player,
    PlayerMatchStatistics,
    Team,
    Track,
    User,
    Video,
)
from tests.integration.conftest import Api

VIDEO_S = 12.3
NO_FINDINGS = {
    "duration_s": VIDEO_S,
    "teams": [],
    "tracks": [],
    "ball": {"samples": 0, "samples_on_pitch": 0, "seconds_seen": 0.0, "coverage": 0.0},
    "quality": {
        "calibrated": False,
        "coverage": 0.0,
        "player_samples": 0,
        "rejected_players": {"not_finite": 0, "off_pitch": 0},
        "rejected_ball": {"not_finite": 0, "off_pitch": 0},
        "rejected_movements": 0,
        "tracks_too_short": 0,
        "samples_of_short_tracks": 0,
    },
    "metres_missing_because": "The video has no calibration.",
    "calibration": None,
    "provenance": {"job_id": None, "attempt": 1, "engine": None, "engine_version": None, "video_sha256": None},
}


@dataclass(frozen=True, slots=True)
class PlayedMatch:
    """The ids of what there is; ``outsider`` plays for a team that is not in the match."""

    club_id: uuid.UUID
    match_id: uuid.UUID
    home_id: uuid.UUID
    away_id: uuid.UUID
    third_id: uuid.UUID
    home_player_id: uuid.UUID
    away_player_id: uuid.UUID
    outsider_id: uuid.UUID
    video_id: uuid.UUID
    event_id: uuid.UUID
    report_id: uuid.UUID
    measured_ids: tuple[uuid.UUID, uuid.UUID]


def play_match(app: FastAPI, email: str = "coach@example.com", *, with_teams: bool = True) -> PlayedMatch:
    """Write a match into the own club of an account."""
    with app.state.parts.database.unit_of_work() as session:
        club_id = session.scalars(select(User.active_club_id).where(User.email == email)).one()

        def added(row):  # type: ignore[no-untyped-def]
            row.id = row.id or uuid.uuid4()
            row.club_id = club_id
            session.add(row)
            session.flush()
            return row.id

        home, away, third = (added(Team(name=f"{name} {uuid.uuid4()}")) for name in ("Home", "Away", "Third"))
        players = [
            added(Player(team_id=team, name=name)) for team, name in ((home, "Özil"), (away, "Abt"), (third, "Out"))
        ]
        match = added(
            Match(
                match_date=datetime(2026, 5, 9, 15, 30, tzinfo=UTC),
                status=MatchStatus.COMPLETED,
                home_team_id=home if with_teams else None,
                away_team_id=away if with_teams else None,
            )
        )
        video = added(a_video(match))
        happened = added(MatchEvent(match_id=match, event_type=EventType.GOAL, minute=12))
        report = added(a_report(match, video))
        measured = [added(_measured(match, report, number)) for number in (1, 2)]
        session.add_all(
            Track(report_id=report, track_number=n, first_seen_s=0, last_seen_s=1, frames_seen=25) for n in (1, 2)
        )
        return PlayedMatch(
            club_id, match, home, away, third, *players, video, happened, report, (measured[0], measured[1])
        )


def a_video(match_id: uuid.UUID, duration_s: float = VIDEO_S) -> Video:
    return Video(
        match_id=match_id,
        filename="half.mp4",
        size_bytes=1000,
        sha256=uuid.uuid4().hex * 2,
        container="mov,mp4",
        codec="h264",
        width=3840,
        height=2160,
        frame_count=308,
        frame_rate=25.0,
        duration_s=duration_s,
    )


def a_report(match_id: uuid.UUID, video_id: uuid.UUID | None) -> AnalysisReport:
    return AnalysisReport(
        match_id=match_id,
        video_id=video_id,
        report_type="match_analysis",
        engine_name="scripted",
        total_frames=308,
        players_tracked=2,
        report_data=NO_FINDINGS,
    )


def add_ball(app: FastAPI, report_id: uuid.UUID, frames: Iterator[int] | range) -> None:
    with app.state.parts.database.unit_of_work() as session:
        session.add_all(BallPosition(report_id=report_id, frame=frame, time_s=(frame - 1) / 25) for frame in frames)


def as_role(api: Api, role: Role, *club_ids: uuid.UUID) -> dict[str, str]:
    """The headers of a new account that has a role in these clubs."""
    email = f"{role}.{uuid.uuid4().hex}@example.com"
    headers = api.register(email)
    with api.client.app.state.parts.database.unit_of_work() as session:
        user_id = session.scalars(select(User.id).where(User.email == email)).one()
        session.add_all(Membership(club_id=club_id, user_id=user_id, role=role) for club_id in club_ids)
    return headers


@contextmanager
def counted_statements(app: FastAPI) -> Iterator[list[str]]:
    """The statements that read or write rows meanwhile, but for the one that finds the account."""
    statements: list[str] = []
    engine = app.state.parts.database.engine

    def note(_connection, _cursor, statement, *_):  # type: ignore[no-untyped-def]
        if statement != "BEGIN" and "account_sessions" not in statement:
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _measured(match_id: uuid.UUID, report_id: uuid.UUID, number: int) -> PlayerMatchStatistics:
    return PlayerMatchStatistics(
        match_id=match_id,
        report_id=report_id,
        track_number=number,
        team="A",
        seconds_seen=10.0,
        distance_m=31.312 * number,
        top_speed_mps=4.48,
        mean_speed_mps=3.131,
        mean_x_m=41.0,
        mean_y_m=22.0,
        heatmap={"cell_m": 35.0, "columns": 3, "rows": 2, "seconds": [[0.0, 10.0, 0.0], [0.0, 0.0, 0.0]]},
    )
