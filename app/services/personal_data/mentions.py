"""Where a club has written somebody's name, in whichever column."""

import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import JSON, Enum, String, inspect, select
from sqlalchemy.orm import Session

from app.models import Base, Player, PlayerMatchStatistics, StaffMember
from app.models.base import ClubRow, JsonValue

REDACTED = "[erased]"

_ROWS_AT_ONCE = 500
_DIGITS_OF_A_PHONE = 6
_NOT_READ: Mapping[type[ClubRow], frozenset[str]] = {
    Player: frozenset({"name"}),
    PlayerMatchStatistics: frozenset({"heatmap"}),
    StaffMember: frozenset({"name", "email", "phone"}),
}
"""Columns that say who somebody is, which a namesake keeps, and numbers only."""


@dataclass(frozen=True, slots=True)
class Words:
    """What names one person, and nobody else as far as one can tell."""

    pattern: re.Pattern[str]

    @classmethod
    def of(cls, texts: Iterable[str | None]) -> "Words | None":
        """Of names, addresses and telephone numbers; None: none of them tells whom it means.

        A single word does not: "Max" is a speed, too, and what is redacted cannot be brought back.
        """
        telling = {unicodedata.normalize("NFC", text) for text in texts if text and _is_telling(text)}
        if not telling:
            return None
        choices = (r"\s+".join(map(re.escape, text.split())) for text in sorted(telling, key=len, reverse=True))
        return cls(re.compile(rf"(?<!\w)(?:{'|'.join(choices)})(?!\w)", re.IGNORECASE))

    def redacted(self, value: JsonValue) -> JsonValue:
        """``value`` without them, down to the keys of objects; the same object where there is none."""
        match value:
            case str():
                found, count = self.pattern.subn(REDACTED, unicodedata.normalize("NFC", value))
                return found if count else value
            case list():
                items = [self.redacted(item) for item in value]
                return items if items != value else value
            case dict():
                pairs = {str(self.redacted(key)): self.redacted(item) for key, item in value.items()}
                return pairs if pairs != value else value
        return value


@dataclass(frozen=True, slots=True)
class Mention:
    """A row that names somebody, and the columns that do, with what they say."""

    model: type[ClubRow]
    row_id: uuid.UUID
    values: Mapping[str, JsonValue]


def find_mentions(session: Session, club_id: uuid.UUID, words: Words) -> Iterator[Mention]:
    """Every row of the club that says one of the words, but for those that say who somebody else is.

    Reads every text that the club has: JSON is written differently by the databases, so none of them can search it.
    """
    for model in club_models():
        names = text_columns(model)
        if not names:
            continue
        query = select(model.id, *(getattr(model, name) for name in names)).where(model.club_id == club_id)
        for row_id, *values in session.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
            said = {name: value for name, value in zip(names, values, strict=True) if words.redacted(value) != value}
            if said:
                yield Mention(model, row_id, said)


def redact_mentions(session: Session, club_id: uuid.UUID, words: Words | None) -> int:
    """Write :data:`REDACTED` in the place of the words; how many rows said them."""
    mentions = list(find_mentions(session, club_id, words)) if words else []
    for mention in mentions:
        # What it says now: somebody may have written it anew since.
        row = session.get(mention.model, mention.row_id, with_for_update=True, populate_existing=True)
        for name in mention.values if row is not None else ():
            redacted = words.redacted(getattr(row, name)) if words else None
            setattr(row, name, _cut(mention.model, name, redacted))
    session.flush()
    return len(mentions)


def club_models() -> list[type[ClubRow]]:
    """All models whose rows belong to a club."""
    classes = (mapper.class_ for mapper in Base.registry.mappers)
    return sorted((model for model in classes if issubclass(model, ClubRow)), key=lambda model: model.__tablename__)


def text_columns(model: type[ClubRow]) -> list[str]:
    """Those in which people, or programs that quote them, write what they want."""
    columns = inspect(model).column_attrs
    kinds = {attribute.key: attribute.columns[0].type for attribute in columns}
    free = (name for name, kind in kinds.items() if isinstance(kind, String | JSON) and not isinstance(kind, Enum))
    return [name for name in free if name not in _NOT_READ.get(model, ())]


def _is_telling(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return len(text.split()) > 1 or "@" in text or digits >= _DIGITS_OF_A_PHONE


def _cut(model: type[ClubRow], name: str, value: JsonValue) -> JsonValue:
    """As long as the column has room for: what replaces a name may be longer than the name."""
    length = getattr(inspect(model).column_attrs[name].columns[0].type, "length", None)
    return value[:length] if isinstance(value, str) else value
