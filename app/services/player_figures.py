"""The figures of a match, side by side: what a person entered about a player, and what analyses measured."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from app.core.account import Account
from app.core.text import fold
from app.models import Match, Player, PlayerMatchStatistics
from app.services.db_service import Repository


@dataclass(frozen=True, slots=True)
class PlayerFigures:
    """Of one player; without a player, of one track that nobody has named."""

    player: Player | None
    entered: PlayerMatchStatistics | None
    measured: Sequence[PlayerMatchStatistics]


def player_figures(session: Session, account: Account, match_id: uuid.UUID) -> list[PlayerFigures]:
    """Players by name, then the tracks without one. The heatmaps are not loaded.

    Raises:
        NotFound: the match does not exist for this account.
    """
    match = Repository(session, account, Match).get(match_id)
    of = PlayerMatchStatistics
    query = select(of, Player).outerjoin(Player, Player.id == of.player_id).where(of.match_id == match.id)
    found = session.execute(query.options(defer(of.heatmap, raiseload=True))).all()
    ordered = sorted(((row, player) for row, player in found), key=lambda pair: _order(*pair))
    groups = (list(group) for _, group in groupby(ordered, key=lambda pair: pair[0].player_id or pair[0].id))
    return [_figures(group[0][1], [row for row, _ in group]) for group in groups]


def _order(row: PlayerMatchStatistics, player: Player | None) -> tuple[bool, str, str, str, int]:
    name = (fold(player.name) or "", str(player.id)) if player else ("", "")
    return player is None, *name, str(row.report_id or ""), row.track_number or 0


def _figures(player: Player | None, rows: Sequence[PlayerMatchStatistics]) -> PlayerFigures:
    entered = next((row for row in rows if row.report_id is None), None)
    return PlayerFigures(player, entered, [row for row in rows if row.report_id is not None])
