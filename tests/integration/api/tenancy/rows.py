"""A row of every kind for one club."""

import uuid
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Calibration,
    Competition,
    DeliveryState,
    EventType,
    Formation,
    Job,
    JobStatus,
    Match,
    MatchEvent,
    MatchLineup,
    MatchLineupEntry,
    MatchStatus,
    MatchTeamStatistics,
    Player,
    PlayerMatchStatistics,
    Position,
    Reunion,
    StaffMember,
    StaffRole,
    Team,
    TrackLink,
    TrainingSession,
    Video,
    VideoSegment,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
)
from app.models.base import ClubRow
from app.services.calibrate_camera import CalibrationPoints
from tests.conftest import SAMPLE_CALIBRATION
from tests.waiting import finished_job

if TYPE_CHECKING:
    from tests.integration.api.tenancy.world import World

PASSWORD = "correct horse"
ELEVEN = ("player", *(f"player_{number}" for number in range(2, 12)))
_NOT_YET = datetime(2100, 1, 1, tzinfo=UTC)  # for the worker that makes the world
_SOME_DAY = datetime(2026, 3, 1, 15, tzinfo=UTC)


def fill_club(world: "World", club: str, founder: str) -> None:
    """Let the engine analyse a film for the club, and add what people would enter around it."""
    rows = world.rows[club]
    film = {"file": (f"{club}.mp4", world.files["film"])}
    accepted = world.ask(founder, "POST", "/api/analyze_match", files=film, data={"preview": "true"}).json()
    job = finished_job(world.client, world.headers[founder], accepted["job_id"])
    rows |= {"job": accepted["job_id"], "match": accepted["match_id"], "report": job["result"]["report_id"]}
    with world.database.unit_of_work() as session:
        filler = _Filler(session, rows, club)
        filler.add_squads()
        filler.add_match()
        filler.add_queue()
        filler.add_calendar()
        filler.add_webhook()


class _Filler:
    """Adds rows to one club, and notes their ids under the names that requests use."""

    def __init__(self, session: Session, rows: dict[str, str], word: str) -> None:
        self._session = session
        self._rows = rows
        self._word = word
        self._club_id = uuid.UUID(rows["club"])

    def add_squads(self) -> None:
        for name, suffix in (("team", "Town"), ("other_team", "Rovers"), ("lonely_team", "Reserves")):
            self._add(name, Team(name=f"{self._word} {suffix}", primary_color="#112233"))
        self._rows["team_name"] = f"{self._word} Town"
        for number, name in enumerate(ELEVEN, start=31):
            person = {"name": f"{self._word} {name}", "nationality": self._word, "birth_date": date(2000, 1, 2)}
            self._add(
                name, Player(team_id=self._id("team"), jersey_number=number, position=Position.MIDFIELDER, **person)
            )
        self._add(
            "staff",
            StaffMember(
                team_id=self._id("team"),
                name=f"{self._word} coach",
                role=StaffRole.HEAD_COACH,
                email=f"coach@{self._word}.example",
            ),
        )
        self._add("competition", Competition(name=f"{self._word} cup", season="2026/27"))
        slots = [{"position": self._word, "x": 0.5, "y": 0.5}]
        self._add("formation", Formation(name=self._word, team_id=self._id("team"), positions=slots))

    def add_match(self) -> None:
        match = self._session.get_one(Match, self._id("match"))
        sides = {"home_team_id": self._id("team"), "away_team_id": self._id("other_team")}
        for column, value in (sides | {"competition_id": self._id("competition"), "venue": self._word}).items():
            setattr(match, column, value)
        self._add("bare_match", Match(match_date=_SOME_DAY, status=MatchStatus.COMPLETED, venue=self._word, **sides))
        video_id = self._session.scalars(select(Video.id).where(Video.match_id == match.id)).one()
        self._rows["video"] = str(video_id)
        of_match = {"match_id": match.id, "team_id": self._id("team"), "notes": self._word}
        self._add("match_event", MatchEvent(event_type=EventType.GOAL, minute=3, **of_match))
        self._add("team_statistics", MatchTeamStatistics(corners=3, **of_match))
        figures = {"goals": 1, "notes": self._word, "player_id": self._id("player")}
        self._add("player_statistics", PlayerMatchStatistics(match_id=match.id, **figures))
        tracks = select(PlayerMatchStatistics.id).where(PlayerMatchStatistics.report_id == self._id("report"))
        self._rows["track_statistics"] = str(self._session.scalars(tracks).first())
        of_report = {"report_id": self._id("report"), "from_track": 1, "to_track": 99}  # 99: too short for figures
        self._add("track_link", TrackLink(match_id=match.id, confidence=0.9, **of_report))
        segment = {"title": self._word, "start_s": 0.1, "end_s": 0.9, "video_id": video_id}
        self._add("segment", VideoSegment(match_id=match.id, **segment))
        points = CalibrationPoints.model_validate_json(SAMPLE_CALIBRATION.read_text()).model_dump(mode="json")["points"]
        self._add("calibration", Calibration(video_id=video_id, points=points, median_error_m=0.1, max_error_m=0.2))
        self._add("lineup", MatchLineup(match_id=match.id))
        place = {"sheet_order": 0, "is_starting": True, "position_in_formation": self._word}
        of_player = {
            "team_id": self._id("team"),
            "player_id": self._id("player"),
            "formation_id": self._id("formation"),
        }
        self._add("lineup_entry", MatchLineupEntry(lineup_id=self._id("lineup"), **place, **of_player))

    def add_queue(self) -> None:
        """A match with a job that waits, and one that has failed."""
        self._add("busy_match", Match(match_date=_SOME_DAY, status=MatchStatus.COMPLETED))
        template = self._session.get_one(Video, self._id("video"))
        technical = {
            name: getattr(template, name)
            for name in ("filename", "size_bytes", "sha256", "container", "codec", "width", "height", "duration_s")
        }
        frames = {"frame_count": template.frame_count, "frame_rate": template.frame_rate}
        self._add("busy_video", Video(match_id=self._id("busy_match"), **technical, **frames))
        of_video = {"match_id": self._id("busy_match"), "video_id": self._id("busy_video"), "available_at": _NOT_YET}
        for name, status in (("pending_job", JobStatus.PENDING), ("failed_job", JobStatus.FAILED)):
            self._add(name, Job(status=status, message=self._word, **of_video))

    def add_calendar(self) -> None:
        common = {"title": self._word, "date": _SOME_DAY, "icon_name": "ball"}
        self._add("reunion", Reunion(location=self._word, **common))
        self._add("training_session", TrainingSession(focus=self._word, **common))

    def add_webhook(self) -> None:
        """One with a message that was sent: the server sends nothing in this world."""
        url = f"https://{self._word}.example/hook"
        webhook = Webhook(url=url, events=[WebhookEvent.JOB_FAILED], secret="whsec_c2VjcmV0", description=self._word)
        self._add("webhook", webhook)
        sent = WebhookDelivery(
            webhook_id=self._id("webhook"),
            message_id=f"msg_{self._word}",
            event_type=WebhookEvent.JOB_FAILED,
            payload=f'{{"type": "job.failed", "data": "{self._word}"}}',
            state=DeliveryState.FAILED,
            next_attempt_at=_SOME_DAY,
            finished_at=_SOME_DAY,
        )
        self._add("delivery", sent)

    def _add(self, name: str, row: ClubRow) -> None:
        row.club_id = self._club_id
        self._session.add(row)
        self._session.flush()
        self._rows[name] = str(row.id)

    def _id(self, name: str) -> uuid.UUID:
        return uuid.UUID(self._rows[name])
