"""Networks of the YOLO family as Ultralytics exports them to ONNX, without suppression of doubles inside.

The input is (1, 3, H, W), red, green, blue from 0 to 1, the picture in the middle of a grey frame. The answer is
(1, 4 + C, N): middle, width and height in pixels of the input, then a confidence for each of C classes. The metadata
``names`` tell what the classes are. Format: https://docs.ultralytics.com/modes/export
"""

import ast
from collections.abc import Container, Mapping

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from engine.kinds import PEOPLE, Kind
from engine.networks.found import Found, drop_doubles
from engine.video import Picture

FloatArray = NDArray[np.float64]

_GREY = (114, 114, 114)
_USUAL_SIDE = 640  # of the input of a network that takes any size
_KIND_OF_NAME = {
    "ball": Kind.BALL, "football": Kind.BALL, "soccer ball": Kind.BALL, "sports ball": Kind.BALL,
    "goalkeeper": Kind.GOALKEEPER, "person": Kind.PLAYER, "player": Kind.PLAYER, "referee": Kind.REFEREE,
}  # fmt: skip


class UnknownClasses(Exception):
    """The metadata name no class that has to do with people or a ball."""


class YoloNetwork:
    """Reads boxes. Several threads may use it at a time.

    Raises:
        UnknownClasses: as the name says.
    """

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._input = session.get_inputs()[0]
        self._kinds = _read_kinds(session.get_modelmeta().custom_metadata_map)
        height, width = (side if isinstance(side, int) else _USUAL_SIDE for side in self._input.shape[2:])
        self._size = width, height

    def find(self, picture: Picture, *, least: float, body_px: float | None = None) -> Found:
        """``body_px`` is of no use: how large a picture may be is set in the file."""
        factor = min(self._size[0] / picture.shape[1], self._size[1] / picture.shape[0])
        fitting, corner = _frame(picture, self._size, factor)
        blob = cv2.dnn.blobFromImage(fitting, scalefactor=1 / 255, swapRB=True)
        (answer,) = self._session.run(None, {self._input.name: blob})
        rows = answer[0].T.astype(np.float64)
        middles = (rows[:, :2] - corner) / factor
        inside = ((middles >= 0) & (middles < picture.shape[1::-1])).all(axis=1)  # not in the grey around it
        rows, middles = rows[inside], middles[inside]
        sizes = rows[:, 2:4] / factor
        boxes = np.concatenate([middles - sizes / 2, middles + sizes / 2], axis=1)
        chances = {kind: rows[:, 4 + columns].max(axis=1) for kind, columns in self._kinds.items()}
        return _read(boxes, chances, least)


def _frame(picture: Picture, size: tuple[int, int], factor: float) -> tuple[Picture, FloatArray]:
    """The picture in a frame of ``size`` (width, height), and where its corner lies there (2,)."""
    inner = round(picture.shape[1] * factor), round(picture.shape[0] * factor)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    shrunk = cv2.resize(picture, inner, interpolation=cv2.INTER_LINEAR)
    framed = cv2.copyMakeBorder(
        shrunk, top, size[1] - inner[1] - top, left, size[0] - inner[0] - left, cv2.BORDER_CONSTANT, value=_GREY
    )
    return np.asarray(framed, dtype=np.uint8), np.array([left, top], dtype=np.float64)


def _read(boxes: FloatArray, chances: Mapping[Kind, FloatArray], least: float) -> Found:
    nowhere = np.zeros(len(boxes))
    by_kind = np.array([chances.get(kind, nowhere) for kind in PEOPLE])
    people, balls = by_kind.max(axis=0), chances.get(Kind.BALL, nowhere)
    sure, ball = np.flatnonzero(people >= least), np.flatnonzero(balls >= least)
    sure = sure[drop_doubles(boxes[sure], people[sure])]
    ball = ball[drop_doubles(boxes[ball], balls[ball])]
    shares = _share_out(by_kind[:, sure].T, chances)
    return Found(boxes[sure], people[sure], shares, (boxes[ball, :2] + boxes[ball, 2:]) / 2, balls[ball])


def _share_out(by_kind: FloatArray, known: Container[Kind]) -> FloatArray:
    """Chances (N, 3) of each kind; all the same where the network knows people only, and so has no opinion."""
    if Kind.GOALKEEPER not in known and Kind.REFEREE not in known:
        return np.full_like(by_kind, 1 / len(PEOPLE))
    return np.asarray(by_kind / np.maximum(by_kind.sum(axis=1, keepdims=True), 1e-9), dtype=np.float64)


def _read_kinds(metadata: Mapping[str, str]) -> dict[Kind, NDArray[np.int64]]:
    """The numbers of the classes of each kind."""
    try:
        names = ast.literal_eval(metadata.get("names", "{}"))
    except (SyntaxError, ValueError):
        names = {}
    numbers: dict[Kind, list[int]] = {}
    for number, name in names.items() if isinstance(names, dict) else ():
        kind = _KIND_OF_NAME.get(str(name).casefold())
        if kind is not None and isinstance(number, int):
            numbers.setdefault(kind, []).append(number)
    if not numbers:
        raise UnknownClasses
    return {kind: np.array(found, dtype=np.int64) for kind, found in numbers.items()}
