"""How large a picture is as people see it: turned as the phone was held, with square pixels.

Calibration points, the pixel columns of the CSV files and the sizes that the server tells refer to this picture, so
both sides must agree about it.
"""

from fractions import Fraction

_STRANGEST_ASPECT = 4
"""Pixels of recorders are at most twice as wide as high; what claims more than this is a damaged header."""


def count_quarter_turns(rotation: float) -> int:
    """Quarter turns to the left, 0 to 3, that show a picture upright; ``rotation`` in degrees to the left."""
    return round(rotation / 90) % 4


def shown_size(width: int, height: int, *, quarter_turns: int, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """(width, height) as shown, of stored ``width`` and ``height``. ``pixel_aspect`` is the width of a pixel by its
    height, None or 0 where the file does not say."""
    if pixel_aspect and 1 / _STRANGEST_ASPECT <= pixel_aspect <= _STRANGEST_ASPECT:
        width = max(1, round(width * pixel_aspect))
    return (height, width) if quarter_turns % 2 else (width, height)
