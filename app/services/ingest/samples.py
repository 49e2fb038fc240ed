"""Positions as the ingest hands them on: typed columns in one order, whatever dialect they were read from."""

from dataclasses import dataclass

import polars as pl

PLAYER_SCHEMA: dict[str, type[pl.DataType]] = {
    "frame": pl.Int64,  # 1-based
    "time_s": pl.Float64,
    "track": pl.Int64,
    "team": pl.String,
    "x_px": pl.Float64,
    "y_px": pl.Float64,
    "x_m": pl.Float64,
    "y_m": pl.Float64,
    "confidence": pl.Float64,
    # As the engine tells them; null where it does not. No figure comes of them.
    "speed_mps": pl.Float64,
    "class": pl.String,
    "registration_error_px": pl.Float64,
}
_OF_PEOPLE = frozenset({"track", "team", "speed_mps", "class", "registration_error_px"})
BALL_SCHEMA: dict[str, type[pl.DataType]] = {
    **{name: kind for name, kind in PLAYER_SCHEMA.items() if name not in _OF_PEOPLE},
    "interpolated": pl.Boolean,  # not seen in this frame, but told from others; False where the engine does not say
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """Rows whose coordinates were set to null, by reason. The rows themselves stay: somebody was seen."""

    not_finite: int = 0  # NaN, infinite, or one coordinate without the other
    off_pitch: int = 0  # farther outside the pitch than anybody stands


@dataclass(frozen=True, slots=True)
class PlayerSamples:
    """``frame`` has the columns of ``PLAYER_SCHEMA``, sorted by (track, frame), no pair twice.

    Coordinates are null in pairs. The metre columns are null throughout without a calibration.
    """

    frame: pl.DataFrame
    calibrated: bool
    rejected: Rejected


@dataclass(frozen=True, slots=True)
class BallSamples:
    """``frame`` has the columns of ``BALL_SCHEMA``, sorted by frame, no frame twice; it may have no rows."""

    frame: pl.DataFrame
    calibrated: bool
    rejected: Rejected
