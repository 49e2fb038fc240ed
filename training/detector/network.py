"""A small fully convolutional network, in the manner of Zhou et al., "Objects as Points" (2019).

Depthwise separable convolutions (Howard et al., "MobileNets", 2017) down to a thirty-second of the picture, and the way
back up by adding what was seen on the way down (Lin et al., "Feature Pyramid Networks", CVPR 2017): to an eighth for
people, to a quarter for the ball, which is smaller.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, softplus

ROLES = 3  # player, goalkeeper, referee

_HALF, _QUARTER, _EIGHTH, _SIXTEENTH, _THIRTY_SECOND = 16, 24, 64, 96, 128  # channels at these sizes of the picture
_NECK = 64
SPREAD = 60.0  # of the levels of pixels, about
_PRIOR = -4.0  # logit of what a heat map says at first: almost nowhere is anybody


@dataclass(frozen=True, slots=True)
class Answer:
    """Of a batch, per cell; ``people`` and ``ball`` (B, 1, H, W) are logits of somebody's middle being here.

    ``roles`` (B, 3, H, W): logits. ``sides`` (B, 4, H, W): from the middle of the cell to left, top, right and bottom
    of the box, in cells, positive. ``shift`` (B, 2, H, W): from there to the centre of the ball, in cells.
    """

    people: Tensor
    roles: Tensor
    sides: Tensor
    ball: Tensor
    shift: Tensor


class Convolution(nn.Sequential):
    """With normalisation and rectifier."""

    def __init__(self, inputs: int, outputs: int, size: int, *, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class Separable(nn.Module):
    """A depthwise and a pointwise convolution; adds its input where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1) -> None:
        super().__init__()
        self.adds = inputs == outputs and stride == 1
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False),
            nn.BatchNorm2d(inputs),
            Convolution(inputs, outputs, 1),
        )

    def forward(self, features: Tensor) -> Tensor:
        result: Tensor = self.layers(features)
        return features + result if self.adds else result


class DetectorNetwork(nn.Module):
    """Takes (B, 3, H, W) of blue, green, red, each less ``MIDDLE_LEVEL``; H and W are multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        self.quarter = nn.Sequential(
            Convolution(3, _HALF, 3, stride=2), Convolution(_HALF, _QUARTER, 3, stride=2), Separable(_QUARTER, _QUARTER)
        )
        self.eighth = _level(_QUARTER, _EIGHTH, depth=2)
        self.sixteenth = _level(_EIGHTH, _SIXTEENTH, depth=3)
        self.thirty_second = _level(_SIXTEENTH, _THIRTY_SECOND, depth=2)
        widths = (_THIRTY_SECOND, _SIXTEENTH, _EIGHTH)
        self.laterals = nn.ModuleList(nn.Conv2d(width, _NECK, 1) for width in widths)
        self.merges = nn.ModuleList(Separable(_NECK, _NECK) for _ in widths)
        self.people = nn.Sequential(
            Separable(_NECK, _NECK), Separable(_NECK, _NECK), nn.Conv2d(_NECK, 1 + ROLES + 4, 1)
        )
        self.near_ball, self.around_ball = nn.Conv2d(_QUARTER, _QUARTER, 1), nn.Conv2d(_NECK, _QUARTER, 1)
        self.ball = nn.Sequential(
            Separable(_QUARTER, _QUARTER), Separable(_QUARTER, _QUARTER), nn.Conv2d(_QUARTER, 3, 1)
        )
        for head in (self.people, self.ball):
            with torch.no_grad():
                head[-1].bias.zero_()
                head[-1].bias[0] = _PRIOR

    def forward(self, pictures: Tensor) -> Answer:
        people, ball = self.draw_maps(pictures / SPREAD)
        return Answer(people[:, :1], people[:, 1:4], softplus(people[:, 4:]), ball[:, :1], ball[:, 1:])

    def draw_maps(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Maps of people (B, 8, H/8, W/8) and of the ball (B, 3, H/4, W/4), as the engine reads them.

        ``pictures`` are divided by ``SPREAD`` already, which exported weights do by themselves.
        """
        quarter = self.quarter(pictures)
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        merged = None
        levels = (self.thirty_second(sixteenth), sixteenth, eighth)
        for level, lateral, merge in zip(levels, self.laterals, self.merges, strict=True):
            here = lateral(level)
            merged = merge(here if merged is None else here + interpolate(merged, scale_factor=2.0))
        ball = self.ball(self.near_ball(quarter) + interpolate(self.around_ball(merged), scale_factor=2.0))
        return self.people(merged), ball


def _level(inputs: int, outputs: int, *, depth: int) -> nn.Sequential:
    """Half the size, and ``depth`` more blocks."""
    return nn.Sequential(Separable(inputs, outputs, stride=2), *(Separable(outputs, outputs) for _ in range(depth)))
