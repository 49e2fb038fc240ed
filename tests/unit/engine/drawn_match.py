"""A drawn match: green pitch, white lines, people of two colours whose places are known."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 360
PERSON_PX = 40
GRASS = (60, 120, 70)  # blue, green, red
STAND = (90, 90, 95)
STAND_ROWS = 60
BLUE, WHITE, BLACK, YELLOW = (200, 60, 20), (235, 235, 235), (25, 25, 25), (30, 220, 235)
SKIN = (120, 150, 190)


@dataclass(frozen=True)
class Figure:
    """A person at ``start`` (foot point, pixels) who moves by ``step`` pixels per frame."""

    start: tuple[float, float]
    shirt: tuple[int, int, int]
    step: tuple[float, float] = (0.0, 0.0)

    def foot(self, frame: int) -> tuple[float, float]:
        return self.start[0] + self.step[0] * frame, self.start[1] + self.step[1] * frame


def draw_pitch(*, lines: bool = True) -> Picture:
    """A stand above, grass with some noise below, a halfway line and a touchline."""
    picture = np.full((HEIGHT, WIDTH, 3), GRASS, np.uint8)
    noise = np.random.default_rng(7).normal(0, 3, (HEIGHT, WIDTH, 1))
    picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    picture[:STAND_ROWS] = STAND
    if lines:
        cv2.line(picture, (WIDTH // 2, STAND_ROWS), (WIDTH // 2 + 40, HEIGHT), (230, 230, 230), 3)
        cv2.line(picture, (0, STAND_ROWS + 12), (WIDTH, STAND_ROWS + 12), (230, 230, 230), 3)
    return picture


def draw_person(picture: Picture, foot: tuple[float, float], shirt: tuple[int, int, int]) -> None:
    x, y = round(foot[0]), round(foot[1])
    unit = PERSON_PX / 20
    cv2.rectangle(picture, (int(x - 3 * unit), int(y - 9 * unit)), (int(x - unit), y - 1), shirt, -1)
    cv2.rectangle(picture, (int(x + unit), int(y - 9 * unit)), (int(x + 3 * unit), y - 1), shirt, -1)
    cv2.rectangle(picture, (int(x - 3 * unit), int(y - 17 * unit)), (int(x + 3 * unit), int(y - 8 * unit)), shirt, -1)
    cv2.circle(picture, (x, int(y - 18 * unit)), int(2 * unit), SKIN, -1)


def draw_frames(figures: list[Figure], count: int, *, lines: bool = True) -> Iterator[Picture]:
    empty = draw_pitch(lines=lines)
    for frame in range(count):
        picture = empty.copy()
        for figure in sorted(figures, key=lambda one: one.foot(frame)[1]):
            draw_person(picture, figure.foot(frame), figure.shirt)
        yield picture
