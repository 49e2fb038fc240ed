"""What is wrong with a body that cannot be read at all, in a sentence."""

import re

from starlette.datastructures import Headers

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)


def wrong_media_type(headers: Headers) -> str:
    """Of a body that came as something else than JSON."""
    kind = headers.get("content-type", "").partition(";")[0].strip()
    return f"Send the body as application/json, not as {kind if _MEDIA_TYPE.fullmatch(kind) else 'another type'}."


def broken_json(text: str, position: int, why: str) -> str:
    """
    Args:
        position: index of the letter in ``text`` at which reading ended.
        why: as :class:`json.JSONDecodeError` has it.
    """
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    reason = why[:1].lower() + why[1:].removesuffix(" at")
    return f"The body is not valid JSON: {reason} at line {line}, column {column}."


def unreadable_json(cause: BaseException | None) -> str | None:
    """Of a body that is no text, or too much for the parser; None: it is something else that went wrong."""
    match cause:
        case UnicodeDecodeError(start=position):
            return f"The body is not valid UTF-8: byte {position + 1} does not belong there."
        case RecursionError():
            return "The body is nested too deeply."
        case ValueError():
            return "The body has a number of too many digits."
        case _:
            return None
