"""All that the screen of a match shows, in two statements however much there is, that for the account included."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Row, Select, bindparam, literal_column, null, select, union_all
from sqlalchemy.orm import Session, aliased

from app.core.account import Account
from app.models import (
    AnalysisReport,
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
from app.models.base import Base, UuidText
from app.schemas.formation import FormationRead
from app.schemas.job import JobRow
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
from app.services.db_service import not_found
from app.services.forecast import Forecaster
from app.services.shown_matches import SHOWN_MATCHES
from app.services.shown_rows import Column, as_shown, shown, written

Schema = TypeVar("Schema", bound=BaseModel)
Part = Select[str, str]


class _Side(BaseModel):
    """What is shown of a team."""

    id: uuid.UUID
    name: str
    primary_color: str | None
    secondary_color: str | None
    logo_url: str | None


class _Place(LinedUpPlayer):
    """A player on the sheet, and for whom he plays."""

    side_id: uuid.UUID
    formation_id: uuid.UUID | None
    sheet_order: int


class _Parts:
    """What :data:`_PARTS` has found, in the order of its columns: that of a union is nobody's promise."""

    def __init__(self, rows: Sequence[Row[str, str]]) -> None:
        self._texts: dict[str, list[str]] = defaultdict(list)
        for part, text in rows:
            self._texts[part].append(text)

    def of(self, schema: type[Schema], *order: str, part: str = "") -> list[Schema]:
        """Null comes first, as in both databases."""
        rows = as_shown(schema, self._texts[part or schema.__name__])
        return sorted(rows, key=lambda row: [(value is not None, value) for value in _values(row, order)])

    def one(self, schema: type[Schema], part: str = "") -> Schema | None:
        return next(iter(self.of(schema, part=part)), None)


def _values(row: BaseModel, names: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in names]


# One statement, made once: to put it together takes longer than to have it answered.
_OF_MATCH = bindparam("match_id", type_=UuidText)
_PLACE: Mapping[str, Column] = {
    "is_starting": MatchLineupEntry.is_starting,
    "position_in_formation": MatchLineupEntry.position_in_formation,
    "side_id": MatchLineupEntry.team_id,
    "formation_id": MatchLineupEntry.formation_id,
    "sheet_order": MatchLineupEntry.sheet_order,
}
_NAMES: Mapping[str, Column] = {
    "player_name": Player.name,
    "jersey_number": Player.jersey_number,
}
_PLAYED = (
    select(MatchLineupEntry.formation_id)
    .join(MatchLineup, MatchLineup.id == MatchLineupEntry.lineup_id)
    .where(MatchLineup.match_id == _OF_MATCH)
)


def _named(part: str, query: Select[str]) -> Part:
    [row] = query.selected_columns
    return query.with_only_columns(literal_column(f"'{part}'").label("part"), row.label("written"))


def _rows(schema: type[BaseModel], model: type[Base], **others: Column) -> Part:
    """All rows of the match; a row of a match is visible to whom the match is."""
    query = select(written(schema, model, **others)).select_from(model)
    return _named(schema.__name__, query.where(model.__table__.c.match_id == _OF_MATCH))


def _side(part: str, team_id: Column) -> Part:
    team = aliased(Team)
    columns = {name: getattr(team, name) for name in _Side.model_fields}
    query = select(written(_Side, Team, **columns)).select_from(Match).join(team, team.id == team_id)
    return _named(part, query.where(Match.id == _OF_MATCH))


def _latest_job() -> Part:
    """A union takes no order and no limit within itself, but from a query of its own."""
    report = {
        "report_id": AnalysisReport.id,
        "total_frames": AnalysisReport.total_frames,
        "players_tracked": AnalysisReport.players_tracked,
    }
    job = (
        select(written(JobRow, Job, **report).label("written"))
        .select_from(Job)
        .outerjoin(AnalysisReport, AnalysisReport.job_id == Job.id)
        .where(Job.match_id == _OF_MATCH)
        .order_by(Job.created_at.desc(), Job.id)
        .limit(1)
        .subquery()
    )
    return _named(JobRow.__name__, select(job.c.written))


_PARTS = union_all(
    _named(MatchRead.__name__, SHOWN_MATCHES.query.where(Match.id == _OF_MATCH)),
    _side("home", Match.home_team_id),
    _side("away", Match.away_team_id),
    _named(
        _Place.__name__,
        select(written(_Place, Player, **_PLACE))
        .select_from(Player)
        .join(MatchLineupEntry, MatchLineupEntry.player_id == Player.id)
        .join(MatchLineup, MatchLineup.id == MatchLineupEntry.lineup_id)
        .where(MatchLineup.match_id == _OF_MATCH),
    ),
    _named(FormationRead.__name__, shown(FormationRead, Formation).query.where(Formation.id.in_(_PLAYED))),
    _rows(NamedEvent, MatchEvent, **_NAMES).outerjoin(Player, Player.id == MatchEvent.player_id),
    _rows(NamedFigures, PlayerMatchStatistics, heatmap=null(), **_NAMES).outerjoin(
        Player, Player.id == PlayerMatchStatistics.player_id
    ),
    _rows(MatchTeamStatisticsRead, MatchTeamStatistics),
    _rows(VideoRead, Video),
    _rows(ReportSummary, AnalysisReport),
    _rows(VideoSegmentRead, VideoSegment),
    _latest_job(),
)
_TEAMS = select(Team).where(Team.id.in_(bindparam("team_ids", expanding=True)))


def describe_match(session: Session, account: Account, match_id: uuid.UUID, forecaster: Forecaster) -> MatchDetails:
    """
    Raises:
        NotFound: there is no such match, or it belongs to another club.
    """
    asked = {"match_id": match_id, "club_ids": account.clubs_with(Match.read_by)}
    parts = _Parts(session.connection().execute(_PARTS, asked).all())
    match = parts.one(MatchRead)
    if match is None:
        raise not_found(Match, match_id)
    sheet = parts.of(_Place, "sheet_order")
    home, away = _sides(session, parts, sheet)
    formations: dict[uuid.UUID | None, FormationRead] = {row.id: row for row in parts.of(FormationRead)}
    reports, job = parts.of(ReportSummary, "id"), parts.one(JobRow)
    return MatchDetails(
        match_info=match,
        home_lineup=_lineup(home, sheet, formations),
        away_lineup=_lineup(away, sheet, formations),
        events=parts.of(NamedEvent, "minute", "stoppage_minute", "created_at", "id"),
        player_stats=parts.of(NamedFigures, "report_id", "track_number", "id"),
        team_stats=_team_statistics(parts, match, [team.id for team in (home, away) if team]),
        videos=parts.of(VideoRead, "created_at", "id"),
        reports=sorted(reports, key=lambda report: report.created_at, reverse=True),
        segments=parts.of(VideoSegmentRead, "start_s", "id"),
        latest_job=forecaster.describe(session, job) if job else None,
    )


def _sides(session: Session, parts: _Parts, sheet: Sequence[_Place]) -> tuple[_Side | None, _Side | None]:
    """Home and away; where nobody has entered them, the teams of the sheet take the open sides, the first one first."""
    home, away = parts.one(_Side, "home"), parts.one(_Side, "away")
    known = {team.id for team in (home, away) if team}
    unknown = [team_id for team_id in dict.fromkeys(place.side_id for place in sheet) if team_id not in known]
    teams = {team.id: team for team in session.scalars(_TEAMS, {"team_ids": unknown})} if unknown else {}
    others = (_Side.model_validate(teams[team_id], from_attributes=True) for team_id in unknown if team_id in teams)
    return home or next(others, None), away or next(others, None)


def _lineup(
    team: _Side | None, sheet: Sequence[_Place], formations: Mapping[uuid.UUID | None, FormationRead]
) -> SideLineup:
    own = [place for place in sheet if team is not None and place.side_id == team.id]
    return SideLineup(
        team_id=team.id if team else None,
        team_name=team.name if team else None,
        primary_color=team.primary_color if team else None,
        secondary_color=team.secondary_color if team else None,
        logo_url=team.logo_url if team else None,
        formation=next((formation for place in own if (formation := formations.get(place.formation_id))), None),
        players=own,
    )


def _team_statistics(parts: _Parts, match: MatchRead, sides: Sequence[uuid.UUID]) -> list[MatchTeamStatisticsRead]:
    stored = parts.of(MatchTeamStatisticsRead, "created_at", "id")
    present = {row.team_id for row in stored}
    return stored + [_nothing_entered(match, team_id) for team_id in sides if team_id not in present]


def _nothing_entered(match: MatchRead, team_id: uuid.UUID) -> MatchTeamStatisticsRead:
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
