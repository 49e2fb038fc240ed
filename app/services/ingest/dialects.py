"""The layouts of CSV that engines write. The header says which one it is; the position of a column says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from app.core.errors import PermanentFailure
from contract.csv_columns import BALL_COLUMNS, PLAYER_COLUMNS, REGISTRATION_ERROR


class BareXY(Enum):
    """What plain columns ``x`` and ``y`` are when the engine had no calibration. With one they are metres."""

    PIXELS = "pixels"
    NOTHING = "nothing"  # whatever a homography of zeros made of the pixels


@dataclass(frozen=True, slots=True)
class Dialect:
    """``columns`` maps names of the header to the names of the samples; other columns are ignored.

    ``signature`` are names that tell this dialect from others although nothing is read from them.
    """

    columns: Mapping[str, str]
    required: tuple[str, ...]
    signature: frozenset[str] = frozenset()
    bare_xy: BareXY = BareXY.NOTHING
    counts_from_zero: bool = False

    def matches(self, header: tuple[str, ...]) -> int:
        return len({name for name in header if name in self.columns or name in self.signature})

    def locate(self, header: tuple[str, ...], *, calibrated: bool) -> dict[str, int]:
        """Map the names of the samples to the index of their cell.

        Raises:
            PermanentFailure: ``metrics_missing_column``, ``metrics_repeated_column``.
        """
        for name in self.required:
            if name not in header:
                raise _unusable(f'lacks the column "{name}"', code="metrics_missing_column")
        for name in self.columns:
            if header.count(name) > 1:
                raise _unusable(f'has the column "{name}" twice', code="metrics_repeated_column")
        places = {canonical: header.index(name) for name, canonical in self.columns.items() if name in header}
        return self._name_bare_xy(places, calibrated)

    def _name_bare_xy(self, places: dict[str, int], calibrated: bool) -> dict[str, int]:
        bare = {axis: places.pop(axis) for axis in ("x", "y") if axis in places}
        if calibrated:
            return places | {f"{axis}_m": place for axis, place in bare.items()}
        if self.bare_xy is BareXY.PIXELS:
            return places | {f"{axis}_px": place for axis, place in bare.items()}
        return places


def recognise(header: tuple[str, ...], dialects: tuple[Dialect, ...]) -> Dialect:
    """The dialect that knows most of the header's names; of equals the first, whose missing column is then named."""
    return max(dialects, key=lambda dialect: dialect.matches(header))


_BARE = {"frame": "frame", "x": "x", "y": "y"}
_BARE_PLAYER = {**_BARE, "player_id": "track", "team": "team"}
_PIXELS_AND_METRES = {"x_pixel": "x_px", "y_pixel": "y_px", "x_meter": "x_m", "y_meter": "y_m"}

_OURS_IGNORED = frozenset({"box_x", "box_y", "box_w", "box_h"})
# The C++ engine's later form has 27 columns; its earlier forms count frames from 0 and knew no calibration. One of them
# ends every line, the header too, with a comma, which makes a last column without a name.
_CPP_ONLY = frozenset({"minutes_played", "distance_covered_km", "notes", "rating"})
_CPP_EARLIER_ONLY = frozenset({"", "speed_mps"})

PLAYER_DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        columns={name: name for name in PLAYER_COLUMNS if name not in _OURS_IGNORED},
        required=("frame", "time_s", "track", "team", "x_px", "y_px", "x_m", "y_m"),
    ),
    Dialect(columns=_BARE_PLAYER, required=("frame", "player_id", "x", "y"), signature=_CPP_ONLY),
    Dialect(
        columns=_BARE_PLAYER,
        required=("frame", "player_id", "x", "y"),
        signature=_CPP_EARLIER_ONLY,
        bare_xy=BareXY.PIXELS,
        counts_from_zero=True,
    ),
    Dialect(
        columns={"frame_id": "frame", "player_id": "track", "team": "team", **_PIXELS_AND_METRES},
        required=("frame_id", "player_id", *_PIXELS_AND_METRES),
    ),
)

BALL_DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        columns={name: name for name in BALL_COLUMNS if name != REGISTRATION_ERROR},
        required=("frame", "time_s", "x_px", "y_px", "x_m", "y_m"),
    ),
    Dialect(columns=_BARE, required=("frame", "x", "y")),
    Dialect(
        columns=_BARE,
        required=("frame", "x", "y"),
        signature=_CPP_EARLIER_ONLY,
        bare_xy=BareXY.PIXELS,
        counts_from_zero=True,
    ),
    Dialect(
        columns={"frame_id": "frame", "confidence": "confidence", **_PIXELS_AND_METRES},
        required=("frame_id", *_PIXELS_AND_METRES),
    ),
)


def _unusable(what: str, *, code: str) -> PermanentFailure:
    hint = "The analysis engine writes a layout that is not known here; check its version."
    return PermanentFailure(f"The metrics file of the analysis {what}.", code=code, hint=hint)
