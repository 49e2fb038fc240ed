"""Everyday words and hexadecimal codes for colours, as a person under the same light would say them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.pitch_colour import FloatImage, Lab

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

_HUES = (  # upper limit of the hue angle in CIE Lab, degrees
    (15, "pink"),
    (48, "red"),
    (75, "orange"),
    (112, "yellow"),
    (175, "green"),
    (225, "turquoise"),
    (310, "blue"),
    (340, "purple"),
    (361, "pink"),
)
_LEAST_WHITE_PX = 200
_NEUTRAL = 13.0  # chroma below which nobody would name a hue
_NEUTRAL_LIGHT = 28.0  # the same for light shirts, which take on the colour of the sky and of the grass
_NEUTRAL_DARK = 25.0  # and for dark ones, whose shine is the colour of the sky; navy is stronger
_DARK, _LIGHT = 30.0, 55.0  # a white shirt in the shade of a stand still has a lightness above 55


def find_white(lab: Lab, bright: Mask) -> FloatArray:
    """Chroma (2,) a, b that white has under this light: that of the lines, the brightest ``bright`` pixels.

    Cameras are rarely balanced; against (0, 0) a white shirt under a clear sky is blue.
    """
    lines = lab[bright]
    if len(lines) < _LEAST_WHITE_PX:
        return np.zeros(2)
    brightest = lines[lines[:, 0] >= np.percentile(lines[:, 0], 75)]
    return np.asarray(np.median(brightest[:, 1:], axis=0) - 128.0, dtype=np.float64)


def name_colour(lab: FloatArray, white: FloatArray) -> str:
    """The word for a colour (3,) in CIE Lab, under a light in which white has the chroma ``white`` (2,)."""
    lightness = float(lab[0])
    # Black reflects no light, coloured or not, so the correction fades out towards it.
    a, b = lab[1:] - white * min(1.0, lightness / _LIGHT)
    chroma = float(np.hypot(a, b))
    if lightness < _DARK and chroma < _NEUTRAL_DARK:
        return "black"
    if lightness >= _LIGHT and chroma < _NEUTRAL_LIGHT:
        return "white"
    if chroma < _NEUTRAL:
        return "grey"
    hue = float(np.degrees(np.arctan2(b, a))) % 360
    return next(name for limit, name in _HUES if hue < limit)


def to_hex(lab: FloatArray) -> str:
    """``#rrggbb`` of a colour (3,) in CIE Lab, as the camera saw it."""
    pixel: FloatImage = np.array([[lab]], dtype=np.float32)
    blue, green, red = np.clip(np.rint(cv2.cvtColor(pixel, cv2.COLOR_LAB2BGR)[0, 0] * 255), 0, 255).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"
