"""A small fully convolutional network with a map for each point of the pitch, and one for its lines.

Built of the blocks of the detector, with more of them where the picture is smallest: which penalty area this is can be
told only from what lies around it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from football.markings import PITCH_POINTS
from training.detector.network import Convolution, Separable

_HALF, _QUARTER, _EIGHTH, _SIXTEENTH, _THIRTY_SECOND = 16, 24, 48, 96, 160  # channels at these sizes of the picture
_NECK = 64
_FINE = 32
_NOWHERE = -8.0  # first logit of a place, against 0 for none
_NO_LINE = -3.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Logits on cells of 4 pixels: ``points`` (B, 43, H, W), to be compared with 0 for none; ``lines`` (B, 1, H, W)."""

    points: Tensor
    lines: Tensor


class _Surroundings(nn.Module):
    """Adds to each cell what the whole picture is like."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(channels, channels), nn.ReLU(), nn.Linear(channels, channels))

    def forward(self, features: Tensor) -> Tensor:
        around: Tensor = self.layers(features.mean(dim=(2, 3)))
        return features + around[:, :, None, None]


class PitchNetwork(nn.Module):
    """Takes (B, 3, H, W) of blue, green, red from 0 to 255; H and W are multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        self.quarter = nn.Sequential(
            Convolution(3, _HALF, 3, stride=2), Convolution(_HALF, _QUARTER, 3, stride=2), Separable(_QUARTER, _QUARTER)
        )
        self.eighth = _level(_QUARTER, _EIGHTH, depth=2)
        self.sixteenth = _level(_EIGHTH, _SIXTEENTH, depth=3)
        self.thirty_second = nn.Sequential(
            _level(_SIXTEENTH, _THIRTY_SECOND, depth=3), _Surroundings(_THIRTY_SECOND),
            Separable(_THIRTY_SECOND, _THIRTY_SECOND), Separable(_THIRTY_SECOND, _THIRTY_SECOND),
        )  # fmt: skip
        widths = (_THIRTY_SECOND, _SIXTEENTH, _EIGHTH)
        self.laterals = nn.ModuleList(nn.Conv2d(width, _NECK, 1) for width in widths)
        self.merges = nn.ModuleList(Separable(_NECK, _NECK) for _ in widths)
        self.near, self.around = nn.Conv2d(_QUARTER, _FINE, 1), nn.Conv2d(_NECK, _FINE, 1)
        self.head = nn.Sequential(
            Separable(_FINE, _FINE), Separable(_FINE, _FINE), nn.Conv2d(_FINE, len(PITCH_POINTS) + 1, 1)
        )
        with torch.no_grad():
            self.head[-1].bias[:-1] = _NOWHERE
            self.head[-1].bias[-1] = _NO_LINE

    def forward(self, pictures: Tensor) -> Answer:
        quarter = self.quarter((pictures - 110.0) / 60.0)
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        merged = None
        levels = (self.thirty_second(sixteenth), sixteenth, eighth)
        for level, lateral, merge in zip(levels, self.laterals, self.merges, strict=True):
            here = lateral(level)
            merged = merge(here if merged is None else here + interpolate(merged, scale_factor=2.0))
        maps = self.head(self.near(quarter) + interpolate(self.around(merged), scale_factor=2.0))
        return Answer(maps[:, :-1], maps[:, -1:])


def _level(inputs: int, outputs: int, *, depth: int) -> nn.Sequential:
    """Half the size, and ``depth`` more blocks."""
    return nn.Sequential(Separable(inputs, outputs, stride=2), *(Separable(outputs, outputs) for _ in range(depth)))


def choose_places(points: Tensor) -> Tensor:
    """Logarithms of the chances of each cell and of none: (B, 43, H, W) to (B, 43, H * W + 1)."""
    flat = points.flatten(2)
    return torch.log_softmax(torch.cat([flat, torch.zeros_like(flat[:, :, :1])], dim=2), dim=2)
