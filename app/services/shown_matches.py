"""Matches as lists show them, with the names of teams and competition."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.core.account import Account
from app.models import Competition, Match, Team
from app.schemas.match import MatchRead
from app.services.shown_rows import columns_of

_HOME, _AWAY = aliased(Team), aliased(Team)
_COLUMNS = columns_of(
    MatchRead, Match, home_team_name=_HOME.name, away_team_name=_AWAY.name, competition_name=Competition.name
)
_MATCHES = (
    select(*_COLUMNS)
    .select_from(Match)
    .outerjoin(_HOME, _HOME.id == Match.home_team_id)
    .outerjoin(_AWAY, _AWAY.id == Match.away_team_id)
    .outerjoin(Competition, Competition.id == Match.competition_id)
)


def matches_shown_to(account: Account) -> Select[*tuple[Any, ...]]:
    """All matches that ``account`` sees, for ``as_shown``."""
    return _MATCHES.where(Match.visible_to(account))
