"""The columns of a squad's CSV file: what a cell says, and what is wrong with it in a coach's words."""

import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from app.models import Foot, Position
from app.schemas.fields import Name, OptionalText
from app.schemas.player import HEIGHTS_CM, JERSEY_NUMBERS, WEIGHTS_KG, BirthDate

_NAME = TypeAdapter(Name)
_TEXT = TypeAdapter(OptionalText)
_BIRTH_DATE = TypeAdapter(BirthDate)
_DAY_FIRST = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}", re.ASCII)
# A spreadsheet would run a cell that begins so. Wide letters count: some turn them into the plain ones.
_FORMULA = r"[=+\-@＝＋－＠\t\r]"
_RISKY = re.compile(rf"'*{_FORMULA}")
_GUARDED = re.compile(rf"'+{_FORMULA}")


class CellError(Exception):
    """A cell cannot be used; the text tells why."""


def _whole_number(bounds: tuple[int, int], unit: str) -> Callable[[str], int]:
    def read(cell: str) -> int:
        if not re.fullmatch(r"\d{1,9}", cell, re.ASCII):
            raise CellError("must be a whole number")
        if not bounds[0] <= int(cell) <= bounds[1]:
            raise CellError(f"must be between {bounds[0]} and {bounds[1]}{unit}")
        return int(cell)

    return read


def _word(words: type[StrEnum], choice: str) -> Callable[[str], StrEnum]:
    by_text = {word.value.lower(): word for word in words}

    def read(cell: str) -> StrEnum:
        if cell.lower() not in by_text:
            raise CellError(f"must be {choice}")
        return by_text[cell.lower()]

    return read


def _birth_date(cell: str) -> date:
    """2000-05-31, or 31.05.2000. Dates with slashes mean two things, and are refused."""
    try:
        day = datetime.strptime(cell, "%d.%m.%Y").date().isoformat() if _DAY_FIRST.fullmatch(cell) else cell
        return _BIRTH_DATE.validate_python(day)
    except ValueError:
        raise CellError("must be a date such as 2000-05-31, between 1900-01-01 and today") from None


def _country_code(cell: str) -> str:
    if not re.fullmatch("[A-Za-z]{2}", cell):
        raise CellError("must be two letters, such as BR")
    return cell.upper()


def _short_text(cell: str) -> str | None:
    try:
        return _TEXT.validate_python(cell)
    except ValidationError as error:
        raise _in_words(error) from None


def _name(cell: str) -> str:
    try:
        return _NAME.validate_python(cell)
    except ValidationError as error:
        raise _in_words(error) from None


def _in_words(error: ValidationError) -> CellError:
    (what,) = error.errors(include_url=False)
    return CellError(what["msg"].replace("should", "must", 1))


_READERS: dict[str, Callable[[str], object]] = {
    "jersey_number": _whole_number(JERSEY_NUMBERS, ""),
    "name": _name,
    "position": _word(Position, "GK, DEF, MID or FWD"),
    "birth_date": _birth_date,
    "dominant_foot": _word(Foot, "left, right or both"),
    "height_cm": _whole_number(HEIGHTS_CM, " centimetres"),
    "weight_kg": _whole_number(WEIGHTS_KG, " kilograms"),
    "nationality": _short_text,
    "country_code": _country_code,
}

COLUMNS = tuple(_READERS)
"""In the order of an export; each is called as the column of :class:`app.models.Player`."""


def read_cell(column: str, cell: str) -> object:
    """What a cell says; an empty one says None.

    Raises:
        CellError: it cannot be used.
    """
    text = cell[1:] if _GUARDED.match(cell) else cell
    if column == "name":
        return _name(text)  # decides itself what is blank
    return _READERS[column](text.strip()) if text.strip() else None


def write_cell(value: object) -> str:
    """A cell that :func:`read_cell` reads back, and that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if _RISKY.match(text) else text
