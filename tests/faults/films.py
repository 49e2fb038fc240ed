"""The videos of the faults: tiny, and each with a result of its own."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.servers.media import film_bytes

_SIZE = (96, 64)
CALIBRATION = json.dumps(
    {
        "points": [
            {"pixel": [x * _SIZE[0], y * _SIZE[1]], "pitch": [x * 105, y * 68]}
            for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))
        ]
    }
)
"""A camera right above the pitch, so that everything is measured in metres."""


@dataclass(frozen=True, slots=True)
class Film:
    """``title`` tells the switched engine what it sees."""

    title: str
    content: bytes


def make_films(directory: Path) -> tuple[tuple[Film, ...], Film]:
    """Films with two to five people, and the poisonous one."""
    titles = (*(f"tracks={tracks}" for tracks in range(2, 6)), "poison")
    made = [Film(title, film_bytes(directory / "film.mp4", size=_SIZE, metadata={"title": title})) for title in titles]
    return tuple(made[:-1]), made[-1]
