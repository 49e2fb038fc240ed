"""A CSV file from an engine, checked for damage before any number of it is believed.

Engines write plain CSV: UTF-8, commas, no quotes, a header line, a line feed after every line, carriage returns
tolerated. An engine that is killed, or a full disk, leaves a file that is cut anywhere.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from app.core.errors import PermanentFailure

_CHUNK_BYTES = 1 << 23
_BLANK = re.compile(rb"[\xef\xbb\xbf\s]*\Z")  # nothing but a byte order mark and white space
_HINT_RUN_AGAIN = "Start the analysis again; if it happens again, look at the engine's log and the space on its disk."
_HINT_ENGINE = "The analysis engine does not keep to its format; check its version."


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The bytes of a file of which every line is whole and has as many cells as the header.

    ``header`` has one trimmed lower-case name for each cell of the first line; ``rows`` counts the lines after it.
    """

    content: bytes
    header: tuple[str, ...]
    rows: int


def load_table(file: BinaryIO | Path, *, expected_rows: int | None) -> CsvTable | None:
    """Read and check a file; None where there is no file or nothing in it, which is how engines say "nobody seen".

    ``expected_rows`` is the number of rows that the engine says it sent.

    Raises:
        PermanentFailure: ``metrics_not_utf8``, ``metrics_truncated``.
    """
    content = _read(file)
    _check_utf8(content)
    if _BLANK.match(content):
        _check_row_count(0, expected_rows)
        return None
    if not content.endswith(b"\n"):
        raise _truncated("ends in the middle of a line")
    first_line = content[: content.index(b"\n")].decode("utf-8-sig")
    header = tuple(name.strip().lower() for name in first_line.split(","))
    rows = _check_lines(content, len(header))
    _check_row_count(rows, expected_rows)
    return CsvTable(content, header, rows)


def read_columns(table: CsvTable, columns: Mapping[str, int], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    """The wanted columns as a frame: ``columns`` maps a name to the index of its cell, ``schema`` to its type.

    Empty cells are null. "nan" and "inf" are numbers in a float column.

    Raises:
        PermanentFailure: ``metrics_not_a_number``, or ``metrics_not_finite`` for NaN or infinity in a column of whole
            numbers.
    """
    try:
        return _parse(table, columns, schema)
    except pl.exceptions.ComputeError:
        # Spaces around numbers, or a cell that is no number: read as text to find out which, and where.
        text = _parse(table, columns, dict.fromkeys(schema, pl.String))
        return pl.DataFrame([_to_type(text[name].str.strip_chars(), schema[name]) for name in columns])


def line_of(row: int) -> int:
    """The line number that an editor shows for the data row with index ``row``."""
    return row + 2


def _parse(table: CsvTable, columns: Mapping[str, int], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    names = {index: name for name, index in columns.items()}
    cells = {names.get(i, f"cell {i}"): schema[names[i]] if i in names else pl.String for i in range(len(table.header))}
    wanted = sorted(columns.values())
    frame = pl.read_csv(
        table.content,
        has_header=False,
        skip_rows=1,
        quote_char=None,
        schema=cells,
        columns=wanted,
        raise_if_empty=False,
    )
    return frame.select(list(columns))


def _to_type(cells: pl.Series, kind: type[pl.DataType]) -> pl.Series:
    cells = cells.set(cells == "", None)
    if kind == pl.String:
        return cells
    numbers = cells.cast(kind, strict=False)
    rows = (numbers.is_null() & cells.is_not_null()).arg_true()
    if rows.is_empty():
        return numbers
    wrong = rows[0]
    place = f'The column "{cells.name}" of the metrics file holds "{cells[wrong][:40]}" in line {line_of(wrong)}'
    as_float = pl.Series([cells[wrong]]).cast(pl.Float64, strict=False)[0]
    if as_float is not None and not np.isfinite(as_float):
        raise PermanentFailure(f"{place}, which is not finite.", code="metrics_not_finite", hint=_HINT_ENGINE)
    expected = "a whole number" if kind == pl.Int64 else "a number"
    raise PermanentFailure(f"{place}, which is not {expected}.", code="metrics_not_a_number", hint=_HINT_ENGINE)


def _read(file: BinaryIO | Path) -> bytes:
    if not isinstance(file, Path):
        return file.read()
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def _check_utf8(content: bytes) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(content):
            decoder.decode(chunk)
        decoder.decode(b"", final=content.endswith(b"\n"))  # a cut file may end within a character: that is truncation
    except UnicodeDecodeError as error:
        raise PermanentFailure(
            "The metrics file is not UTF-8 text.", code="metrics_not_utf8", hint=_HINT_ENGINE
        ) from error


def _check_lines(content: bytes, cells: int) -> int:
    """Number of data rows, if every line has as many cells as the header."""
    line, cells_before = 0, 0
    for chunk in _chunks(content):
        separators = np.frombuffer(chunk, dtype=np.uint8)
        separators = separators[(separators == ord(",")) | (separators == ord("\n"))]
        counts, cells_left = _cells_per_line(separators, cells_before)
        wrong = np.flatnonzero(counts != cells)
        if len(wrong):
            found = f"line {line + wrong[0] + 1} has {counts[wrong[0]]} cells, and the header has {cells}"
            raise _truncated(f"is damaged: {found}")
        line, cells_before = line + len(counts), cells_left
    return line - 1


def _cells_per_line(separators: NDArray[np.uint8], cells_before: int) -> tuple[NDArray[np.int64], int]:
    """Cells of each line that ends among ``separators``, and how many of the next line have begun.

    ``cells_before``: how many cells of the first line ended in the chunk before.
    """
    ends = np.flatnonzero(separators == ord("\n"))
    if len(ends) == 0:
        return ends, cells_before + len(separators)
    counts = np.diff(ends, prepend=-1)
    counts[0] += cells_before
    return counts, len(separators) - 1 - int(ends[-1])


def _check_row_count(rows: int, expected: int | None) -> None:
    if expected is not None and rows != expected:
        raise _truncated(f"has {rows} rows, but the engine wrote {expected}")


def _chunks(content: bytes) -> Iterator[memoryview]:
    view = memoryview(content)
    for start in range(0, len(view), _CHUNK_BYTES):
        yield view[start : start + _CHUNK_BYTES]


def _truncated(what: str) -> PermanentFailure:
    return PermanentFailure(f"The metrics file of the analysis {what}.", code="metrics_truncated", hint=_HINT_RUN_AGAIN)
