"""What every model shares: column types that behave alike on SQLite and MariaDB, identity, and who sees a row."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import CHAR, ColumnElement, DateTime, Dialect, Enum, ForeignKey, MetaData, TypeDecorator
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import JSON, TypeEngine

from app.core.account import Account, Role

JsonValue = dict[str, "JsonValue"] | list["JsonValue"] | str | int | float | bool | None


class UuidText(TypeDecorator[uuid.UUID]):
    """A UUID as its 36 characters: readable in the seed file, and the same on every database."""

    impl = CHAR(36)
    cache_ok = True

    @property
    def python_type(self) -> type[uuid.UUID]:
        return uuid.UUID

    def process_bind_param(self, value: uuid.UUID | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> uuid.UUID | None:
        return _parsed_or_none(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], uuid.UUID | None]:
        """Without the layers in between: a page has hundreds of ids, and most of them again and again."""
        return _parsed_or_none


@lru_cache(maxsize=1024)  # more than a page has; an id takes some 300 bytes
def _parsed(text: str) -> uuid.UUID:
    return uuid.UUID(text)


def _parsed_or_none(text: str | None) -> uuid.UUID | None:
    return None if text is None else _parsed(text)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC to the microsecond. Naive values are refused: they would mean another moment elsewhere."""

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return in_utc(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def in_utc(moment: datetime) -> datetime:
    """
    Raises:
        OverflowError: a zone reaches beyond the first or the last day that there is.
    """
    return moment.astimezone(UTC)


def word_type(words: type[StrEnum]) -> Enum:
    """An enumeration stored as its word in a VARCHAR: a new word needs no migration."""
    return Enum(words, native_enum=False, length=16, values_callable=lambda members: [word.value for word in members])


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {uuid.UUID: UuidText, datetime: UtcDateTime, JsonValue: JSON(none_as_null=True)}
    # Binary collation: letters compare on MariaDB as they do on SQLite, case and accents included.
    __table_args__: Any = {  # noqa: RUF012 - SQLAlchemy declares it on the instance
        "mysql_engine": "InnoDB",
        "mysql_charset": "utf8mb4",
        "mysql_collate": "utf8mb4_bin",
        "mariadb_engine": "InnoDB",
        "mariadb_charset": "utf8mb4",
        "mariadb_collate": "utf8mb4_bin",
    }


def utc_now() -> datetime:
    return datetime.now(UTC)


class Identified:
    """A row with an id of its own and the time of its making."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4, sort_order=-1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, sort_order=90)


class ClubRow(Identified, Base):
    """A row that belongs to a club, and is seen by its members only.

    ``read_by`` and ``written_by`` are the least roles that may see it and write it; ``unaudited`` columns are secret,
    or too long for the audit log.
    """

    __abstract__ = True
    read_by: ClassVar[Role] = Role.VIEWER
    written_by: ClassVar[Role] = Role.COACH
    unaudited: ClassVar[frozenset[str]] = frozenset()

    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now, sort_order=91)

    @declared_attr
    def club_id(cls) -> Mapped[uuid.UUID]:  # noqa: N805 - a declared_attr gets the class
        return mapped_column(ForeignKey("clubs.id", ondelete="CASCADE"), index=True)

    @classmethod
    def visible_to(cls, account: Account) -> ColumnElement[bool]:
        """The condition under which ``account`` sees a row."""
        return cls.club_id.in_(account.clubs_with(cls.read_by))
