"""Figures of a team in a match: whose they may be, and what the two teams share."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Unprocessable
from app.models import Match, MatchTeamStatistics, Team
from app.services.bounded_figures import check_parts
from app.services.db_service import Repository
from app.services.match_sides import check_team_in_match

_PARTS = {"shots_on_target": "total_shots"}
_WHOLE_PERCENT = 100.0
_ROUNDING = 1e-6  # 33.4 and 66.6 are 100, whatever their binary fractions add up to


def enter_team_statistics(
    session: Session, account: Account, match_id: uuid.UUID, team_id: uuid.UUID, *, figures: Mapping[str, Any]
) -> MatchTeamStatistics:
    """Enter the figures of a team in a match.

    Raises:
        NotFound: match or team does not exist for this account.
        Forbidden: the account may read the match only.
        Unprocessable: the team does not play in the match, or the figures contradict each other.
        Conflict: somebody has entered figures of the team already.
    """
    # Locked: the other team's figures stay as they are.
    match = Repository(session, account, Match).get_to_change(match_id)
    Repository(session, account, Team).get(team_id, club_id=match.club_id)
    check_team_in_match(match, team_id)
    others = _other_possessions(session, match_id, team_id)
    if len(others) > 1:
        raise Unprocessable(
            "There are figures of two other teams in this match.",
            code="team_not_in_match",
            fields={"/team_id": "is a third team"},
        )
    row = MatchTeamStatistics(club_id=match.club_id, match_id=match_id, team_id=team_id, **figures)
    _check(row, figures, others)
    return Repository(session, account, MatchTeamStatistics).add(row)


def change_team_statistics(
    session: Session, account: Account, row: MatchTeamStatistics, values: Mapping[str, Any]
) -> MatchTeamStatistics:
    """Change figures of a team.

    Args:
        row: locked, of ``Repository.get_to_change``.

    Raises:
        Unprocessable: the figures contradict each other.
    """
    # Locked: the other team's figures stay as they are.
    Repository(session, account, Match).get_to_change(row.match_id)
    _check(row, values, _other_possessions(session, row.match_id, row.team_id))
    return Repository(session, account, MatchTeamStatistics).change(row, values)


def _check(row: MatchTeamStatistics, values: Mapping[str, Any], others: Sequence[float | None]) -> None:
    """Check ``row`` as it would stand with ``values``."""
    resulting = {name: values.get(name, getattr(row, name)) for name in (*_PARTS, *_PARTS.values())}
    check_parts(resulting, _PARTS)
    possession = values.get("possession_percentage")
    most = _WHOLE_PERCENT - sum(other or 0.0 for other in others)
    if possession is not None and possession > most + _ROUNDING:
        raise Unprocessable(
            f"The other team has {_WHOLE_PERCENT - most:g} % of the possession, so this one has {most:g} % at most.",
            code="possession_over_100",
            fields={"/possession_percentage": f"is more than {most:g}"},
        )


def _other_possessions(session: Session, match_id: uuid.UUID, team_id: uuid.UUID) -> Sequence[float | None]:
    """What the rows of other teams say; an entry for each of them."""
    of = MatchTeamStatistics
    query = select(of.possession_percentage).where(of.match_id == match_id, of.team_id != team_id)
    return session.scalars(query).all()
