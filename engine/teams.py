"""Who plays with whom, by the colour of the shirt: the two commonest kits are the teams, all else is "other"."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.pitch_colour import Lab

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

OTHER = "other"

SAME_KIT = 20.0
"""Farthest that a person's usual shirt colour may lie from that of the team, in CIE Lab. Raising it takes referees in
dark kits for players, lowering it leaves out players in the shade."""
MIN_KIT_DISTANCE = 12.0
"""Kits nearer to each other than this cannot be told apart; then nobody has a team."""

_OTHER_KIT = 24.0  # a kit of others nearer to a team's is the team's in another light, and would draw its people off
_LIGHTNESS_WEIGHT = 0.7  # shade changes lightness more than hue
_MIN_SHARE = 0.12  # of all sightings: a kit worn by fewer is no team
_MIN_SHARE_OF_OTHERS = 0.02
SHIRT_TOP, SHIRT_BOTTOM = 0.17, 0.48  # of the box's height: below the chin, above the shorts
_MIN_SHIRT_PX = 6
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Kit:
    """A shirt colour (3,) as CIE Lab (L 0 to 100, a and b about 0), and who wears it: "A", "B" or "other"."""

    team: str
    lab: FloatArray


def measure_shirt(lab: Lab, foreground: Mask, box: tuple[float, float, float, float]) -> FloatArray:
    """Median colour (3,) in CIE Lab of the shirt in ``box`` (x_min, y_min, x_max, y_max) of a picture in OpenCV Lab.

    Only pixels of ``foreground`` (height, width) count, and of these the inner ones where there are enough: the rim of
    a small figure is half grass.
    """
    x_min, y_min, x_max, y_max = box
    height = y_max - y_min
    rows = slice(max(0, int(y_min + SHIRT_TOP * height)), int(y_min + SHIRT_BOTTOM * height) + 1)
    columns = slice(max(0, int(x_min)), int(x_max) + 1)
    shirt, body = lab[rows, columns], foreground[rows, columns]
    inner = erode_across(body)
    for chosen in (inner, body):
        if chosen.sum() >= _MIN_SHIRT_PX:
            return _find_median(shirt[chosen])
    return _find_median(shirt.reshape(-1, 3))


def find_kits(shirts: FloatArray, weights: FloatArray) -> list[Kit]:
    """Find the kits among the usual shirts (N, 3) of N tracks, each counting by ``weights`` (N,), frames seen.

    The two teams come first, A being the one in the lighter shirt: the same letter in every video of one match. Then
    come the kits of others. Empty when there are not two teams to tell apart.
    """
    if len(shirts) < 2:
        return []
    centres = _find_two_centres(shirts, weights)
    nearest, distances = _nearest(shirts, centres)
    worn = distances <= SAME_KIT
    shares = [weights[worn & (nearest == team)].sum() / weights.sum() for team in range(2)]
    if min(shares) < _MIN_SHARE or _distance(centres[0], centres[1]) < MIN_KIT_DISTANCE:
        return []
    lighter, darker = sorted(centres, key=lambda centre: -centre[0])
    others = _find_other_kits(shirts[~worn], weights[~worn], weights.sum())
    apart = [kit for kit in others if _nearest(kit.lab[None], centres)[1][0] > _OTHER_KIT]
    return [Kit("A", lighter), Kit("B", darker), *apart]


def name_team(shirt: FloatArray, kits: Sequence[Kit]) -> str:
    """The team whose kit ``shirt`` (3,) resembles most, "other" when it resembles none; empty without kits."""
    if not kits:
        return ""
    distances = [_distance(shirt, kit.lab) for kit in kits]
    nearest = int(np.argmin(distances))
    return kits[nearest].team if distances[nearest] <= 1.5 * SAME_KIT else OTHER  # one sighting strays more than a mean


def _find_two_centres(shirts: FloatArray, weights: FloatArray) -> FloatArray:
    """Two centres (2, 3) by k-means with a truncated loss, so that odd shirts pull at none.

    Each pair of shirts is tried as a start, which for some dozens of tracks takes no time and needs no luck.
    """
    starts = [(first, second) for first in range(len(shirts)) for second in range(first + 1, len(shirts))]
    losses = [_loss(shirts, weights, shirts[list(pair)]) for pair in starts]
    return min(
        (_refine(shirts, weights, shirts[list(starts[number])]) for number in np.argsort(losses)[:_ROUNDS]),
        key=lambda centres: _loss(shirts, weights, centres),
    )


def _refine(shirts: FloatArray, weights: FloatArray, centres: FloatArray) -> FloatArray:
    for _ in range(_ROUNDS):
        nearest, distances = _nearest(shirts, centres)
        members = [(nearest == team) & (distances <= SAME_KIT) for team in range(2)]
        if not all(one.any() for one in members):
            return centres
        centres = np.array([np.average(shirts[one], axis=0, weights=weights[one]) for one in members])
    return centres


def _loss(shirts: FloatArray, weights: FloatArray, centres: FloatArray) -> float:
    distances = _nearest(shirts, centres)[1]
    return float((weights * np.minimum(distances, SAME_KIT) ** 2).sum())


def _find_other_kits(shirts: FloatArray, weights: FloatArray, total: float) -> list[Kit]:
    """Goalkeepers and referees: greedy groups among those who wear no team's kit."""
    kits, free = [], np.ones(len(shirts), np.bool_)
    while free.any():
        seed = int(np.argmax(np.where(free, weights, -1.0)))
        members = free & (_nearest(shirts, shirts[[seed]])[1] <= SAME_KIT)
        free &= ~members
        if weights[members].sum() >= _MIN_SHARE_OF_OTHERS * total:
            kits.append(Kit(OTHER, np.average(shirts[members], axis=0, weights=weights[members])))
    return kits


def _nearest(shirts: FloatArray, centres: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Number (N,) of the centre nearest to each shirt, and how far it is (N,)."""
    difference = (shirts[:, None] - centres[None]) * [_LIGHTNESS_WEIGHT, 1.0, 1.0]
    distances = np.sqrt((difference**2).sum(axis=2))
    nearest = np.argmin(distances, axis=1)
    return nearest, distances[np.arange(len(shirts)), nearest]


def _distance(shirt: FloatArray, other: FloatArray) -> float:
    return float(_nearest(shirt[None], other[None])[1][0])


def erode_across(mask: Mask) -> Mask:
    """Pixels of ``mask`` (height, width) whose neighbours to the left and right are of it, too."""
    return np.asarray(cv2.erode(mask.astype(np.uint8), np.ones((1, 3), np.uint8), borderValue=0), dtype=np.bool_)


def to_cie_lab(lab: FloatArray) -> FloatArray:
    """CIE Lab (..., 3) of OpenCV's Lab (..., 3), in which all three go from 0 to 255."""
    return np.asarray(lab * [100 / 255, 1.0, 1.0] - np.array([0.0, 128.0, 128.0]), dtype=np.float64)


def _find_median(pixels: Lab) -> FloatArray:
    return to_cie_lab(np.median(pixels, axis=0))
