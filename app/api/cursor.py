"""Long lists that are read to their end: the next page begins after the last row, wherever that row stands by then.

A cursor names that row. It is sealed for the path that made it: clients need not understand it, and
cannot make one up.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Query, Request, Response
from pydantic import ValidationError
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.api.dependencies import PartsDep
from app.api.documentation import Header, answer_headers
from app.api.listing import Filter
from app.api.pagination import MAX_PAGE
from app.api.problems import problem_responses
from app.core.errors import Unprocessable

Item = TypeVar("Item")

CURSOR_ANSWERS = answer_headers(
    Header("Link", "RFC 8288: the page `first` and, where there are more rows, the page `next`.")
) | problem_responses(401)
"""The ``responses`` of a list with a cursor, for OpenAPI."""

_SEAL_BYTES = 16
_MOST_CHARACTERS = 200
_PAGE_NAMES = ("limit", "cursor")


@dataclass(frozen=True, slots=True)
class Seal:
    """Writes and reads the cursors of one path."""

    secret: str = field(repr=False)
    path: str

    def write(self, position: int) -> str:
        body = json.dumps([position]).encode()
        return base64.urlsafe_b64encode(body + self._code(body)).decode().rstrip("=")

    def read(self, cursor: str) -> int:
        """
        Raises:
            Unprocessable: it is no cursor that was written for this path.
        """
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            [position] = json.loads(sealed[:-_SEAL_BYTES])
            written = self.write(int(position))
        except (binascii.Error, ValueError, TypeError, RecursionError):
            raise _invalid() from None
        if not hmac.compare_digest(written.encode(), cursor.encode()):
            raise _invalid()
        return int(position)

    def _code(self, body: bytes) -> bytes:
        key = f"cursor of {self.path} {self.secret}".encode()
        return hmac.digest(key, body, hashlib.sha256)[:_SEAL_BYTES]


class CursorRules:
    """What clients may ask of one long list; as a dependency, what one of them asks.

    Args:
        key: an integer, unique within the list, that the list is sorted by.
    """

    def __init__(self, filters: Sequence[Filter], *, key: InstrumentedAttribute[int]) -> None:
        self._described = filters
        self._filters = {
            item.parameter_name(operator): (item, operator) for item in filters for operator in item.operators
        }
        self._key = key

    def parameters(self) -> list[dict[str, Any]]:
        """For OpenAPI: see :mod:`app.api.list_documentation`."""
        return [parameter for item in self._described for parameter in item.parameters()]

    def __call__(
        self,
        request: Request,
        response: Response,
        parts: PartsDep,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="At most this many rows.")] = MAX_PAGE,
        cursor: Annotated[
            str | None, Query(max_length=_MOST_CHARACTERS, description="Of the link `next`; absent: the first page.")
        ] = None,
    ) -> "CursorListing":
        """
        Raises:
            Unprocessable: a parameter is unknown, is given twice, or has no sound value.
        """
        given = dict(request.query_params)
        if len(given) < len(request.query_params.multi_items()):
            raise Unprocessable("A parameter is given twice.", code="validation_failed")
        where = tuple(self._condition(name, text) for name, text in given.items() if name not in _PAGE_NAMES)
        seal = Seal(parts.settings.secret_key.get_secret_value(), request.url.path)
        return CursorListing(request, response, seal, CursorPage(self._key, where, limit, cursor))

    def _condition(self, name: str, text: str) -> ColumnElement[bool]:
        if name not in self._filters:
            allowed = ", ".join((*self._filters, *_PAGE_NAMES))
            raise _wrong(name, f"is unknown; allowed are {allowed}", code="parameter_unknown")
        item, operator = self._filters[name]
        try:
            return item.condition(operator, text)
        except ValidationError as error:
            raise _wrong(name, f"is not valid: {error.errors(include_url=False)[0]['msg'].rstrip('.')}") from None


@dataclass(frozen=True, slots=True)
class CursorPage:
    """Which rows of a long list, and after which of them to begin."""

    key: InstrumentedAttribute[int]
    where: tuple[ColumnElement[bool], ...]
    limit: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class CursorListing:
    """What one request asks of a long list."""

    request: Request
    response: Response
    seal: Seal
    page: CursorPage

    def rows_of(self, session: Session, query: Select[Item]) -> Sequence[Item]:
        """The page that was asked for; a header tells where the next one is.

        Raises:
            Unprocessable: the cursor is none of this list.
        """
        page = self.page
        query = query.where(*page.where)
        if page.cursor is not None:
            query = query.where(page.key > self.seal.read(page.cursor))
        found = session.scalars(query.order_by(page.key).limit(page.limit + 1)).all()
        rows = found[: page.limit]
        self._link(getattr(rows[-1], page.key.key) if len(found) > page.limit else None)
        return rows

    def _link(self, last: int | None) -> None:
        links = {"first": self.request.url.remove_query_params("cursor")}
        if last is not None:
            links["next"] = self.request.url.include_query_params(cursor=self.seal.write(last))
        self.response.headers["Link"] = ", ".join(f'<{url}>; rel="{relation}"' for relation, url in links.items())


def _invalid() -> Unprocessable:
    return _wrong("cursor", "is none of this list; begin anew without one", code="cursor_invalid")


def _wrong(name: str, what: str, *, code: str = "validation_failed") -> Unprocessable:
    return Unprocessable(f"The parameter {name[:100]!r} {what}.", code=code, fields={name[:100]: what})
