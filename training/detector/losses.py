"""How far an answer is from its targets."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, l1_loss, logsigmoid

from training.detector.network import Answer

_WEIGHTS = {"people": 1.0, "ball": 1.0, "sides": 2.0, "roles": 0.5, "shift": 0.5}


def total_loss(answer: Answer, targets: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """The sum to make small, and its parts for the log."""
    parts = {
        "people": heat_loss(answer.people, targets["people"], targets["learnt"]),
        "ball": heat_loss(answer.ball, targets["ball"], torch.ones_like(targets["ball"])),
        "sides": _mean(1 - _generalised_overlap(answer.sides, targets["sides"]), targets["weight"]),
        "roles": _mean(cross_entropy(answer.roles, targets["roles"], reduction="none"), targets["weight"]),
        "shift": _mean(l1_loss(answer.shift, targets["shift"], reduction="none").sum(1), targets["ball_weight"]),
    }
    loss = torch.stack([_WEIGHTS[name] * part for name, part in parts.items()]).sum()
    return loss, {name: float(part.detach()) for name, part in parts.items()}


def heat_loss(logits: Tensor, heat: Tensor, learnt: Tensor) -> Tensor:
    """The focal loss of Law and Deng, "CornerNet" (ECCV 2018), equation 1, with alpha 2 and beta 4."""
    chance = torch.sigmoid(logits)
    is_middle = (heat == 1).float()
    hits = is_middle * (1 - chance) ** 2 * logsigmoid(logits)
    misses = (1 - is_middle) * (1 - heat) ** 4 * chance**2 * logsigmoid(-logits)
    return -((hits + misses) * learnt).sum() / (is_middle * learnt).sum().clamp(min=8.0)


def _generalised_overlap(sides: Tensor, wanted: Tensor) -> Tensor:
    """Rezatofighi et al., "Generalized Intersection over Union" (CVPR 2019), of boxes about the same points."""
    shared = _area(torch.minimum(sides, wanted))
    union = _area(sides) + _area(wanted) - shared
    hull = _area(torch.maximum(sides, wanted))
    return shared / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)


def _area(sides: Tensor) -> Tensor:
    return (sides[:, 0] + sides[:, 2]).clamp(min=0) * (sides[:, 1] + sides[:, 3]).clamp(min=0)


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp(min=1.0)
