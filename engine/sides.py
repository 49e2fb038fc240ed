"""Which goal a team defends, and so which team a goalkeeper plays for."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from engine.kinds import Kind
from engine.results import PlayerRow
from engine.teams import OTHER
from football.pitch import STANDARD_PITCH, Pitch

MEMORY_S = 60.0
"""A team stands nearer to the goal that it defends, in the mean over about so long. Raising it makes an attack of one
side mislead less, and the change of ends be noticed later."""
LEAST_APART_M = 2.0
"""Teams whose means are nearer to each other than that do not tell which goal is whose."""

_TEAMS = ("A", "B")
_LEAST_PLAYERS = 2  # of each team in a frame


class Sides:
    """Learns from frame to frame where the teams stand. One per video."""

    def __init__(self, pitch: Pitch = STANDARD_PITCH) -> None:
        self._halfway_m = pitch.length_m / 2
        self._apart_m: float | None = None  # by how much A stands farther right than B
        self._learnt_s = 0.0
        self._votes: dict[int, Counter[str]] = defaultdict(Counter)

    def tell_teams(self, rows: Sequence[PlayerRow]) -> tuple[PlayerRow, ...]:
        """The rows of a frame; goalkeepers in a kit of their own play for the team whose goal is the nearer one.

        Who wears a team's shirt stays with that team: what is called a goalkeeper there is an outfield player.
        """
        self._learn(rows)
        return tuple(self._tell_team(row) for row in rows)

    def _tell_team(self, row: PlayerRow) -> PlayerRow:
        if row.kind != Kind.GOALKEEPER or row.team != OTHER:
            return row
        team = self._find_team(row)
        votes = self._votes[row.track]
        if team is not None:
            votes[team] += 1
        return replace(row, team=max(votes, key=lambda one: votes[one])) if votes else row

    def _find_team(self, row: PlayerRow) -> str | None:
        if row.foot.x_m is None or self._apart_m is None or abs(self._apart_m) < LEAST_APART_M:
            return None
        left, right = _TEAMS if self._apart_m < 0 else _TEAMS[::-1]
        return left if row.foot.x_m < self._halfway_m else right

    def _learn(self, rows: Sequence[PlayerRow]) -> None:
        """From outfield players only."""
        places: dict[str, list[float]] = defaultdict(list)
        for row in rows:
            if row.team in _TEAMS and row.kind in {"", Kind.PLAYER} and row.foot.x_m is not None:
                places[row.team].append(row.foot.x_m)
        first, second = (places[team] for team in _TEAMS)
        if min(len(first), len(second)) < _LEAST_PLAYERS:
            return
        apart_m = sum(first) / len(first) - sum(second) / len(second)
        share = min(1.0, max(0.0, rows[0].time_s - self._learnt_s) / MEMORY_S)
        self._apart_m = apart_m if self._apart_m is None else self._apart_m + share * (apart_m - self._apart_m)
        self._learnt_s = rows[0].time_s
