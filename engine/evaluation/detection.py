"""Detection, picture by picture: people by the overlap of boxes, the ball by the distance of centres."""

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from engine.detection import DEFAULT_CONFIDENCE
from engine.evaluation.labels import LabelledPicture
from engine.evaluation.scores import Counts, count_boxes, count_points
from engine.kinds import PEOPLE, Kind
from engine.line_pieces import are_pieces_of_lines
from engine.networks.found import likeliest_kinds
from engine.networks.opening import open_network
from engine.off_pitch import are_on_pitch
from engine.outfits import measure_outfits
from engine.registration.registrar import Registrar
from engine.roles import RoleTeller
from engine.scene import describe_still
from engine.tracking.tracker import CONFIDENT
from engine.video import Picture, VideoFacts

FloatArray = NDArray[np.float64]

BALL_TOLERANCE = 10 / 1080
"""How far the centre of a ball may be off, in heights of the picture: 10 px at 1080p."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a detector stands by: ``people`` (N, 4) by kind, and ``balls`` (M, 2), in picture pixels."""

    people: dict[Kind, FloatArray]
    balls: FloatArray


Detect = Callable[[Picture], Found]


@dataclass(slots=True)
class DetectionScore:
    """Over some pictures: people of any kind, each kind, and the ball."""

    pictures: int = 0
    people: Counts = field(default_factory=Counts)
    kinds: dict[Kind, Counts] = field(default_factory=lambda: dict.fromkeys(PEOPLE, Counts()))
    ball: Counts = field(default_factory=Counts)

    def add(self, found: Found, labelled: dict[Kind, FloatArray], size: tuple[int, int]) -> None:
        """Take one picture of ``size`` (width, height) into account; all boxes are in its pixels."""
        self.pictures += 1
        self.people += count_boxes(_all_of(found.people), _all_of({kind: labelled[kind] for kind in PEOPLE}))
        for kind in PEOPLE:
            self.kinds[kind] += count_boxes(found.people.get(kind, _NOBODY), labelled[kind])
        if Kind.BALL in labelled:
            self.ball += count_points(found.balls, _centres(labelled[Kind.BALL]), within=BALL_TOLERANCE * size[1])

    def __add__(self, other: "DetectionScore") -> "DetectionScore":
        kinds = {kind: self.kinds[kind] + other.kinds[kind] for kind in PEOPLE}
        return DetectionScore(self.pictures + other.pictures, self.people + other.people, kinds, self.ball + other.ball)


def score_detection(pictures: Iterable[LabelledPicture], detect: Detect) -> dict[str, DetectionScore]:
    """The score of each match. Pictures are as large as the engine makes those of a video."""
    scores: dict[str, DetectionScore] = {}
    for labelled in pictures:
        size = VideoFacts(*labelled.size, frames=1, duration_s=0.0).picture_size
        scale = size[0] / labelled.size[0]
        boxes = {kind: scale * found for kind, found in labelled.boxes.items()}
        scores.setdefault(labelled.match, DetectionScore()).add(detect(labelled.read(size)), boxes, size)
    return scores


def detect_classically(picture: Picture) -> Found:
    """What the classical detector finds in a picture of which it has seen no others; it tells no kinds of people."""
    findings = describe_still(picture).make_classical_detector().detect(picture)
    boxes = [one.box for one in findings.people if one.confidence >= CONFIDENT]
    return Found({Kind.PLAYER: _rows(boxes, 4)}, _rows([one.centre for one in findings.balls], 2))


def detect_with(weights: Path, registrar: Registrar) -> Detect:
    """A detector that runs a network; it stands by people whom the tracker would follow, and by the likeliest ball.

    As in the engine, people off the pitch and pieces of lines are left out where ``registrar`` tells where it is.
    """
    network, roles = open_network(weights, threads=os.cpu_count() or 1), RoleTeller()

    def detect(picture: Picture) -> Found:
        found = network.find(picture, least=DEFAULT_CONFIDENCE)
        sure = found.choose(found.confidences >= CONFIDENT)
        noise = describe_still(picture).noise
        outfits = measure_outfits(picture, sure.boxes, noise)
        chances = roles.rate(outfits, sure.boxes, (picture.shape[1], picture.shape[0]), sure.chances)
        kinds = np.array(likeliest_kinds(chances))
        registration = registrar.register(picture)
        kept = are_on_pitch(sure.boxes, registration)
        kept &= ~are_pieces_of_lines(picture, sure.boxes, registration, noise)
        return Found({kind: sure.boxes[kept & (kinds == kind)] for kind in PEOPLE}, found.balls[:1])

    return detect


def read_kept_back(weights: Path) -> set[str]:
    """The matches that a network of ours was not trained on; empty where the file does not say."""
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    return set(json.loads(metadata.get("training", "{}")).get("kept_back", []))


_NOBODY = np.empty((0, 4))


def _all_of(boxes: dict[Kind, FloatArray]) -> FloatArray:
    return np.concatenate([_NOBODY, *boxes.values()])


def _rows(values: Iterable[object], columns: int) -> FloatArray:
    return np.array(list(values), dtype=np.float64).reshape(-1, columns)


def _centres(boxes: FloatArray) -> FloatArray:
    return np.asarray((boxes[:, :2] + boxes[:, 2:]) / 2, dtype=np.float64)
