"""Colours for pictures: which paint stands for a shirt, and which ink is legible on it."""

from collections.abc import Sequence

from matplotlib.colors import to_rgb

from scripts.demo.findings import Side

# Shirts as filmed are dull, and tinted by sky and grass: a white one may be a pale violet. The engine has corrected for
# that where it names a colour, so the name is painted.
_PAINTS = {
    "black": "#1c1c1e",
    "blue": "#2454c6",
    "green": "#1e9e52",
    "grey": "#8e8e93",
    "orange": "#f28c28",
    "pink": "#f48fb1",
    "purple": "#7e3fb5",
    "red": "#d62839",
    "turquoise": "#22b8b0",
    "white": "#ffffff",
    "yellow": "#ffd60a",
}
_UNKNOWN = "#c3c6cb"
_LUMINANCE = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709


def paint_of(side: Side, among: Sequence[Side]) -> str:
    """``#rrggbb`` for a side: its colour's name painted, or the shirt as filmed where two sides share a name.

    Grey for those who wear several shirts (referee, goalkeepers): nobody says who of them wears which.
    """
    if len(side.kits) != 1:
        return _UNKNOWN
    (kit,) = side.kits
    namesakes = [other for other in among if [one.colour_name for one in other.kits] == [kit.colour_name]]
    return kit.colour_hex if len(namesakes) > 1 else _PAINTS.get(kit.colour_name, kit.colour_hex)


def ink_on(paint: str) -> str:
    """Black or white, whichever can be read on ``paint``."""
    luminance = sum(weight * part for weight, part in zip(_LUMINANCE, to_rgb(paint), strict=True))
    return "#111111" if luminance > 0.5 else "#ffffff"
