"""Who plays, who keeps a goal and who referees, told from all people of a picture together.

Colours differ from match to match, so a person by himself does not tell. Against the others he does: a goalkeeper and a
referee wear what hardly anybody else wears, and one of them stands at an end of the crowd.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.networks.session import open_session
from engine.outfits import PARTS

FloatArray = NDArray[np.float64]

OUR_ROLES = Path(__file__).parent / "networks" / "roles.onnx"
"""What ``training/roles`` has trained; docs/detector-card.md says on what."""

PEOPLE_INPUT, CHANCES_OUTPUT = "people", "chances"
FEATURES = 63
"""How many numbers :func:`describe_people` has for each person."""

_LAB_WEIGHTS = (0.7, 1.0, 1.0)  # shade changes lightness more than hue
_COMPARED = tuple(PARTS.index(part) for part in ("shirt", "shorts", "socks"))
_RANKS = (0, 1, 2, 3, 4, 5, 7, 9)  # of the others, the most similar first
_RANKS_OF_KITS = (0, 1, 2, 3, 5, 7, 9)
_LIKE, _SIMILAR = 10.0, 18.0  # distances in CIE Lab of people who seem to wear the same
_UNLIKE_ANYBODY = 80.0  # stands for a distance to somebody who is not there
_FAR_AWAY = 20.0  # body heights, the same
_NEIGHBOURS = 3
_FEWEST = 3  # people; with fewer there is nobody to compare with
_TRUST = 0.5
"""How much the network that looks at one person counts beside the comparison with the others. On matches that were
kept back, 0, 0.5 and 1 give referees an F1 of 0.79, 0.81 and 0.82, and all three give goalkeepers 0.80."""


class RoleTeller:
    """Compares people by a small network. It may be used by one thread at a time."""

    def __init__(self, weights: Path = OUR_ROLES) -> None:
        self._session = open_session(weights, threads=1)  # some thousand weights: more would wait for each other

    def rate(self, outfits: FloatArray, boxes: FloatArray, size: tuple[int, int], opinion: FloatArray) -> FloatArray:
        """Chances (N, 3) of the kinds in :data:`engine.kinds.PEOPLE`.

        ``outfits`` (N, 4, 3) and ``boxes`` (N, 4) are of all people in a picture of ``size`` (width, height);
        ``opinion`` (N, 3) are the chances by looking at each person alone.
        """
        if len(boxes) < _FEWEST:
            return opinion
        described = describe_people(outfits, boxes, size).astype(np.float32)
        (compared,) = self._session.run([CHANCES_OUTPUT], {PEOPLE_INPUT: described})
        chances = compared.astype(np.float64) * np.maximum(opinion, 1e-3) ** _TRUST
        return np.asarray(chances / chances.sum(axis=1, keepdims=True), dtype=np.float64)


def describe_people(outfits: FloatArray, boxes: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Numbers (N, FEATURES) about 0: how each of N people is dressed and placed among the others.

    Arguments as in :meth:`RoleTeller.rate`.
    """
    return np.concatenate([_describe_outfits(outfits), _describe_places(boxes, size)], axis=1)


def _describe_outfits(outfits: FloatArray) -> FloatArray:
    columns = []
    for part in _COMPARED:
        distances = _colour_distances(outfits[:, [part]])
        columns += [_nearest(distances, _RANKS, filler=_UNLIKE_ANYBODY) / 20]
        columns += [(np.sum(distances < bound, axis=1, keepdims=True) - 1) / 10 for bound in (_LIKE, _SIMILAR)]
    kits = _colour_distances(outfits[:, list(_COMPARED[:2])])
    columns += [_nearest(kits, _RANKS_OF_KITS, filler=_UNLIKE_ANYBODY) / 20]
    return np.concatenate([*columns, outfits.reshape(len(outfits), -1) / 40], axis=1)


def _describe_places(boxes: FloatArray, size: tuple[int, int]) -> FloatArray:
    feet = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])
    heights = boxes[:, 3] - boxes[:, 1]
    x, y = (feet / size).T
    across, along = (x - np.median(x)) / (x.std() + 0.02), (y - np.median(y)) / (y.std() + 0.02)
    x_rank, y_rank = _rank(x), _rank(y)
    ends = [np.minimum(x_rank, 1 - x_rank), y_rank, np.minimum(y_rank, 1 - y_rank)]
    offsets = (feet[:, np.newaxis] - feet[np.newaxis]) / np.median(heights)
    apart = _nearest(np.hypot(offsets[..., 0], offsets[..., 1]), range(_NEIGHBOURS), filler=_FAR_AWAY) / 5
    places = [across, np.abs(across), along, x, np.abs(x - 0.5), y, *ends]
    crowd = np.full(len(x), len(x) / 20)
    return np.concatenate([np.column_stack(places), apart, np.column_stack([_surplus(heights, y), crowd])], axis=1)


def _surplus(heights: FloatArray, y: FloatArray) -> FloatArray:
    """By how much (N,) each is taller than people at that height of the picture usually are."""
    rows = np.column_stack([y, np.ones(len(y))])
    slope, *_ = np.linalg.lstsq(rows, heights, rcond=None)
    return np.asarray(heights / np.maximum(rows @ slope, 0.2 * np.median(heights)) - 1, dtype=np.float64)


def _colour_distances(colours: FloatArray) -> FloatArray:
    """Between all pairs (N, N) of people with K colours (N, K, 3), in CIE Lab."""
    weighted = (colours * _LAB_WEIGHTS).reshape(len(colours), -1)
    return np.asarray(np.linalg.norm(weighted[:, np.newaxis] - weighted[np.newaxis], axis=2), dtype=np.float64)


def _nearest(distances: FloatArray, ranks: tuple[int, ...] | range, *, filler: float) -> FloatArray:
    """The distances (N, len(ranks)) to others, sorted, at ``ranks``; ``filler`` where there are not so many."""
    others = np.sort(distances, axis=1)[:, 1:]
    missing = max(0, max(ranks) + 1 - others.shape[1])
    return np.pad(others, ((0, 0), (0, missing)), constant_values=filler)[:, list(ranks)]


def _rank(values: FloatArray) -> FloatArray:
    """0 for the least to 1 for the greatest."""
    return np.asarray(values.argsort().argsort() / max(1, len(values) - 1), dtype=np.float64)
