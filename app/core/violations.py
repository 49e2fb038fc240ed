"""What a database means when it refuses a row, on SQLite and MariaDB alike."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import MetaData, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.core.errors import Conflict

_DUPLICATE = 1062  # MariaDB: ER_DUP_ENTRY
_REFERENCE = frozenset({1216, 1217, 1451, 1452})  # a foreign key, from either end
_RETRYABLE = frozenset({1213, 1205, 1020})  # deadlock, lock wait timeout, record changed since last read
_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (?P<columns>.+)")
# The last key: the value before it is the client's, and may contain anything.
_MARIADB_KEY = re.compile(r".*for key '(?:\w+\.)?(?P<key>uq_\w+)'", re.DOTALL)
# Of a key's columns, those within which the others are unique: no client is to blame for them if there are others.
_SCOPES = {"club_id", "match_id", "lineup_id", "team_id", "report_id"}

_columns_of_key: dict[str, list[str]] = {}


def name_unique_keys(metadata: MetaData) -> None:
    """Tell which columns a unique key has: MariaDB names the key only."""
    keys = (key for table in metadata.tables.values() for key in table.constraints if isinstance(key, UniqueConstraint))
    _columns_of_key.update({str(key.name): [column.name for column in key.columns] for key in keys})


def is_retryable(error: BaseException) -> bool:
    """Whether the database gave up a transaction that may well succeed when it is tried again."""
    return isinstance(error, DBAPIError) and _number_of(error) in _RETRYABLE


@contextmanager
def translated_violations() -> Iterator[None]:
    """Turn a violated unique or foreign key into the Conflict that a client understands."""
    try:
        yield
    except IntegrityError as error:
        conflict = _conflict(error)
        if conflict is None:
            raise
        raise conflict from error


def _conflict(error: IntegrityError) -> Conflict | None:
    """None: the row itself is unsound, a NOT NULL column without a value for example. That is a fault of ours."""
    columns = _unique_columns(error)
    if columns is None and not _is_reference(error):
        return None
    if columns is None:
        return Conflict("This refers to something that is gone, or that is still in use.", code="reference_conflict")
    chosen = [column for column in columns if column not in _SCOPES] or columns[-1:]
    words = " and ".join(column.removesuffix("_id").replace("_", " ") for column in chosen)
    return Conflict(
        f"There is one with this {words} already.", code="already_exists", fields={f"/{chosen[0]}": "is taken already"}
    )


def _unique_columns(error: IntegrityError) -> list[str] | None:
    """The columns of the violated unique key; None: it was another kind of constraint."""
    text = str(error.orig)
    if found := _SQLITE_UNIQUE.search(text):
        return [name.partition(".")[2].strip() for name in found["columns"].split(",")]
    if _number_of(error) != _DUPLICATE:
        return None
    found = _MARIADB_KEY.search(text)
    return _columns_of_key.get(found["key"], ["id"]) if found else ["id"]


def _is_reference(error: IntegrityError) -> bool:
    return _number_of(error) in _REFERENCE or "FOREIGN KEY constraint failed" in str(error.orig)


def _number_of(error: DBAPIError) -> int | None:
    """MariaDB's number of an error."""
    arguments = getattr(error.orig, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None
