"""Whether the teams of a match may be replaced: not while the match has something of a team that would not play."""

import uuid
from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.errors import Conflict
from app.models import (
    Match,
    MatchEvent,
    MatchLineup,
    MatchLineupEntry,
    MatchTeamStatistics,
    Player,
    PlayerMatchStatistics,
)

TeamId = uuid.UUID | None


def check_replacement(session: Session, match: Match, *, home: TeamId, away: TeamId) -> None:
    """
    Args:
        home, away: the teams that the match would have; None: not known.

    Raises:
        Conflict: with all that stands in the way.
    """
    before, after = {match.home_team_id, match.away_team_id} - {None}, {home, away} - {None}
    gone = before - after
    if before == after:
        return
    found = [f"{what} ({count})" for what, count in _rows_in_the_way(session, match, gone, after) if count]
    if found:
        sentence = f"A team that would not play any more has {_listed(found)} in this match; remove them first."
        fields = {f"/{name}": "would leave rows of another team" for name in _replaced(match, gone)}
        raise Conflict(sentence, code="team_in_use", fields=fields)


def _rows_in_the_way(
    session: Session, match: Match, gone: Collection[TeamId], after: Collection[TeamId]
) -> Iterator[tuple[str, int]]:
    def strangers(team_id: InstrumentedAttribute[TeamId] | InstrumentedAttribute[uuid.UUID]) -> ColumnElement[bool]:
        """Once both teams are known, nobody else plays; a match whose teams were open may have a sheet of others."""
        return team_id.not_in(after) if len(after) == 2 else team_id.in_(gone)

    of_match, statistics = MatchLineup.match_id == match.id, PlayerMatchStatistics
    places = select(func.count()).select_from(MatchLineupEntry).join(MatchLineup)
    yield "line-up places", _count(session, places.where(of_match, strangers(MatchLineupEntry.team_id)))
    events = select(func.count()).where(MatchEvent.match_id == match.id, strangers(MatchEvent.team_id))
    yield "events", _count(session, events)
    # Players have moved on since: only those of a team that is replaced belong to it for sure.
    of_players = select(func.count()).select_from(statistics).join(Player, Player.id == statistics.player_id)
    of_players = of_players.where(statistics.match_id == match.id, Player.team_id.in_(gone))
    of_teams = select(func.count()).where(MatchTeamStatistics.match_id == match.id)
    of_teams = of_teams.where(strangers(MatchTeamStatistics.team_id))
    yield "rows of statistics", _count(session, of_players) + _count(session, of_teams)


def _count(session: Session, query: Select[int]) -> int:
    return session.scalars(query).one()


def _replaced(match: Match, gone: Collection[TeamId]) -> list[str]:
    names = [name for name in ("home_team_id", "away_team_id") if getattr(match, name) in gone]
    return names or ["home_team_id", "away_team_id"]


def _listed(items: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]]))
