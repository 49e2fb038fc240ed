"""Pictures in which people have labelled people and balls."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.kinds import PEOPLE, Kind
from engine.video import Picture, read_facts, read_frames

FloatArray = NDArray[np.float64]

WIDE_FEED_SIZE = (1920, 1080)


_KIND_OF_CLASS = {"0": Kind.BALL, "1": Kind.GOALKEEPER, "2": Kind.PLAYER, "3": Kind.REFEREE}


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """``size`` (width, height) is how the camera saw it, however what ``load`` returns is stretched.

    ``boxes`` has (N, 4) of x_min, y_min, x_max, y_max in pixels of that size for each kind that was labelled.
    """

    load: Callable[[], Picture]
    match: str
    size: tuple[int, int]
    boxes: dict[Kind, FloatArray]

    def read(self, size: tuple[int, int]) -> Picture:
        """The picture at ``size`` (width, height).

        Raises:
            OSError: the file is no picture.
        """
        return np.asarray(cv2.resize(self.load(), size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def read_wide_feed(root: Path) -> list[LabelledPicture]:
    """The frames below ``root``/images with their YOLO labels, in the order of their names.

    They were stretched to a square; a name begins with the number of the match.
    """
    return [
        LabelledPicture(
            partial(load_picture, path),
            path.name.split("_")[0],
            WIDE_FEED_SIZE,
            _read_yolo(_labels_of(path), WIDE_FEED_SIZE),
        )
        for path in sorted((root / "images").glob("*.jpg"))
    ]


def read_clip(labels: Path, video: Path) -> Iterator[LabelledPicture]:
    """The frames of ``video`` that are labelled in ``labels``, one of the files of ``clip_labels``. Balls are not.

    Boxes were proposed by an early network and mended by hand; feet may stick out by a pixel or two.
    """
    content = json.loads(labels.read_text())
    size, facts = (content["size"][0], content["size"][1]), read_facts(video)
    for frame in read_frames(video, facts):
        found = content["frames"].get(str(frame.number))
        if found is not None:
            boxes = {kind: np.array(found.get(kind, [])).reshape(-1, 4) for kind in PEOPLE}
            yield LabelledPicture(partial(_same, frame.picture), video.stem, size, boxes)


def load_picture(path: Path) -> Picture:
    """
    Raises:
        OSError: the file is no picture.
    """
    stored = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if stored is None:
        raise OSError(f"{path} is no picture.")
    return np.asarray(stored, dtype=np.uint8)


def _same(picture: Picture) -> Picture:
    return picture


def _labels_of(picture: Path) -> Path:
    return picture.parents[1] / "labels" / f"{picture.stem}.txt"


def _read_yolo(path: Path, size: tuple[int, int]) -> dict[Kind, FloatArray]:
    found: dict[Kind, list[list[float]]] = {kind: [] for kind in Kind}
    for number, values in _lines_of(path):
        x, y, width, height = values
        found[_KIND_OF_CLASS[number]].append([x - width / 2, y - height / 2, x + width / 2, y + height / 2])
    return {kind: np.array(boxes).reshape(-1, 4) * np.array([*size, *size]) for kind, boxes in found.items()}


def _lines_of(path: Path) -> Iterator[tuple[str, list[float]]]:
    for line in path.read_text().splitlines():
        number, *values = line.split()
        yield number, [float(value) for value in values]
