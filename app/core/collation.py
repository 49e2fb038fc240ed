"""Order and search of names on SQLite, close to MariaDB's ``utf8mb4_unicode_520_ci`` (Unicode collation of 5.2).

Signs come before digits, digits before letters; Latin, Greek and Cyrillic letters in the order of their alphabets,
whatever their case and accents; other letters by their code points; Han, Hangul and newer emoji last.
"""

import unicodedata
from functools import lru_cache

from app.core.text import SPELLED_OUT, fold

_SIGNS = " `^_-‐–—,;:!¡?¿.·'‘’‚‹›\"“”„«»()[]{}§¶©®@*/\\&#%‰†‡•°+±÷×<=>¬|¦~"
_OTHER_SIGN = "\x60"
_CURRENCIES = "¤¢$£¥€"
_DIGITS = "0123456789"
_ALPHABET = (
    "abcdeǝəfgǥhijklmnŋoɔpqrstuvwxyzʒþʼ"
    "αβγδεζηθικλμνξοπρστυφχψω"
    "аәӕбвгғҕдђѓҙеєжҗзѕӡиҋіїйјкқҡҟҝлљмнңҥњоөпҧрсҫтҭћќуўүұфхҳһцҵчҷҹҽҿџшщъыьҍѣэюяѫѳѵҩ"
)
_OTHER_LETTER, _BEYOND = "\u01f0", "\u01f1"
_ATOMS = 0x80000  # no letter is there: what is made of one letter contains no other
_HAN, _HANGUL = range(0x3400, 0xA000), range(0xAC00, 0xD7A4)
_SMALL_CHEROKEE = range(0xAB70, 0xABC0)  # newer than 5.2, which has these letters in one size only

_PLACES = {
    letter: chr(first + rank)
    for first, letters in ((0x01, _SIGNS), (0x61, _CURRENCIES), (0x70, _DIGITS), (0x80, _ALPHABET))
    for rank, letter in enumerate(letters)
}
# Letters of their own, although Unicode composes them of others.
_UNDIVIDED = {"й", "ї", "ѓ", "ќ", "ў", *map(chr, _HANGUL)}
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def collated(text: str | None) -> str | None:
    """What ``text`` is to be sorted by: the same for texts that differ in case and accents only."""
    return None if text is None else "".join(map(_places, unicodedata.normalize("NFC", text)))


def searchable(text: str | None) -> str | None:
    """What ``text`` is to be searched in, and searched for.

    Made letter by letter, so that it contains what is made of any part of ``text``. A letter that is sorted as several,
    such as "ﬁ" or "½", is found as itself only: MariaDB's LIKE compares letter with letter.
    """
    return None if text is None else "".join(map(_sought, unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=4096)
def _sought(letter: str) -> str:
    places = _places(letter)
    is_several = len(fold(letter) or "") > 1 and letter not in SPELLED_OUT and letter.lower() not in _UNDIVIDED
    return f"{_BEYOND}{''.join(chr(_ATOMS + ord(place)) for place in places)}{_BEYOND}" if is_several else places


@lru_cache(maxsize=4096)
def _places(letter: str) -> str:
    if ord(letter) in _SMALL_CHEROKEE:
        return _place(letter)
    lower = letter.lower()
    return "".join(map(_place, lower if lower in _UNDIVIDED else (fold(letter) or "").translate(_HIRAGANA)))


def _place(letter: str) -> str:
    if letter in _PLACES:
        return _PLACES[letter]
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return _PLACES[str(digit)]
    return _class_of(letter) + letter


def _class_of(letter: str) -> str:
    code = ord(letter)
    if code > 0xFFFF or code in _HAN or code in _HANGUL or code in _SMALL_CHEROKEE:
        return _BEYOND
    return _OTHER_LETTER if unicodedata.category(letter)[0] in "LM" else _OTHER_SIGN
