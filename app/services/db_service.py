"""Generic reads and writes, always as one account: what it may not see does not exist for it.

Every write is checked against the account's role in the club of the row, and goes into the audit log.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar, TypeVarTuple

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select
from sqlalchemy import Row as SqlRow
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.interfaces import ORMOption

from app.core.account import Account
from app.core.errors import NotFound
from app.models.base import ClubRow
from app.services.audit import record_creation, record_deletion, record_update
from app.services.roles import require_role
from app.services.shown_rows import Shown, as_shown, shown

Row = TypeVar("Row", bound=ClubRow)
Schema = TypeVar("Schema", bound=BaseModel)
Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True)
class Page:
    """A window on a list: at most ``limit`` rows after skipping ``offset``."""

    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of a list, in which order, and which page of them."""

    page: Page
    where: tuple[ColumnElement[bool], ...] = ()
    order_by: tuple[ColumnElement[Any], ...] = ()


def fetch_page(
    session: Session,
    query: Select[*Columns],
    selection: Selection,
    *,
    key: InstrumentedAttribute[Any],
    options: Sequence[ORMOption] = (),
) -> tuple[Sequence[SqlRow[*Columns]], int]:
    """One page of what ``query`` finds, and how many there are on all pages.

    The order is completed by ``key``, so that equal rows do not change places between two pages.
    """
    query, page = query.where(*selection.where), selection.page
    ordered = query.options(*options).order_by(*selection.order_by, key)
    rows = session.execute(ordered.limit(page.limit).offset(page.offset)).all()
    if rows and len(rows) < page.limit:
        return rows, page.offset + len(rows)
    return rows, session.scalar(_count(query)) or 0


def fetch_shown(
    session: Session, account: Account, rows: Shown[Schema], selection: Selection
) -> tuple[list[Schema], int]:
    """The same of what ``account`` sees, in one statement but for a page beyond the last."""
    page = selection.page
    if selection.where:
        query = rows.query.where(*selection.where)
        statement = _page(query, selection.order_by, rows.model.id)
    else:  # to put a statement together, and to find out that its text is known, takes longer than to execute it
        query = rows.query
        statement = _known_page(query, selection.order_by, rows.model.id)
    asked = {"club_ids": account.clubs_with(rows.model.read_by)}
    connection = session.connection()
    found = connection.execute(statement, asked | {"limit": page.limit, "offset": page.offset}).all()
    if found or page.offset == 0:
        return as_shown(rows.schema, [text for text, _ in found]), found[0][1] if found else 0
    return [], connection.scalar(_count(query), asked) or 0


def _page(
    query: Select[str], order_by: tuple[ColumnElement[Any], ...], key: InstrumentedAttribute[Any]
) -> Select[str, int]:
    """Rows from ``offset`` on, ``limit`` at most, each with the number of all of them."""
    counted = query.add_columns(_count(query).correlate(None).scalar_subquery())
    return (
        counted.order_by(*order_by, key)
        .limit(bindparam("limit", type_=Integer))
        .offset(bindparam("offset", type_=Integer))
    )


_known_page = lru_cache(maxsize=256)(_page)


def _count(query: Select[*Columns]) -> Select[int]:
    return query.with_only_columns(func.count(), maintain_column_froms=True)


class Repository(Generic[Row]):
    """The rows of one model that one account sees, within one unit of work."""

    def __init__(self, session: Session, account: Account, model: type[Row]) -> None:
        self._session = session
        self._account = account
        self._model = model

    def get(self, row_id: uuid.UUID, *options: ORMOption, club_id: uuid.UUID | None = None) -> Row:
        """The row with this id; with ``club_id``, only if it belongs to that club.

        A row that refers to another must belong to the same club: else the members of one club would see, through it,
        a row of the other.

        Raises:
            NotFound: there is no such row, or it belongs to another club.
        """
        return self._one(row_id, options, club_id=club_id, lock=False)

    def get_to_change(self, row_id: uuid.UUID, *options: ORMOption) -> Row:
        """The row with this id, locked until the end of the unit of work.

        Raises:
            NotFound: there is no such row, or it belongs to another club.
            Forbidden: the account may read it only.
        """
        row = self._one(row_id, options, club_id=None, lock=True)
        require_role(self._account, row.club_id, self._model.written_by)
        return row

    def find(self, selection: Selection, *, options: Sequence[ORMOption] = ()) -> tuple[Sequence[Row], int]:
        """One page of rows, and how many there are on all pages."""
        query = select(self._model).where(self._model.visible_to(self._account))
        rows, total = fetch_page(self._session, query, selection, key=self._model.id, options=options)
        return [row for (row,) in rows], total

    def find_shown(self, selection: Selection, schema: type[Schema]) -> tuple[list[Schema], int]:
        """The same as ``schema`` shows it, of which all fields are columns."""
        return fetch_shown(self._session, self._account, shown(schema, self._model), selection)

    def add(self, row: Row) -> Row:
        """Add a row to the unit of work and let the database check it now.

        Unless it already belongs to a club, it belongs to the account's own.

        Raises:
            NotFound: the club of the row is none of the account's.
            Forbidden: the account may not write such rows in that club.
        """
        row.club_id = row.club_id or self._account.club_id
        require_role(self._account, row.club_id, self._model.written_by)
        self._session.add(row)
        self._session.flush()
        record_creation(self._session, self._account, row)
        return row

    def change(self, row: Row, values: Mapping[str, object]) -> Row:
        """Set ``values`` on a row of :meth:`get_to_change` and let the database check it now."""
        for name, value in values.items():
            setattr(row, name, value)
        record_update(self._session, self._account, row)
        self._session.flush()
        return row

    def delete(self, row: Row) -> None:
        """Delete a row of :meth:`get_to_change`."""
        record_deletion(self._session, self._account, row)
        self._session.delete(row)
        self._session.flush()

    def _one(self, row_id: uuid.UUID, options: Sequence[ORMOption], *, club_id: uuid.UUID | None, lock: bool) -> Row:
        query = select(self._model).where(self._model.id == row_id, self._model.visible_to(self._account))
        if club_id is not None:
            query = query.where(self._model.club_id == club_id)
        if lock:
            query = query.with_for_update()
        row = self._session.scalars(query.options(*options)).one_or_none()
        if row is None:
            raise not_found(self._model, row_id)
        return row


def not_found(model: type[ClubRow], row_id: uuid.UUID) -> NotFound:
    """No such row, or one of another club: whoever asks is not told which."""
    return NotFound(f"There is no entry {row_id} in {model.__tablename__.replace('_', ' ')} that you can see.")
