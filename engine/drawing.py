"""What an analysis found, drawn into a picture."""

from collections.abc import Mapping, Sequence

import cv2

from engine.results import Kind
from engine.row_store import Row
from engine.tracking.stitching import Link
from engine.video import Frame, Picture

_COLOURS = {"A": (0, 215, 255), "B": (255, 110, 20), "other": (255, 0, 255), "": (170, 170, 170)}  # blue, green, red
_BALL = (60, 60, 255)
_INK, _PAPER = (255, 255, 255), (0, 0, 0)


def name_people(links: Sequence[Link]) -> dict[str, str]:
    """The number of the first track of a person, for each later one: what figures of the person are told under."""
    before = {str(link.to_track): str(link.from_track) for link in links}
    people = {}
    for track in before:
        first = track
        while first in before:
            first = before[first]
        people[track] = first
    return people


class Drawing:
    """Draws into pictures of one size. ``per_px``: picture pixels per video pixel; ``people`` as of
    :func:`name_people`."""

    def __init__(self, per_px: float, people: Mapping[str, str], duration_s: float) -> None:
        self._per_px, self._people, self._duration_s = per_px, people, duration_s

    def draw(self, frame: Frame, rows: Mapping[Kind, Sequence[Row]]) -> None:
        for row in rows[Kind.PLAYERS]:
            self._draw_person(frame.picture, row)
        for row in rows[Kind.BALL]:
            self._draw_ball(frame.picture, row)
        self._draw_time(frame)

    def _draw_person(self, picture: Picture, row: Row) -> None:
        left, top, width, height = (float(row[name]) * self._per_px for name in ("box_x", "box_y", "box_w", "box_h"))
        colour = _COLOURS.get(row["team"], _COLOURS[""])
        corner, opposite = (round(left), round(top)), (round(left + width), round(top + height))
        cv2.rectangle(picture, corner, opposite, colour, 1, cv2.LINE_AA)
        mark = {"goalkeeper": "G", "referee": "R"}.get(row["class"], "")
        number = self._people.get(row["track"], row["track"])
        _write(picture, number + mark, (corner[0], max(10, corner[1] - 3)))

    def _draw_ball(self, picture: Picture, row: Row) -> None:
        centre = round(float(row["x_px"]) * self._per_px), round(float(row["y_px"]) * self._per_px)
        cv2.circle(picture, centre, 9, _BALL, 1 if row["interpolated"] == "1" else 2, cv2.LINE_AA)

    def _draw_time(self, frame: Frame) -> None:
        height, width = frame.picture.shape[:2]
        share = min(1.0, frame.time_s / self._duration_s) if self._duration_s > 0 else 0.0
        cv2.rectangle(frame.picture, (0, height - 4), (round(share * width), height), _INK, cv2.FILLED)
        minutes, seconds = divmod(frame.time_s, 60)
        _write(frame.picture, f"{int(minutes)}:{seconds:04.1f}  frame {frame.number}", (6, height - 10))


def _write(picture: Picture, text: str, place: tuple[int, int]) -> None:
    """Legible on any ground."""
    for ink, thickness in ((_PAPER, 3), (_INK, 1)):
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, ink, thickness, cv2.LINE_AA)
