"""Text as people search for it."""

import re
import unicodedata

SPELLED_OUT = {"ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ı": "i"}
"""Letters that a search must spell out for MariaDB, too: it takes them for one letter, or for another."""

MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u3099\u309a"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff"
)
"""Accents, vowel points and joiners that stand as letters of their own in a text: ranges of a regular expression."""

_MARK = re.compile(f"[{MARKS}]")
# Letters without a decomposition in Unicode; ``utf8mb4_unicode_520_ci`` takes them for the plain letter by itself.
_PLAIN = str.maketrans(SPELLED_OUT | {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h"})


def fold(text: str | None) -> str | None:
    """Without case and accents: "Ødegård" and "ODEGARD" are one. Close to MariaDB's ``utf8mb4_unicode_520_ci``."""
    if text is None:
        return None
    decomposed = unicodedata.normalize("NFKD", _MARK.sub("", text))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold().translate(_PLAIN)
