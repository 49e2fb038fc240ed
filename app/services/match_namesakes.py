"""Which player of a team each row of a squad's file is about: by the name, and by what tells namesakes apart."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.core.text import fold
from app.models import Player
from app.services.squad_csv import SquadLine

Said = Mapping[str, object]  # by column
RowError = tuple[int, str, str]
"""Row, column, and what is wrong."""

_TWIN = "is also in row {row}; only different jersey numbers or birth dates tell namesakes apart"
_UNCLEAR = "is the name of several players or rows; give the birth date, or the jersey number that the player has"


@dataclass(slots=True)
class Matches:
    """Whom rows are about: row number to player. A row that is not in it is about somebody new."""

    players: dict[int, Player] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)


def match_namesakes(lines: Sequence[SquadLine], players: Sequence[Player]) -> Matches:
    """A row is about the player with its name, whatever the case and the accents.

    Namesakes are told apart, as far as needed, by all that the row says; all but the number; the name letter by letter,
    with the birth date and without it; the birth date; the number.
    """
    matches = Matches()
    of_name: dict[str | None, list[Player]] = defaultdict(list)
    for player in players:
        of_name[fold(player.name)].append(player)
    for name, namesakes in grouped(lines, _folded_name).items():
        _Namesakes(namesakes, of_name[str(name)], matches).match()
    return matches


def is_as_written(player: Player, line: SquadLine) -> bool:
    return _is_so(player, line.values)


def grouped(lines: Iterable[SquadLine], key: Callable[[SquadLine], object]) -> dict[object, list[SquadLine]]:
    """The lines by key; those without one left out."""
    groups: dict[object, list[SquadLine]] = defaultdict(list)
    for line in lines:
        if key(line) is not None:
            groups[key(line)].append(line)
    return groups


class _Namesakes:
    """The rows and the players of one name, and which of them nobody has claimed yet."""

    def __init__(self, lines: Sequence[SquadLine], players: Sequence[Player], matches: Matches) -> None:
        self._all = lines
        self._lines = list(lines)
        self._players = list(players)
        self._matches = matches

    def match(self) -> None:
        self._pair_equals()
        self._pair_by(_all_but_number)
        for columns in (("name", "birth_date"), ("name",), ("birth_date",), ("jersey_number",)):
            self._pair_by(_given(*columns))
        self._pair_the_last()
        self._note_errors()

    def _pair_equals(self) -> None:
        for line in list(self._lines):
            equal = next((player for player in self._players if is_as_written(player, line)), None)
            if equal is not None:
                self._pair(line, equal)

    def _pair_by(self, saying: Callable[[SquadLine], Said | None]) -> None:
        """Pair the only line that says this with the only player of whom it is so."""
        for line in list(self._lines):
            said = saying(line)
            rivals = [other for other in self._lines if saying(other) == said]
            meant = [player for player in self._possible(line) if said is not None and _is_so(player, said)]
            if len(rivals) == len(meant) == 1:
                self._pair(line, meant[0])

    def _possible(self, line: SquadLine) -> list[Player]:
        """Those of whom all but the number is so, where there are any: a number may be anybody's, the rest is not."""
        alike = [player for player in self._players if _is_so(player, _all_but_number(line))]
        return alike or self._players

    def _pair_the_last(self) -> None:
        if len(self._lines) == len(self._players) == 1:
            self._pair(self._lines[0], self._players[0])

    def _pair(self, line: SquadLine, player: Player) -> None:
        self._matches.players[line.row] = player
        self._lines.remove(line)
        self._players.remove(player)

    def _note_errors(self) -> None:
        """Rows that are left over are about new players, unless they could as well be about one who is left over."""
        errors = [(line.row, "name", _UNCLEAR) for line in self._lines if self._players]
        for twins in grouped(self._all, _distinction).values():
            if any(line in self._lines for line in twins):
                errors += [(line.row, "name", _TWIN.format(row=twins[0].row)) for line in twins[1:]]
        self._matches.errors += errors


def _distinction(line: SquadLine) -> tuple[object, object]:
    return line.values.get("jersey_number"), line.values.get("birth_date")


def _all_but_number(line: SquadLine) -> Said:
    return {column: value for column, value in line.values.items() if column != "jersey_number"}


def _given(*columns: str) -> Callable[[SquadLine], Said | None]:
    """What a line says in these columns. An empty cell tells nobody apart."""

    def saying(line: SquadLine) -> Said | None:
        said = {column: line.values.get(column) for column in columns}
        return None if None in said.values() else said

    return saying


def _is_so(player: Player, said: Said) -> bool:
    return all(getattr(player, column) == value for column, value in said.items())


def _folded_name(line: SquadLine) -> str | None:
    name = line.values.get("name")
    return fold(name) if isinstance(name, str) else None
