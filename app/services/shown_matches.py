"""Matches as lists show them, with the names of teams and competition."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.models import Competition, Match, Team
from app.schemas.match import MatchRead
from app.services.shown_rows import OF_CLUBS, Shown, written

_HOME, _AWAY = aliased(Team), aliased(Team)
_NAMES = {"home_team_name": _HOME.name, "away_team_name": _AWAY.name, "competition_name": Competition.name}
_MATCHES = (
    select(written(MatchRead, Match, **_NAMES))
    .select_from(Match)
    .outerjoin(_HOME, _HOME.id == Match.home_team_id)
    .outerjoin(_AWAY, _AWAY.id == Match.away_team_id)
    .outerjoin(Competition, Competition.id == Match.competition_id)
    .where(Match.club_id.in_(OF_CLUBS))
)
SHOWN_MATCHES = Shown(Match, MatchRead, _MATCHES)
