"""Whether the name of a formation agrees with its positions: "4-3-3" has ten outfield players, in three lines."""

import re
from collections.abc import Sequence
from itertools import combinations

from app.core.errors import Unprocessable
from app.services.standard_formations import Slot, formation_slots

_DASHES = re.compile(r"\s*[-‐‑‒–—―−﹘﹣－]\s*")
_LINES = re.compile(r"\d+(?:-\d+)+(?!\d)")
_ONLY_NUMBERS = re.compile(r"[\d-]+")
_OUTFIELD_PLAYERS = 10
_PLAYERS = 11
_ROLES = ("DEF", "MID", "FWD")
_WORDS: dict[str, tuple[str, ...]] = {
    "DEF": ("DEF", "D", "B", "LB", "RB", "CB", "LCB", "RCB", "SW", "FB"),
    "MID": ("MID", "M", "CM", "LCM", "RCM", "CDM", "LDM", "RDM", "DM", "LM", "RM"),
    "FWD": ("FWD", "F", "ST", "LS", "RS", "CF"),
}
# Wing-backs, attacking midfielders and wingers stand between two lines: whoever names the formation counts them.
_BETWEEN: dict[tuple[str, ...], tuple[str, ...]] = {
    ("DEF", "MID"): ("LWB", "RWB", "WB"),
    ("MID", "FWD"): ("AM", "CAM", "LAM", "RAM", "LW", "RW", "LF", "RF", "SS"),
}
_LINES_OF_WORD = {word: {role} for role, words in _WORDS.items() for word in words} | {
    word: set(roles) for roles, words in _BETWEEN.items() for word in words
}


def complete_formation(name: str, slots: Sequence[Slot]) -> Sequence[Slot]:
    """The positions of a formation; those of the shape that its name tells, if none are given.

    Raises:
        Unprocessable: name and positions contradict each other, or are no formation.
    """
    lines = lines_of(name)
    if lines is not None:
        _check_lines(lines)
    if not slots:
        return formation_slots(lines) if lines else slots
    if complaint := _complaint(slots) or (_disagreement(lines, slots) if lines else None):
        raise _wrong("/positions", complaint)
    return slots


def lines_of(name: str) -> list[int] | None:
    """The lines from the back that a name begins with ("4-4-2 diamond", "4 – 3 – 3"); None: it is a free name.

    A name of digits alone has a line for each: 433 is 4-3-3.
    """
    plain = _DASHES.sub("-", name.strip())
    if plain.isdecimal():
        return [int(digit) for digit in plain]
    found = _ONLY_NUMBERS.fullmatch(plain) or _LINES.match(plain)
    return [int(count or 0) for count in found[0].split("-")] if found else None


def _check_lines(lines: Sequence[int]) -> None:
    if sum(lines) != _OUTFIELD_PLAYERS:
        raise _wrong("/name", f"has lines that add up to {sum(lines)} outfield players instead of {_OUTFIELD_PLAYERS}")
    if 0 in lines:
        raise _wrong("/name", "has a line without players")


def _complaint(slots: Sequence[Slot]) -> str | None:
    goalkeepers = sum(_word(slot) == "GK" for slot in slots)
    if goalkeepers > 1:
        return "has more than one goalkeeper"
    if goalkeepers != 1 or len(slots) != _PLAYERS:
        return f"needs a goalkeeper (GK) and {_OUTFIELD_PLAYERS} outfield players"
    spots = [(slot.x, slot.y) for slot in slots]
    return "has two players on the same spot" if len(set(spots)) < len(spots) else None


def _disagreement(lines: list[int], slots: Sequence[Slot]) -> str | None:
    """Whether some lines have not room enough for those who can stand in no other (Hall's marriage theorem)."""
    room = dict(zip(_ROLES, (lines[0], sum(lines[1:-1]), lines[-1]), strict=True))
    possible = [_LINES_OF_WORD.get(_word(slot), set(_ROLES)) for slot in slots if _word(slot) != "GK"]
    for roles in (roles for size in range(1, len(_ROLES)) for roles in combinations(_ROLES, size)):
        players, places = sum(own <= set(roles) for own in possible), sum(room[role] for role in roles)
        if players > places:
            expected = ", ".join(f"{count} {role}" for role, count in room.items())
            return f"has {players} {' and '.join(roles)}, but the name says {expected}"
    return None


def _word(slot: Slot) -> str:
    return slot.position.upper()


def _wrong(pointer: str, why: str) -> Unprocessable:
    subject = "name" if pointer == "/name" else "list of positions"
    return Unprocessable(f"The {subject} {why}.", code="formation_invalid", fields={pointer: why})
