"""Figures of a player that a person enters, and what may be changed about them and about measured ones."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Conflict, Unprocessable
from app.models import Match, Player, PlayerMatchStatistics
from app.schemas.player_match_statistics import EnteredFigures, PlayerMatchStatisticsRead
from app.services.assign_track import assign_track
from app.services.bounded_figures import check_parts
from app.services.db_service import Repository
from app.services.match_sides import check_player_in_match

_PARTS = {"shots_on_target": "shots", "accurate_passes": "passes"}


def enter_statistics(
    session: Session, account: Account, match_id: uuid.UUID, player_id: uuid.UUID, *, figures: Mapping[str, object]
) -> PlayerMatchStatistics:
    """Enter the figures of a player in a match; there is one such row for both.

    Raises:
        NotFound: match or player does not exist for this account.
        Forbidden: the account may read the match only.
        Unprocessable: the player does not play in the match, or the figures contradict each other.
        Conflict: somebody has entered figures of the player already.
    """
    # Locked: one writer at a time sees which figures there are.
    match = Repository(session, account, Match).get_to_change(match_id)
    player = Repository(session, account, Player).get(player_id, club_id=match.club_id)
    check_player_in_match(session, match, player)
    check_parts(figures, _PARTS)
    of = PlayerMatchStatistics
    entered = select(of.id).where(of.match_id == match_id, of.player_id == player_id, of.report_id.is_(None))
    if session.scalars(entered).first() is not None:
        raise Conflict(
            "There are figures of this player in this match already; change those.",
            code="statistics_exist",
            fields={"/player_id": "has figures in this match"},
        )
    row = PlayerMatchStatistics(club_id=match.club_id, match_id=match_id, player_id=player_id, **figures)
    return Repository(session, account, PlayerMatchStatistics).add(row)


def change_statistics(
    session: Session, account: Account, row: PlayerMatchStatistics, values: Mapping[str, Any]
) -> PlayerMatchStatistics:
    """Change the figures of an entered row, or say who the track of a measured one is.

    What is sent as it stands is no change: a client may send back all that it has read.

    Args:
        row: locked, of ``Repository.get_to_change``.

    Raises:
        NotFound: the player does not exist for this account.
        Unprocessable: a figure may not be changed, or the figures contradict each other.
    """
    current = PlayerMatchStatisticsRead.model_validate(row).model_dump()
    changes = {name: value for name, value in values.items() if value != current[name]}
    if row.report_id is not None:
        _refuse(changes.keys() - {"player_id"}, code="measured_figure", why="belongs to a measured row")
        return assign_track(session, account, row, changes.get("player_id", row.player_id))
    _refuse(changes.keys() & {"player_id"}, code="player_fixed", why="cannot change; delete the row instead")
    _refuse(changes.keys() - EnteredFigures.model_fields.keys(), code="measured_figure", why="is measured, not entered")
    check_parts(current | changes, _PARTS)
    return Repository(session, account, PlayerMatchStatistics).change(row, changes)


def check_entered(row: PlayerMatchStatistics) -> None:
    """
    Raises:
        Conflict: an analysis measured the row.
    """
    if row.report_id is not None:
        raise Conflict(
            "Measured figures stay as long as their report; delete the analysis report instead.",
            code="measured_rows_stay",
        )


_SENTENCES = {
    "measured_figure": "A measured figure cannot be changed, and figures are entered in a row of their own.",
    "player_fixed": "Figures that were entered stay with their player.",
}


def _refuse(names: set[str], *, code: str, why: str) -> None:
    if names:
        raise Unprocessable(_SENTENCES[code], code=code, fields={f"/{name}": why for name in sorted(names)})
