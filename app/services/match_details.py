"""All that the screen of a match shows, in ten statements however much there is."""

import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, defer, joinedload
from sqlalchemy.orm.interfaces import ORMOption

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
from app.models.base import ClubRow
from app.schemas.formation import FormationRead
from app.schemas.job import JobRead
from app.schemas.match import MatchRead
from app.schemas.match_details import (
    LinedUpPlayer,
    MatchDetails,
    NamedEvent,
    NamedFigures,
    NamesPlayer,
    ReportSummary,
    SideLineup,
)
from app.schemas.match_team_statistics import MatchTeamStatisticsRead
from app.schemas.player import PlayerRead
from app.schemas.video import VideoRead
from app.schemas.video_segment import VideoSegmentRead
from app.services.forecast import Forecaster

Row = TypeVar("Row", bound=ClubRow)
Named = TypeVar("Named", bound=NamesPlayer)


def describe_match(session: Session, match: Match, forecaster: Forecaster) -> MatchDetails:
    """
    Args:
        match: one that the account sees, with its teams and competition loaded.
    """
    entries, teams = _entries(session, match)
    home, away = _sides(match, teams)
    formations = _formations(session, entries)
    reports = _rows(session, AnalysisReport, match, AnalysisReport.created_at.desc(), defer(AnalysisReport.report_data))
    return MatchDetails(
        match_info=MatchRead.of(match),
        home_lineup=_side(home, entries, formations),
        away_lineup=_side(away, entries, formations),
        events=_events(session, match),
        player_stats=_player_statistics(session, match),
        team_stats=_team_statistics(session, match, [team.id for team in (home, away) if team]),
        videos=[VideoRead.model_validate(row) for row in _rows(session, Video, match, Video.created_at.asc())],
        reports=[ReportSummary.model_validate(row) for row in reports],
        segments=[VideoSegmentRead.model_validate(row) for row in _segments(session, match)],
        latest_job=_latest_job(session, match, forecaster),
    )


def _rows(
    session: Session, model: type[Row], match: Match, order: ColumnElement[Any], *options: ORMOption
) -> Sequence[Row]:
    """All rows of the match; a row of a match is visible to whom the match is."""
    of_match = model.__table__.c.match_id == match.id
    return session.scalars(select(model).where(of_match).order_by(order, model.id).options(*options)).all()


def _entries(session: Session, match: Match) -> tuple[list[MatchLineupEntry], list[Team]]:
    """The places on the sheet and the team of each, in the order of the sheet."""
    of = MatchLineupEntry
    query = select(of, Team).join(MatchLineup, MatchLineup.id == of.lineup_id).join(Team, Team.id == of.team_id)
    of_match = query.where(MatchLineup.match_id == match.id).order_by(of.sheet_order).options(joinedload(of.player))
    rows = session.execute(of_match).all()
    return [entry for entry, _ in rows], [team for _, team in rows]


def _sides(match: Match, on_sheet: Sequence[Team]) -> tuple[Team | None, Team | None]:
    """Home and away; where nobody has entered them, the teams of the sheet take the open sides, the first one first."""
    known = {team.id for team in (match.home_team, match.away_team) if team}
    others = iter({team.id: team for team in on_sheet if team.id not in known}.values())
    home = match.home_team or next(others, None)
    return home, match.away_team or next(others, None)


def _formations(session: Session, entries: Sequence[MatchLineupEntry]) -> dict[uuid.UUID, Formation]:
    wanted = {entry.formation_id for entry in entries if entry.formation_id}
    return {row.id: row for row in session.scalars(select(Formation).where(Formation.id.in_(wanted)))}


def _side(team: Team | None, entries: Sequence[MatchLineupEntry], formations: dict[uuid.UUID, Formation]) -> SideLineup:
    own = [entry for entry in entries if team is not None and entry.team_id == team.id]
    formation = next((formations[entry.formation_id] for entry in own if entry.formation_id), None)
    return SideLineup(
        team_id=team.id if team else None,
        team_name=team.name if team else None,
        primary_color=team.primary_color if team else None,
        secondary_color=team.secondary_color if team else None,
        logo_url=team.logo_url if team else None,
        formation=FormationRead.model_validate(formation) if formation else None,
        players=[_lined_up(entry) for entry in own],
    )


def _lined_up(entry: MatchLineupEntry) -> LinedUpPlayer:
    return LinedUpPlayer(
        **PlayerRead.model_validate(entry.player).model_dump(),
        is_starting=entry.is_starting,
        position_in_formation=entry.position_in_formation,
    )


def _events(session: Session, match: Match) -> list[NamedEvent]:
    of = MatchEvent
    query = select(of, Player.name, Player.jersey_number).outerjoin(Player, Player.id == of.player_id)
    order = (of.minute, of.stoppage_minute, of.created_at, of.id)
    found = session.execute(query.where(of.match_id == match.id).order_by(*order))
    return [_named(NamedEvent, row, name, number) for row, name, number in found]


def _segments(session: Session, match: Match) -> Sequence[VideoSegment]:
    return _rows(session, VideoSegment, match, VideoSegment.start_s.asc())


def _player_statistics(session: Session, match: Match) -> list[NamedFigures]:
    of, without = PlayerMatchStatistics, defer(PlayerMatchStatistics.heatmap, raiseload=True)
    query = select(of, Player.name, Player.jersey_number).outerjoin(Player, Player.id == of.player_id)
    of_match = query.where(of.match_id == match.id).order_by(of.report_id, of.track_number, of.id).options(without)
    found = session.execute(of_match)
    return [_named(NamedFigures, row, name, number, heatmap=None) for row, name, number in found]


def _named(kind: type[Named], row: ClubRow, player_name: str | None, jersey_number: int | None, **fixed: None) -> Named:
    """A row whose ``fixed`` columns are not loaded, with the name and the number of its player."""
    columns = kind.model_fields.keys() - NamesPlayer.model_fields.keys() - fixed.keys()
    stored = {name: getattr(row, name) for name in columns}
    return kind(**stored, **fixed, player_name=player_name, jersey_number=jersey_number)


def _team_statistics(session: Session, match: Match, sides: Sequence[uuid.UUID]) -> list[MatchTeamStatisticsRead]:
    stored = _rows(session, MatchTeamStatistics, match, MatchTeamStatistics.created_at.asc())
    answers = [MatchTeamStatisticsRead.model_validate(row) for row in stored]
    present = {row.team_id for row in stored}
    return answers + [_nothing_entered(match, team_id) for team_id in sides if team_id not in present]


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
    jobs = select(Job).where(Job.match_id == match.id).options(joinedload(Job.report).defer(AnalysisReport.report_data))
    job = session.scalars(jobs.order_by(Job.created_at.desc(), Job.id).limit(1)).one_or_none()
    return forecaster.describe(session, job) if job else None
