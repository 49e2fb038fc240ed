"""What the published mobile client sends and reads in other words than the API: a type or a mixin for each.

``docs/published-client.md`` says which of its calls needs what. A mixin adds keys to an answer, or reads another
spelling of a request; what the keys of the API itself mean is untouched.
"""

import re
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
    computed_field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.models import Foot
from app.models.base import in_utc

# Years in which both databases can keep the moment, whatever its zone.
_DAY = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_ZONE = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?"
_WALL_CLOCK = f"{_DAY}T{_TIME}{_ZONE}"

_TRANSLATED_FEET = {"gauche": Foot.LEFT, "droit": Foot.RIGHT, "يسرى": Foot.LEFT, "يمنى": Foot.RIGHT}


def wall_clock_text(moment: datetime) -> str:
    """UTC without its ``Z``, spelled as Dart spells a time without zone."""
    naive = in_utc(moment).replace(tzinfo=None)
    return naive.isoformat(timespec="microseconds" if naive.microsecond % 1000 else "milliseconds")


def utc_if_naive(text: str) -> str:
    """A time without zone gets the zone UTC, so that the same wall clock comes back; anything else stays as it is."""
    return f"{text}Z" if re.fullmatch(f"{_DAY}T{_TIME}", text) else text


def _read_wall_clock(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(_WALL_CLOCK, value):
        raise PydanticCustomError("wall_clock", "should be a time such as 2026-11-15T18:30:00")
    return utc_if_naive(value)


WallClock = Annotated[
    datetime,
    BeforeValidator(_read_wall_clock),
    PlainSerializer(wall_clock_text, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_WALL_CLOCK}$",
            "description": "The clock at the place of the event, without zone; it comes back as it was sent. "
            "A time with a zone is turned into UTC.",
            "examples": ["2026-11-15T18:30:00.000"],
        }
    ),
]
"""A time without zone, kept as if it were UTC."""


def _translate_foot(value: object) -> object:
    return _TRANSLATED_FEET.get(value, value) if isinstance(value, str) else value


def _foot_or_null(value: object) -> object:
    foot = _translate_foot(value)
    return foot if not isinstance(foot, str) or foot in set(Foot) else None


FootWord = Annotated[
    Foot,
    BeforeValidator(
        _translate_foot, json_schema_input_type=Literal["left", "right", "both", "gauche", "droit", "يسرى", "يمنى"]
    ),
    Field(description="The French and Arabic words are read as `left` and `right`."),
]
FootOfForm = Annotated[
    Foot | None,
    BeforeValidator(_foot_or_null, json_schema_input_type=str | None),
    Field(
        description="`left`, `right` or `both`, or the word for it in French (`gauche`, `droit`) or Arabic (`يسرى`, "
        "`يمنى`). Another word counts as not given: the client's form sends words of the language that it is shown in."
    ),
]
"""For whole players, of whom one word too many must not cost the rest."""


class NamesAnalysis(BaseModel):
    """The client calls a job an analysis."""

    if TYPE_CHECKING:
        job_id: uuid.UUID

    @computed_field(description="The same as `job_id`.")  # type: ignore[prop-decorator]
    @property
    def analysis_id(self) -> uuid.UUID:
        return self.job_id


class NamesOwner(BaseModel):
    """What the client wants to read about its user."""

    if TYPE_CHECKING:
        last_login_at: datetime | None

    @computed_field(  # type: ignore[prop-decorator]
        description="Always empty: the hash never leaves the server. Old clients log out where no text is."
    )
    @property
    def password_hash(self) -> str:
        return ""

    @computed_field(description="The same as `last_login_at`.")  # type: ignore[prop-decorator]
    @property
    def last_login(self) -> datetime | None:
        return self.last_login_at


class NamesReport(BaseModel):
    """The client reads the keys of a report in camel case."""

    if TYPE_CHECKING:
        match_id: uuid.UUID
        report_type: str
        created_at: datetime

    @computed_field(description="The same as `match_id`.")  # type: ignore[prop-decorator]
    @property
    def matchId(self) -> uuid.UUID:  # noqa: N802
        return self.match_id

    @computed_field(description="The same as `report_type`.")  # type: ignore[prop-decorator]
    @property
    def reportType(self) -> str:  # noqa: N802
        return self.report_type

    @computed_field(description="The same as `created_at`.")  # type: ignore[prop-decorator]
    @property
    def generatedAt(self) -> datetime:  # noqa: N802
        return self.created_at


class NamesKickOff(BaseModel):
    """The client calls a competition an event, and knows no time zones."""

    if TYPE_CHECKING:
        match_date: datetime
        competition_id: uuid.UUID | None
        competition_name: str | None

    @computed_field(description="`match_date` in UTC, without zone.")  # type: ignore[prop-decorator]
    @property
    def date_time(self) -> str:
        return wall_clock_text(self.match_date)

    @computed_field(description="The same as `competition_id`.")  # type: ignore[prop-decorator]
    @property
    def event_id(self) -> uuid.UUID | None:
        return self.competition_id

    @computed_field(description="The same as `competition_name`.")  # type: ignore[prop-decorator]
    @property
    def event_name(self) -> str | None:
        return self.competition_name


class ReadsKickOff(BaseModel):
    """``date_time`` and ``event_id`` are read where ``match_date`` and ``competition_id`` are left out."""

    @model_validator(mode="before")
    @classmethod
    def _translate_kick_off(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        kick_off, event_id = body.get("date_time"), body.get("event_id")
        translated: dict[str, Any] = {"match_date": utc_if_naive(kick_off)} if isinstance(kick_off, str) else {}
        return translated | ({} if event_id is None else {"competition_id": event_id}) | body


class NamesPlaceInVideo(BaseModel):
    """The client reads where in the video, and where on the pitch, something happened."""

    if TYPE_CHECKING:
        video_time_s: float | None
        x_m: float | None
        y_m: float | None

    @computed_field(description="The same as `video_time_s`.")  # type: ignore[prop-decorator]
    @property
    def video_timestamp(self) -> float | None:
        return self.video_time_s

    @computed_field(description="`x_m` and `y_m`, with a comma between them.")  # type: ignore[prop-decorator]
    @property
    def coordinates(self) -> str | None:
        return None if self.x_m is None or self.y_m is None else f"{self.x_m:g},{self.y_m:g}"
