"""All that the screen of a match shows, in at most ten statements however much there is."""

import uuid
from collections.abc import Sequence, Set
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, SQLColumnExpression, bindparam, null, select
from sqlalchemy import Row as SqlRow
from sqlalchemy.orm import Session, joinedload

from app.models import (
    AnalysisReport,
    Competition,
    Formation,
    Job,
    Match,
    MatchEvent,
    MatchLineup,
    MatchLineupEntry,
    MatchTeamStatistics,
    Player,
    PlayerMatchStatistics,
    Team,
    Video,
    VideoSegment,
)
from app.models.base import ClubRow, UuidText
from app.schemas.formation import FormationRead
from app.schemas.job import JobRead
from app.schemas.match import MatchRead
from app.schemas.match_details import (
    LinedUpPlayer,
    MatchDetails,
    NamedEvent,
    NamedFigures,
    ReportSummary,
    SideLineup,
)
from app.schemas.match_team_statistics import MatchTeamStatisticsRead
from app.schemas.video import VideoRead
from app.schemas.video_segment import VideoSegmentRead
from app.services.forecast import Forecaster
from app.services.shown_rows import as_shown, columns_of, shown

Schema = TypeVar("Schema", bound=BaseModel)
Place = SqlRow[*tuple[Any, ...]]
"""A player on the sheet, as ``LinedUpPlayer`` shows it, with ``side_id`` and ``formation_id``."""

_SIDE = (Team.name, Team.primary_color, Team.secondary_color, Team.logo_url)
WITH_SIDES = (
    joinedload(Match.home_team).load_only(*_SIDE),
    joinedload(Match.away_team).load_only(*_SIDE),
    joinedload(Match.competition).load_only(Competition.name),
)
"""What :func:`describe_match` wants to be loaded of a match."""

# Statements that are made once: to put one together takes as long as to ask the database.
_OF_MATCH = bindparam("match_id", type_=UuidText)
_PLACE: dict[str, SQLColumnExpression[Any]] = {
    "is_starting": MatchLineupEntry.is_starting,
    "position_in_formation": MatchLineupEntry.position_in_formation,
    "side_id": MatchLineupEntry.team_id,
    "formation_id": MatchLineupEntry.formation_id,
}
_NAMES: dict[str, SQLColumnExpression[Any]] = {"player_name": Player.name, "jersey_number": Player.jersey_number}
_SHEET = (
    select(*columns_of(LinedUpPlayer, Player, **_PLACE))
    .join(MatchLineupEntry, MatchLineupEntry.player_id == Player.id)
    .join(MatchLineup, MatchLineup.id == MatchLineupEntry.lineup_id)
    .where(MatchLineup.match_id == _OF_MATCH)
    .order_by(MatchLineupEntry.sheet_order)
)
_TEAMS = select(Team).where(Team.id.in_(bindparam("team_ids", expanding=True)))
_FORMATIONS = shown(FormationRead, Formation).where(Formation.id.in_(bindparam("formation_ids", expanding=True)))
_EVENTS = (
    select(*columns_of(NamedEvent, MatchEvent, **_NAMES))
    .select_from(MatchEvent)
    .outerjoin(Player, Player.id == MatchEvent.player_id)
    .where(MatchEvent.match_id == _OF_MATCH)
    .order_by(MatchEvent.minute, MatchEvent.stoppage_minute, MatchEvent.created_at, MatchEvent.id)
)
_FIGURES = (
    select(*columns_of(NamedFigures, PlayerMatchStatistics, heatmap=null(), **_NAMES))
    .select_from(PlayerMatchStatistics)
    .outerjoin(Player, Player.id == PlayerMatchStatistics.player_id)
    .where(PlayerMatchStatistics.match_id == _OF_MATCH)
    .order_by(PlayerMatchStatistics.report_id, PlayerMatchStatistics.track_number, PlayerMatchStatistics.id)
)
_LATEST_JOB = (
    select(Job)
    .where(Job.match_id == _OF_MATCH)
    .options(joinedload(Job.report).defer(AnalysisReport.report_data))
    .order_by(Job.created_at.desc(), Job.id)
    .limit(1)
)


def _rows(schema: type[BaseModel], model: type[ClubRow], order: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """All rows of the match; a row of a match is visible to whom the match is."""
    return shown(schema, model).where(model.__table__.c.match_id == _OF_MATCH).order_by(order, model.id)


_TEAM_FIGURES = _rows(MatchTeamStatisticsRead, MatchTeamStatistics, MatchTeamStatistics.created_at.asc())
_VIDEOS = _rows(VideoRead, Video, Video.created_at.asc())
_REPORTS = _rows(ReportSummary, AnalysisReport, AnalysisReport.created_at.desc())
_SEGMENTS = _rows(VideoSegmentRead, VideoSegment, VideoSegment.start_s.asc())


def describe_match(session: Session, match: Match, forecaster: Forecaster) -> MatchDetails:
    """
    Args:
        match: one that the account sees, loaded ``WITH_SIDES``.
    """
    sheet = session.execute(_SHEET, {"match_id": match.id}).all()
    home, away = _sides(session, match, [place.side_id for place in sheet])
    formations = _formations(session, {place.formation_id for place in sheet if place.formation_id})
    return MatchDetails(
        match_info=MatchRead.of(match),
        home_lineup=_side(home, sheet, formations),
        away_lineup=_side(away, sheet, formations),
        events=_shown(session, NamedEvent, _EVENTS, match),
        player_stats=_shown(session, NamedFigures, _FIGURES, match),
        team_stats=_team_statistics(session, match, [team.id for team in (home, away) if team]),
        videos=_shown(session, VideoRead, _VIDEOS, match),
        reports=_shown(session, ReportSummary, _REPORTS, match),
        segments=_shown(session, VideoSegmentRead, _SEGMENTS, match),
        latest_job=_latest_job(session, match, forecaster),
    )


def _shown(session: Session, schema: type[Schema], statement: Select[*tuple[Any, ...]], match: Match) -> list[Schema]:
    return as_shown(schema, session.execute(statement, {"match_id": match.id}).all())


def _sides(session: Session, match: Match, on_sheet: Sequence[uuid.UUID]) -> tuple[Team | None, Team | None]:
    """Home and away; where nobody has entered them, the teams of the sheet take the open sides, the first one first."""
    known = {team.id for team in (match.home_team, match.away_team) if team}
    unknown = [team_id for team_id in dict.fromkeys(on_sheet) if team_id not in known]
    teams = {team.id: team for team in session.scalars(_TEAMS, {"team_ids": unknown})} if unknown else {}
    others = iter([teams[team_id] for team_id in unknown if team_id in teams])
    home = match.home_team or next(others, None)
    return home, match.away_team or next(others, None)


def _formations(session: Session, wanted: Set[uuid.UUID]) -> dict[uuid.UUID, FormationRead]:
    if not wanted:
        return {}
    found = session.execute(_FORMATIONS, {"formation_ids": list(wanted)}).all()
    return {formation.id: formation for formation in as_shown(FormationRead, found)}


def _side(team: Team | None, sheet: Sequence[Place], formations: dict[uuid.UUID, FormationRead]) -> SideLineup:
    own = [place for place in sheet if team is not None and place.side_id == team.id]
    return SideLineup(
        team_id=team.id if team else None,
        team_name=team.name if team else None,
        primary_color=team.primary_color if team else None,
        secondary_color=team.secondary_color if team else None,
        logo_url=team.logo_url if team else None,
        formation=next((formations[place.formation_id] for place in own if place.formation_id in formations), None),
        players=as_shown(LinedUpPlayer, own),
    )


def _team_statistics(session: Session, match: Match, sides: Sequence[uuid.UUID]) -> list[MatchTeamStatisticsRead]:
    stored = _shown(session, MatchTeamStatisticsRead, _TEAM_FIGURES, match)
    present = {row.team_id for row in stored}
    return stored + [_nothing_entered(match, team_id) for team_id in sides if team_id not in present]


def _nothing_entered(match: Match, team_id: uuid.UUID) -> MatchTeamStatisticsRead:
    """A row that is not stored; its id is always the same, and leads nowhere."""
    nothing: dict[str, object] = dict.fromkeys(MatchTeamStatisticsRead.model_fields)
    return MatchTeamStatisticsRead.model_validate(
        nothing
        | {
            "id": uuid.uuid5(match.id, str(team_id)),
            "club_id": match.club_id,
            "match_id": match.id,
            "team_id": team_id,
            "created_at": match.created_at,
            "updated_at": match.updated_at,
        }
    )


def _latest_job(session: Session, match: Match, forecaster: Forecaster) -> JobRead | None:
    job = session.scalars(_LATEST_JOB, {"match_id": match.id}).one_or_none()
    return forecaster.describe(session, job) if job else None
