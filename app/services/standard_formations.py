"""The shapes that every coach knows, given to each new club.

Coordinates: x 0 (left) to 1 (right), y 0 (opponent's goal) to 1 (own goal).
"""

from dataclasses import dataclass

from app.models.base import JsonValue


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


def _formation(name: str) -> tuple[Slot, ...]:
    """Slots of a shape that is named by its lines from the back, "4-2-3-1" for example."""
    lines = [int(count) for count in name.split("-")]
    words = ["DEF", *["MID"] * (len(lines) - 2), "FWD"]
    depths = [0.75 - 0.6 * index / (len(lines) - 1) for index in range(len(lines))]
    outfield = [
        slot for word, count, y in zip(words, lines, depths, strict=True) for slot in _line(word, count, round(y, 4))
    ]
    return (Slot("GK", 0.5, 0.95), *outfield)


STANDARD_FORMATIONS: dict[str, tuple[Slot, ...]] = {
    name: _formation(name) for name in ("4-4-2", "4-3-3", "4-2-3-1", "3-5-2", "3-4-3", "5-3-2", "4-5-1", "4-1-4-1")
}
