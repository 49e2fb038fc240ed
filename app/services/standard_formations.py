"""The shapes that every coach knows, given to each new club; among them all that the published client can draw.

Coordinates: x 0 (left) to 1 (right), y 0 (opponent's goal) to 1 (own goal).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.models.base import JsonValue

_GOALKEEPER_Y, _BACK_Y, _FRONT_Y = 0.95, 0.75, 0.15


@dataclass(frozen=True, slots=True)
class Slot:
    position: str
    x: float
    y: float

    def as_json(self) -> dict[str, JsonValue]:
        return {"position": self.position, "x": self.x, "y": self.y}


def _line(position: str, players: int, y: float) -> tuple[Slot, ...]:
    """Players side by side, evenly over the width."""
    return tuple(Slot(position, round((index + 1) / (players + 1), 4), y) for index in range(players))


def _spots(position: str, *spots: tuple[float, float]) -> tuple[Slot, ...]:
    return tuple(Slot(position, x, y) for x, y in spots)


def formation_slots(lines: Sequence[int]) -> tuple[Slot, ...]:
    """Slots of a shape of two or more lines, from the back: 4, 2, 3, 1 for example."""
    words = ["DEF", *["MID"] * (len(lines) - 2), "FWD"]
    depths = [_BACK_Y - (_BACK_Y - _FRONT_Y) * index / (len(lines) - 1) for index in range(len(lines))]
    outfield = [
        slot for word, count, y in zip(words, lines, depths, strict=True) for slot in _line(word, count, round(y, 4))
    ]
    return (Slot("GK", 0.5, _GOALKEEPER_Y), *outfield)


def _four_at_the_back(midfield: Sequence[Slot]) -> tuple[Slot, ...]:
    """Four defenders, two forwards, and a midfield that does not stand in evenly spread lines."""
    back, front = _line("DEF", 4, _BACK_Y), _line("FWD", 2, _FRONT_Y)
    return (Slot("GK", 0.5, _GOALKEEPER_Y), *back, *midfield, *front)


_BY_LINES = (
    *("4-4-2", "4-3-3", "4-2-3-1", "3-5-2", "3-4-3", "5-3-2", "4-5-1", "4-1-4-1"),
    *("4-2-4", "4-4-1-1", "5-4-1", "3-2-2-3", "3-3-1-3"),
)

STANDARD_FORMATIONS: dict[str, tuple[Slot, ...]] = {
    **{name: formation_slots([int(count) for count in name.split("-")]) for name in _BY_LINES},
    "4-2-2-2 (Narrow)": _four_at_the_back(_spots("MID", (0.4, 0.55), (0.6, 0.55), (0.35, 0.35), (0.65, 0.35))),
    # Two who hold the middle, and two behind the forwards who come from the wings.
    "4-2-2-2 (Brazil)": _four_at_the_back(_spots("MID", (0.35, 0.55), (0.65, 0.55), (0.15, 0.35), (0.85, 0.35))),
    "4-4-2 Diamond": _four_at_the_back(_spots("MID", (0.5, 0.6), (0.25, 0.45), (0.75, 0.45), (0.5, 0.3))),
}
