"""Read what an engine wrote about the players and the ball, in any dialect, into samples that can be relied on."""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import polars as pl

from app.core.errors import PermanentFailure
from app.services.ingest.csv_table import CsvTable, line_of, load_table, read_columns
from app.services.ingest.dialects import BALL_DIALECTS, PLAYER_DIALECTS, Dialect, recognise
from app.services.ingest.frame_clock import FrameClock
from app.services.ingest.samples import BALL_SCHEMA, PLAYER_SCHEMA, BallSamples, PlayerSamples, Rejected
from contract.csv_columns import REGISTRATION_ERROR
from football.pitch import STANDARD_PITCH, Pitch

MAX_NUMBER = 10_000_000
"""Largest believable frame or track number: a day of video at 100 frames per second. Beyond it the file is garbage."""

MAX_NOT_FINITE_SHARE = 0.05
"""Share of rows that may have no finite coordinates (feet on the horizon have none). More is a broken calibration;
raising this lets figures be built on the few rows that are left."""

MAX_OUTSIDE_M = 10.0
"""Farther outside the pitch nobody takes part: spectators, and feet near the horizon."""

MAX_TEAM_LENGTH = 16  # characters that a row has room for

_COORDINATES = (("x_px", "y_px"), ("x_m", "y_m"))
_SHOWN = ("confidence", "speed_mps", "registration_error_px")
_CLASSES = ("player", "goalkeeper", "referee")
_UNDECIDED_TEAMS = ("", "unknown")
_HINT_CALIBRATION = "Set the pitch points of this video again, and check that they are the right ones."
_HINT_ENGINE = "The analysis engine does not keep to its format; check its version."


def read_players(
    file: BinaryIO | Path,
    *,
    clock: FrameClock,
    calibrated: bool,
    pitch: Pitch = STANDARD_PITCH,
    expected_rows: int | None = None,
) -> PlayerSamples:
    """Read a player file. ``clock`` is used where the file has no time column; ``calibrated`` tells whether the engine
    was given a calibration, without which its metres mean nothing unless it found the pitch in the pictures and says
    how well; ``expected_rows`` is what the engine says it sent.

    Raises:
        PermanentFailure: ``no_people_found`` for no file, an empty one, or one without rows; ``metrics_not_utf8``,
            ``metrics_truncated``, ``metrics_missing_column``, ``metrics_repeated_column``, ``metrics_not_a_number``,
            ``metrics_not_finite``, ``metrics_out_of_range``, ``metrics_duplicate_rows``, ``metrics_time_backwards``,
            ``metrics_calibration_ignored``.
    """
    table = load_table(file, expected_rows=expected_rows)
    if table is None:
        raise _nobody()
    dialect = recognise(table.header, PLAYER_DIALECTS)
    placed = calibrated or _is_registered(table)
    frame = _typed_frame(table, dialect, PLAYER_SCHEMA, calibrated=placed)
    if frame.is_empty():
        raise _nobody()
    if calibrated and not _has_metres(frame):
        raise PermanentFailure(
            "The analysis engine ignored the calibration of the video, so nobody has a place on the pitch.",
            code="metrics_calibration_ignored",
            hint=_HINT_CALIBRATION,
        )
    frame = frame.with_columns(_decided_team(), _known_class())
    frame = _in_order(_on_the_clock(frame, dialect, clock), ("track", "frame"))
    frame, rejected = _reject(frame, pitch)
    if rejected.not_finite > MAX_NOT_FINITE_SHARE * len(frame):
        raise PermanentFailure(
            f"{rejected.not_finite} of {len(frame)} positions of the metrics file are not finite numbers.",
            code="metrics_not_finite",
            hint=_HINT_CALIBRATION,
        )
    return PlayerSamples(frame.select(list(PLAYER_SCHEMA)), placed, rejected)


def read_ball(
    file: BinaryIO | Path,
    *,
    clock: FrameClock,
    calibrated: bool,
    pitch: Pitch = STANDARD_PITCH,
    expected_rows: int | None = None,
) -> BallSamples:
    """Read a ball file; see :func:`read_players`. A ball that was never seen is no error: no file means no samples.

    Positions that are not finite are counted and never fatal: there may be few of them, and a broken calibration shows
    in the players.
    """
    table = load_table(file, expected_rows=expected_rows)
    if table is None:
        return BallSamples(pl.DataFrame(schema=BALL_SCHEMA), calibrated, Rejected())
    dialect = recognise(table.header, BALL_DIALECTS)
    placed = calibrated or _is_registered(table)
    frame = _typed_frame(table, dialect, BALL_SCHEMA | {"interpolated": pl.String}, calibrated=placed)
    frame = frame.with_columns((pl.col("interpolated").str.strip_chars() == "1").fill_null(value=False))
    frame = _in_order(_on_the_clock(frame, dialect, clock), ("frame",))
    frame, rejected = _reject(frame, pitch)
    return BallSamples(frame.select(list(BALL_SCHEMA)), placed, rejected)


def _is_registered(table: CsvTable) -> bool:
    """Whether the engine found the pitch in the pictures, in at least one frame."""
    if table.header.count(REGISTRATION_ERROR) != 1:
        return False
    places = {REGISTRATION_ERROR: table.header.index(REGISTRATION_ERROR)}
    errors = read_columns(table, places, {REGISTRATION_ERROR: pl.Float64})[REGISTRATION_ERROR]
    return errors.null_count() < len(errors)


def _typed_frame(
    table: CsvTable, dialect: Dialect, schema: Mapping[str, type[pl.DataType]], *, calibrated: bool
) -> pl.DataFrame:
    """All columns of ``schema`` in the order of the file; those that the file lacks, or that mean nothing, are null."""
    places = dialect.locate(table.header, calibrated=calibrated)
    if not calibrated:
        places = {name: place for name, place in places.items() if name not in {"x_m", "y_m", "speed_mps"}}
    frame = read_columns(table, places, {name: schema[name] for name in places})
    for name in ("frame", "track", "time_s"):
        if name in places:
            _check_numbers(frame[name])
    lacking = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in places]
    return frame.with_columns(lacking)


def _check_numbers(column: pl.Series) -> None:
    """Frame, track and time are there in every row, finite and not absurd."""
    _refuse(column, column.is_null(), "is empty", code="metrics_not_a_number")
    if column.dtype == pl.Float64:
        _refuse(column, ~column.is_finite(), "is not finite", code="metrics_not_finite")
    absurd = (column < 0) | (column > MAX_NUMBER)
    _refuse(column, absurd, "is not believable", code="metrics_out_of_range")


def _refuse(column: pl.Series, wrong: pl.Series, what: str, *, code: str) -> None:
    rows = wrong.arg_true()
    if rows.is_empty():
        return
    row = rows[0]
    value = "" if column[row] is None else f" ({column[row]})"
    detail = f'The column "{column.name}" of the metrics file {what} in line {line_of(row)}{value}.'
    raise PermanentFailure(detail, code=code, hint=_HINT_ENGINE)


def _has_metres(frame: pl.DataFrame) -> bool:
    """False where the engine had no use for the calibration: it then writes zeros, or nothing, in every row."""
    return bool(frame.select(((pl.col("x_m") != 0) | (pl.col("y_m") != 0)).any()).item())


def _decided_team() -> pl.Expr:
    team = pl.col("team").str.strip_chars().str.slice(0, MAX_TEAM_LENGTH)
    return pl.when(team.str.to_lowercase().is_in(_UNDECIDED_TEAMS)).then(None).otherwise(team).alias("team")


def _known_class() -> pl.Expr:
    word = pl.col("class").str.strip_chars().str.to_lowercase()
    return pl.when(word.is_in(_CLASSES)).then(word).alias("class")


def _on_the_clock(frame: pl.DataFrame, dialect: Dialect, clock: FrameClock) -> pl.DataFrame:
    """Number the frames from 1, and tell the time where the file does not."""
    if dialect.counts_from_zero or frame["frame"].min() == 0:
        frame = frame.with_columns(pl.col("frame") + 1)
    if frame["time_s"].null_count() == 0:
        return frame
    return frame.with_columns(pl.Series("time_s", clock.times_s(frame["frame"].to_numpy())))


def _in_order(frame: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    ordered = frame.sort(keys)
    repeated = ordered.select(pl.all_horizontal(pl.col(key) == pl.col(key).shift(1) for key in keys)).to_series()
    _refuse_order(ordered, repeated, "has two rows for", code="metrics_duplicate_rows")
    same_track = pl.col("track") == pl.col("track").shift(1) if "track" in keys else pl.lit(value=True)
    backwards = ordered.select(same_track & (pl.col("time_s") < pl.col("time_s").shift(1))).to_series()
    _refuse_order(ordered, backwards, "goes back in time at", code="metrics_time_backwards")
    return ordered


def _refuse_order(ordered: pl.DataFrame, wrong: pl.Series, what: str, *, code: str) -> None:
    rows = wrong.arg_true()
    if rows.is_empty():
        return
    place = ", ".join(f"{key} {ordered[key][rows[0]]}" for key in ("track", "frame") if key in ordered.columns)
    raise PermanentFailure(f"The metrics file {what} {place}.", code=code, hint=_HINT_ENGINE)


def _reject(frame: pl.DataFrame, pitch: Pitch) -> tuple[pl.DataFrame, Rejected]:
    """Set coordinates to null that cannot be used, and count them."""
    unusable = frame.select(pl.any_horizontal(_written(x, y) & ~_finite(x, y) for x, y in _COORDINATES)).to_series()
    not_finite = int(unusable.sum())
    frame = frame.with_columns(_keep_if(_finite(x, y), x, y) for x, y in _COORDINATES)
    # These are shown and never calculated with; one that is no number is simply not known.
    shown = [name for name in _SHOWN if name in frame.columns]
    frame = frame.with_columns(pl.when(pl.col(name).is_finite()).then(pl.col(name)).alias(name) for name in shown)
    outside = _finite("x_m", "y_m") & ~_near_pitch(pitch)
    off_pitch = int(frame.select(outside.sum()).item())
    return frame.with_columns(_keep_if(~outside, "x_m", "y_m")), Rejected(not_finite, off_pitch)


def _written(x: str, y: str) -> pl.Expr:
    return pl.col(x).is_not_null() | pl.col(y).is_not_null()


def _finite(x: str, y: str) -> pl.Expr:
    return (pl.col(x).is_finite() & pl.col(y).is_finite()).fill_null(value=False)


def _near_pitch(pitch: Pitch) -> pl.Expr:
    along = pl.col("x_m").is_between(-MAX_OUTSIDE_M, pitch.length_m + MAX_OUTSIDE_M)
    return along & pl.col("y_m").is_between(-MAX_OUTSIDE_M, pitch.width_m + MAX_OUTSIDE_M)


def _keep_if(condition: pl.Expr, x: str, y: str) -> pl.Expr:
    return pl.when(condition).then(pl.col(x, y))


def _nobody() -> PermanentFailure:
    return PermanentFailure(
        "No people were found in the video.",
        code="no_people_found",
        hint="Check that the video shows a match, is sharp enough to see players, and is not a replay or a studio.",
    )
