"""People of labelled frames as the engine describes them, with their roles."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.labels import LabelledPicture
from engine.kinds import PEOPLE
from engine.outfits import measure_outfits
from engine.roles import describe_people
from engine.scene import describe_still
from engine.video import VideoFacts

FloatArray = NDArray[np.float64]

_SHAKE = 0.04  # of a box's height: as much as a detector errs
_MISSED = 0.08  # share of people whom a detector does not see


@dataclass(frozen=True, slots=True)
class Crowd:
    """All people of a frame: ``outfits`` (N, 4, 3), ``boxes`` (N, 4), ``roles`` (N,) as places in PEOPLE."""

    outfits: FloatArray
    boxes: FloatArray
    roles: NDArray[np.int64]
    size: tuple[int, int]

    def describe(self) -> FloatArray:
        return describe_people(self.outfits, self.boxes, self.size)


def read_crowds(labelled: LabelledPicture, random: np.random.Generator, *, count: int) -> Iterator[Crowd]:
    """The people of a frame as they are labelled, and ``count`` times in boxes like those of a detector."""
    size = VideoFacts(*labelled.size, frames=1, duration_s=0.0).picture_size
    picture, scale = labelled.read(size), size[0] / labelled.size[0]
    noise = describe_still(picture).noise
    boxes = np.concatenate([scale * labelled.boxes[kind] for kind in PEOPLE])
    roles = np.repeat(np.arange(len(PEOPLE)), [len(labelled.boxes[kind]) for kind in PEOPLE])
    for shake in [0.0, *[_SHAKE] * count]:
        heights = (boxes[:, 3] - boxes[:, 1])[:, np.newaxis]
        shaken = boxes + random.normal(0, 1, boxes.shape) * shake * heights
        yield Crowd(measure_outfits(picture, shaken, noise), shaken, roles, size)


def change(crowd: Crowd, random: np.random.Generator) -> Crowd:
    """The same people in other colours, mirrored or not, some of them missed."""
    seen = random.random(len(crowd.boxes)) >= _MISSED
    outfits, boxes = crowd.outfits[seen].copy(), crowd.boxes[seen].copy()
    if random.random() < 0.7:
        angle = random.uniform(0, 2 * np.pi) if random.random() < 0.5 else random.normal(0, 0.2)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        outfits[..., 1:] = outfits[..., 1:] @ turn.T
        outfits[..., 0] *= random.uniform(0.85, 1.15)
    outfits += random.normal(0, 2, outfits.shape)
    if random.random() < 0.5:
        boxes[:, [0, 2]] = crowd.size[0] - boxes[:, [2, 0]]
    return Crowd(outfits, boxes, crowd.roles[seen], crowd.size)
