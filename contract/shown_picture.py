"""How a picture is as people see it: turned as the phone was held, mirrored or not, with square pixels.

Calibration points, the pixel columns of the CSV files and the sizes that the server tells refer to this picture, so
both sides must agree about it.
"""

import struct
from fractions import Fraction

_STRANGEST_ASPECT = 4
"""Pixels of recorders are at most twice as wide as high; what claims more than this is a damaged header."""

_MATRIX = struct.Struct("=9i")


def count_quarter_turns(rotation: float, *, mirrored: bool = False) -> int:
    """Quarter turns to the left, 0 to 3, that show a picture upright; ``rotation`` in degrees to the left.

    One that is ``mirrored`` is mirrored left to right before it is turned. FFmpeg tells the rotation by where the
    picture's right ends up, so that of a mirrored one is half a turn off.
    """
    return round(rotation / 90 + 2 * mirrored) % 4


def is_mirrored(display_matrix: bytes) -> bool:
    """Whether people see a mirror image of what is stored, by FFmpeg's display matrix: nine numbers of 32 bits, row by
    row."""
    right_x, right_y, _, down_x, down_y, *_ = _MATRIX.unpack(display_matrix)
    return bool(right_x * down_y < right_y * down_x)


def shown_size(width: int, height: int, *, quarter_turns: int, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """(width, height) as shown, of stored ``width`` and ``height``. ``pixel_aspect`` is the width of a pixel by its
    height, None or 0 where the file does not say."""
    if pixel_aspect and 1 / _STRANGEST_ASPECT <= pixel_aspect <= _STRANGEST_ASPECT:
        width = max(1, round(width * pixel_aspect))
    return (height, width) if quarter_turns % 2 else (width, height)
