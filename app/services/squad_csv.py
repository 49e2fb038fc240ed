"""Squads as CSV: the file as spreadsheets write it in various countries, and as we write it."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.models import Player
from app.services.spreadsheet_text import read_text, unusable
from app.services.squad_columns import COLUMNS, CellError, read_cell, write_cell

MAX_ROWS = 500

_DELIMITERS = (",", ";", "\t")
# Excel's word on the delimiter, in a row of its own that a spreadsheet neither shows nor counts.
_DELIMITER_ROW = re.compile(r'"?sep=([^"\r\n])"?[ \t]*(\r\n|\r|\n|$)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SquadLine:
    """A row of the file. ``values`` and ``errors`` are by column; ``None`` names the row as a whole.

    A column that the file does not have is in neither; an empty cell has the value None.
    """

    row: int  # as a spreadsheet counts: the header is row 1
    values: Mapping[str, object]
    errors: Mapping[str | None, str]


def read_squad(content: bytes) -> list[SquadLine]:
    """The rows of a file that are not blank.

    Raises:
        Unprocessable: the file as a whole cannot be used.
    """
    records = _records(read_text(content))
    columns = _columns(next(records, []))
    lines = [_line(row, columns, cells) for row, cells in enumerate(records, start=2) if any(map(_is_filled, cells))]
    if len(lines) > MAX_ROWS:
        raise unusable(f"The file has more than {MAX_ROWS} rows")
    return lines


def write_squad(players: Iterable[Player]) -> bytes:
    """A file that :func:`read_squad` reads back. The mark at its beginning tells Excel that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([write_cell(getattr(player, column)) for column in COLUMNS] for player in players)
    return text.getvalue().encode("utf-8-sig")


def _records(text: str) -> Iterator[list[str]]:
    if not text.strip():
        raise unusable("The file is empty")
    if told := _DELIMITER_ROW.match(text):
        delimiter, text = told[1], text[told.end() :]
    else:
        delimiter = max(_DELIMITERS, key=lambda candidate: _known_columns(text, candidate))
    try:
        yield from _reader(text, delimiter)
    except csv.Error:
        raise unusable("The file is not sound CSV; perhaps a quotation mark is missing") from None


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _known_columns(text: str, delimiter: str) -> int:
    """How much of the header makes sense if this is the delimiter."""
    try:
        return len({_column(cell) for cell in next(_reader(text, delimiter), [])} & set(COLUMNS))
    except csv.Error:
        return 0


def _column(title: str) -> str:
    return "_".join(title.lower().split())


def _columns(header: list[str]) -> list[str]:
    """
    Raises:
        Unprocessable: a column is unknown or there twice, or there is none with names.
    """
    columns = [_column(title) for title in header]
    for title, column in zip(header, columns, strict=True):
        if column and column not in COLUMNS:
            raise unusable(f"The column {title[:100]!r} is unknown; a squad has {', '.join(COLUMNS)}")
        if column and columns.count(column) > 1:
            raise unusable(f"The column {column} is there twice")
    if "name" not in columns:
        raise unusable(f"The first row must name the columns; a squad has {', '.join(COLUMNS)}, and needs name")
    return columns


def _line(row: int, columns: list[str], cells: list[str]) -> SquadLine:
    """Spreadsheets leave out empty cells at the end of a row."""
    values: dict[str, object] = {}
    errors: dict[str | None, str] = {}
    cells = cells + [""] * (len(columns) - len(cells))
    for column, cell in zip(columns, cells, strict=False):
        try:
            if column:
                values[column] = read_cell(column, cell)
        except CellError as error:
            errors[column] = str(error)
    nameless = [cell for column, cell in zip(columns, cells, strict=False) if not column] + cells[len(columns) :]
    if any(map(_is_filled, nameless)):
        errors[None] = "has more cells than the header has names"
    return SquadLine(row, values, errors)


def _is_filled(cell: str) -> bool:
    return bool(cell.strip(" \t"))
