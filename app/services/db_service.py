"""Generic reads and writes, always as one account: what it may not see does not exist for it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption

from app.core.account import Account
from app.core.errors import NotFound
from app.models.base import ClubRow

Row = TypeVar("Row", bound=ClubRow)


@dataclass(frozen=True, slots=True)
class Page:
    """A window on a list: at most ``limit`` rows after skipping ``offset``."""

    limit: int
    offset: int


class Repository(Generic[Row]):
    """The rows of one model that one account sees, within one unit of work."""

    def __init__(self, session: Session, account: Account, model: type[Row]) -> None:
        self._session = session
        self._account = account
        self._model = model

    def get(self, row_id: uuid.UUID, *options: ORMOption) -> Row:
        """The row with this id.

        Raises:
            NotFound: there is no such row, or it belongs to another club.
        """
        query = select(self._model).where(self._model.id == row_id, self._model.visible_to(self._account))
        row = self._session.scalars(query.options(*options)).one_or_none()
        if row is None:
            name = self._model.__tablename__.replace("_", " ")
            raise NotFound(f"There is no entry {row_id} in {name} that you can see.")
        return row

    def find(
        self,
        *where: ColumnElement[bool],
        page: Page,
        order_by: Sequence[ColumnElement[Any]],
        options: Sequence[ORMOption] = (),
    ) -> tuple[Sequence[Row], int]:
        """One page of the rows that satisfy ``where``, and how many there are on all pages.

        ``order_by`` is completed by the id, so that equal rows do not change places between two pages.
        """
        conditions = (self._model.visible_to(self._account), *where)
        query = select(self._model).where(*conditions).order_by(*order_by, self._model.id)
        rows = self._session.scalars(query.limit(page.limit).offset(page.offset).options(*options)).all()
        total = self._session.scalar(select(func.count()).select_from(self._model).where(*conditions))
        return rows, total or 0

    def add(self, row: Row) -> Row:
        """Add a row to the unit of work and let the database check it now.

        Unless it already belongs to a club, it belongs to the account's own.
        """
        row.club_id = row.club_id or self._account.club_id
        self._session.add(row)
        self._session.flush()
        return row
