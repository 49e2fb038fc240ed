"""The letters of a file that a spreadsheet saved as CSV: UTF-8, UTF-16, or Windows' code page of Western Europe.

A file in a code page does not say in which. Where the code pages of Europe's Latin letters differ, a name would be read
wrongly without a sign of it ("Łukasz Č" as "£ukasz È"), so the file is refused, unless only one reading can be right.
"""

import re

from app.core.errors import Unprocessable

_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ZIP_MARK = b"PK\x03\x04"
_WESTERN = "cp1252"
_OTHERS = ("cp1250", "cp1254")  # Central Europe; Turkey

_VOWEL = "[aeiouyáéíóúäëïöüåæø]"
_CONSONANT = "[b-df-hj-np-tv-xzß]"
# Letters that differ, where Central Europe has none in this place: a long "ĺ" stands in few Slovak words, "ń" before no
# vowel, "ř" and "ć" between no two consonants, "ă" before no "o" or "e", nor "ő" before an "e".
_CERTAIN = re.compile(
    rf"å|ñ(?={_VOWEL})|(?<!{_VOWEL})ø(?={_CONSONANT})|(?<={_CONSONANT})æ(?={_CONSONANT})|ã(?=[oe])|õ(?=e)",
    re.IGNORECASE,
)


def read_text(content: bytes) -> str:
    """
    Raises:
        Unprocessable: it is no text, or one of which the letters are not certain.
    """
    if content.startswith(_ZIP_MARK):
        raise unusable("The file is a workbook, not CSV: save it as CSV first")
    for encoding in ("utf-16",) if content.startswith(_UTF_16_MARKS) else ("utf-8-sig", _WESTERN):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == _WESTERN and _is_uncertain(text):
            break
        return text
    raise unusable('The letters of the file cannot be read: save it as CSV in UTF-8 ("CSV UTF-8" in Excel)')


def unusable(what: str) -> Unprocessable:
    return Unprocessable(f"{what}.", code="squad_file_unusable")


def _is_uncertain(text: str) -> bool:
    return any(_differs(letter) for letter in set(_CERTAIN.sub("", text)))


def _differs(letter: str) -> bool:
    byte = letter.encode(_WESTERN)
    return any(byte.decode(other, errors="replace") != letter for other in _OTHERS)
