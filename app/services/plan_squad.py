"""Which player each row of a squad's file is about, and what the rows make of the squad."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.models import Player
from app.schemas.squad import SquadAction
from app.services.match_namesakes import Matches, RowError, grouped, is_as_written, match_namesakes
from app.services.squad_csv import SquadLine

CellErrors = dict[str | None, str]
"""What is wrong, by column; ``None`` names the row as a whole."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A row, the player whom it is about (None: a new one), and what is wrong with it."""

    line: SquadLine
    player: Player | None
    errors: Mapping[str | None, str]

    @property
    def action(self) -> SquadAction:
        if self.player is None:
            return SquadAction.CREATE
        return SquadAction.UNCHANGED if is_as_written(self.player, self.line) else SquadAction.UPDATE

    @property
    def changes_number(self) -> bool:
        number = "jersey_number"
        known = self.player
        return known is not None and self.line.values.get(number, known.jersey_number) != known.jersey_number


def plan_squad(lines: Sequence[SquadLine], players: Sequence[Player]) -> list[PlannedRow]:
    """Match rows with the players of a team: by name without case and accents, and namesakes by what else is known.

    A jersey number alone never decides who somebody is: numbers change hands, names do not. The number of somebody
    else is free only if the same file takes it from him, so that numbers can be swapped.
    """
    matches = match_namesakes(lines, players)
    errors: dict[int, CellErrors] = defaultdict(dict)
    for row, column, message in (
        *matches.errors,
        *_repeated_numbers(lines),
        *_numbers_of_others(lines, players, matches),
    ):
        errors[row].setdefault(column, message)
    return [PlannedRow(line, matches.players.get(line.row), {**errors[line.row], **line.errors}) for line in lines]


def _repeated_numbers(lines: Sequence[SquadLine]) -> Iterator[RowError]:
    for first, *others in grouped(lines, _number).values():
        yield from ((line.row, "jersey_number", f"is also in row {first.row}") for line in others)


def _numbers_of_others(lines: Sequence[SquadLine], players: Sequence[Player], matches: Matches) -> Iterator[RowError]:
    """Numbers of players who keep theirs."""
    given = {matches.players[line.row].id: _number(line) for line in lines if _gives_number_to(line, matches)}
    keepers = {
        player.jersey_number: player
        for player in players
        if given.get(player.id, player.jersey_number) == player.jersey_number
    }
    for line in lines:
        keeper = keepers.get(_number(line) or 0)
        if keeper is not None and matches.players.get(line.row) is not keeper:
            what = f"number {keeper.jersey_number} belongs to {keeper.name}; give that player another one in the file"
            yield line.row, "jersey_number", what


def _gives_number_to(line: SquadLine, matches: Matches) -> bool:
    """Whether it decides about the number of a player whom the team has; no number is a decision, too."""
    return line.row in matches.players and "jersey_number" in line.values


def _number(line: SquadLine) -> int | None:
    number = line.values.get("jersey_number")
    return number if isinstance(number, int) else None
