"""How texts may be written: rules that the document states as patterns, and that people are told as sentences."""

import re
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

# Control characters, separators of lines and paragraphs, and marks that turn the direction of what follows: a name with
# them breaks the line that it is printed in, or shows another name than it is.
_CONTROLS = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"
# Spaces, joiners, fillers: parts of a name, but none to see. The document names those that ECMAScript can write there.
_UNSEEN = (
    r"\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\u206a-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
)
_VISIBLE = f"[^{_CONTROLS}]*[^{_CONTROLS}{_UNSEEN}][^{_CONTROLS}]*"
_CONTROL = re.compile(f"[{_CONTROLS}\ud800-\udfff]")  # with halves of letters, which no schema can name
_SEEN = re.compile(f"[^{_CONTROLS}{_UNSEEN}\U000e0000-\U000e0fff]")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text that matches ``pattern`` as a whole. Pydantic's own would show people the pattern.

    ``expected`` completes the sentence "should be ...".
    """

    pattern: str
    expected: str

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(schema) | {"pattern": f"^{self.pattern}$"}

    def _check(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise PydanticCustomError("spelling", "should be {expected}", {"expected": self.expected})
        return text


@dataclass(frozen=True, slots=True)
class OneLine:
    """A text of one line: blank, or with something to see; nothing is hidden in it that changes what people read.

    Every script and every emoji is welcome. Blanks at the ends are taken off, but count for the length: as long as the
    document says is what is sent.
    """

    longest: int
    pattern: str = f"^( *|{_VISIBLE})$"
    shortest: int = 0

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        stripped = core_schema.no_info_after_validator_function(str.strip, handler(source))
        return core_schema.no_info_before_validator_function(self._check, stripped)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        shortest = {"minLength": self.shortest} if self.shortest else {}
        return handler(schema) | {"maxLength": self.longest, "pattern": self.pattern} | shortest

    def _check(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        if len(value) > self.longest:
            raise PydanticCustomError("too_long", "should have at most {longest} characters", {"longest": self.longest})
        if _CONTROL.search(value):
            raise PydanticCustomError(
                "control_character", "should have no line breaks, control characters or marks of the writing direction"
            )
        if not _SEEN.search(value) and (self.shortest or value.strip(" ")):
            raise PydanticCustomError("invisible", "should have at least one character that can be seen")
        return value


@dataclass(frozen=True, slots=True)
class VisibleLine(OneLine):
    """Like :class:`OneLine`, but never blank."""

    pattern: str = f"^{_VISIBLE}$"
    shortest: int = 1
