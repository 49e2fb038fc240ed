import re
import uuid
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.models import Foot, Position
from app.models.base import utc_now
from app.schemas.fields import JSON_NUMBER, Body, Name, OptionalText, Patch, unchanged
from app.schemas.published_client import FootOfForm, FootWord
from app.schemas.spelling import Spelling

# Least and most.
JERSEY_NUMBERS = (1, 99)
HEIGHTS_CM = (100, 250)
WEIGHTS_KG = (30, 200)

_EARLIEST_BIRTH = date(1900, 1, 1)
# A phone that knows only moments sends the midnight at which a day begins.
_DAY = re.compile(r"\d{4}-\d\d-\d\d(T00:00:00(\.0+)?Z?)?", re.ASCII)


def _calendar_day(value: object) -> object:
    """Pydantic alone would also take numbers, as seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("day", "should be a date such as 2000-05-31")


def _plausible_birth(day: date) -> date:
    if not _EARLIEST_BIRTH <= day <= utc_now().date():
        raise PydanticCustomError("birth_date", "should be between 1900-01-01 and today")
    return day


JerseyNumber = Annotated[
    int,
    Field(ge=JERSEY_NUMBERS[0], le=JERSEY_NUMBERS[1], description="A number is worn once in a team."),
    JSON_NUMBER,
]
BirthDate = Annotated[
    date,
    AfterValidator(_plausible_birth),
    BeforeValidator(_calendar_day),
    Field(description="Between 1900-01-01 and today."),
]
HeightCm = Annotated[int, Field(ge=HEIGHTS_CM[0], le=HEIGHTS_CM[1], description="Centimetres."), JSON_NUMBER]
WeightKg = Annotated[int, Field(ge=WEIGHTS_KG[0], le=WEIGHTS_KG[1], description="Kilograms."), JSON_NUMBER]
CountryCode = Annotated[
    Annotated[str, Spelling("[A-Za-z]{2}", "two letters, such as BR"), AfterValidator(str.upper)] | None,
    Field(description="ISO 3166-1 alpha-2; small letters are read as capitals."),
]
MarketValue = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False), JSON_NUMBER]


class PlayerFields(Body):
    """What is known about a player beside the name."""

    team_id: uuid.UUID | None = None
    position: Position | None = None
    jersey_number: JerseyNumber | None = None
    birth_date: BirthDate | None = None
    dominant_foot: FootWord | None = None
    height_cm: HeightCm | None = None
    weight_kg: WeightKg | None = None
    nationality: OptionalText = None
    country_code: CountryCode = None
    market_value: MarketValue | None = None


class PlayerCreate(PlayerFields):
    """A player to add."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Ada Marinho",
                    "position": "MID",
                    "jersey_number": 8,
                    "birth_date": "2001-05-17",
                    "dominant_foot": "left",
                    "height_cm": 172,
                    "weight_kg": 64,
                    "nationality": "Brazil",
                    "country_code": "BR",
                    "market_value": 1500000.0,
                }
            ]
        }
    )

    name: Name
    dominant_foot: FootOfForm = None
    club_id: uuid.UUID | None = Field(default=None, description="null: the club of the team, or your active club.")


class PlayerPatch(PlayerFields, Patch):
    """What to change about a player."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"jersey_number": 10, "weight_kg": 66}]})

    name: Name = unchanged()


class PlayerRead(BaseModel):
    """A player, of a team or of none."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    team_id: uuid.UUID | None
    name: str
    position: Position | None
    jersey_number: int | None
    birth_date: date | None
    dominant_foot: Foot | None
    height_cm: int | None = Field(description="Centimetres.")
    weight_kg: int | None = Field(description="Kilograms.")
    nationality: str | None
    country_code: str | None = Field(description="ISO 3166-1 alpha-2.")
    market_value: float | None
    image_url: str | None = Field(description="Path on this server; readable without a token.")
    created_at: datetime
    updated_at: datetime
