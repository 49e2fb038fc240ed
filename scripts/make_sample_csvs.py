"""Rewrite an output of the bundled engine as each of the CSV dialects that the ingest reads.

    python scripts/make_sample_csvs.py PLAYERS_CSV BALL_CSV OUT_DIR

makes ``player_metrics.csv`` and ``ball_metrics.csv`` in OUT_DIR/coach_pro (as they are), OUT_DIR/cpp_engine (the 27
columns of the C++ engine, with its habits) and OUT_DIR/documented (the layout that its documentation describes).
"""

import shutil
import sys
from pathlib import Path

import polars as pl

CPP_COLUMNS = (
    "frame",
    "player_id",
    "x",
    "y",
    "team",
    "minutes_played",
    "shots",
    "shots_on_target",
    "passes",
    "accurate_passes",
    "tackles",
    "interceptions",
    "clearances",
    "saves",
    "fouls_committed",
    "fouls_suffered",
    "offsides",
    "distance_meters",
    "total_distance_meters",
    "distance_covered_km",
    "player_xg",
    "key_passes",
    "progressive_carries",
    "press_resistance_success_rate",
    "defensive_coverage_km",
    "notes",
    "rating",
)
_CPP_ZERO_RATES = frozenset({"player_xg", "press_resistance_success_rate", "defensive_coverage_km", "rating"})
_DECIMALS = 6
_NUMBERS = ("time_s", "x_px", "y_px", "x_m", "y_m", "confidence")


def main(arguments: list[str]) -> None:
    if len(arguments) != 3:
        raise SystemExit("usage: make_sample_csvs.py PLAYERS_CSV BALL_CSV OUT_DIR")
    players_csv, ball_csv, out = (Path(argument) for argument in arguments)
    make_samples(players_csv, ball_csv, out)


def make_samples(players_csv: Path, ball_csv: Path, out: Path) -> None:
    """Write the three folders; ``players_csv`` and ``ball_csv`` have the columns of ``contract.csv_columns``."""
    players, ball = _read(players_csv).sort("frame", "track"), _read(ball_csv).sort("frame")
    for name in ("coach_pro", "cpp_engine", "documented"):
        (out / name).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(players_csv, out / "coach_pro" / "player_metrics.csv")
    shutil.copyfile(ball_csv, out / "coach_pro" / "ball_metrics.csv")
    moving = _with_steps(players)
    _write(_cpp_players(moving), out / "cpp_engine" / "player_metrics.csv")
    _write(_cpp_ball(ball), out / "cpp_engine" / "ball_metrics.csv")
    _write(_documented_players(moving), out / "documented" / "player_metrics.csv")
    _write(_documented_ball(ball), out / "documented" / "ball_metrics.csv")


def _read(csv: Path) -> pl.DataFrame:
    return pl.read_csv(csv, schema_overrides=dict.fromkeys(_NUMBERS, pl.Float64) | {"team": pl.String})


def _write(frame: pl.DataFrame, csv: Path) -> None:
    text = frame.write_csv(float_precision=_DECIMALS)
    csv.write_text(text.replace(",NaN", ",nan"), encoding="utf-8")  # as C++ prints it


def _with_steps(players: pl.DataFrame) -> pl.DataFrame:
    """Add raw steps, running totals and speeds, as engines compute them: from row to row of a track, unfiltered."""
    dx, dy, dt = (pl.col(name).diff().over("track") for name in ("x_m", "y_m", "time_s"))
    step = (dx**2 + dy**2).sqrt().fill_null(0.0)
    stepped = players.with_columns(step_m=step, speed_mps=(step / dt).fill_null(0.0))
    return stepped.with_columns(total_m=pl.col("step_m").cum_sum().over("track"))


def _cpp_players(moving: pl.DataFrame) -> pl.DataFrame:
    """No time, team Unknown, zeros for what is not measured, and the final distance of the track on every row."""
    measured = {
        "player_id": pl.col("track"),
        "x": _or_cpp_blank("x_m", moving),
        "y": _or_cpp_blank("y_m", moving),
        "team": pl.lit("Unknown"),
        "distance_meters": pl.col("step_m"),
        "total_distance_meters": pl.col("total_m"),
        "distance_covered_km": pl.col("total_m").last().over("track") / 1000.0,
        "notes": pl.lit(None, dtype=pl.String),
    }
    zeros = {
        name: pl.lit("0.0" if name in _CPP_ZERO_RATES else "0")
        for name in CPP_COLUMNS
        if name not in {*measured, "frame"}
    }
    cells = {"frame": pl.col("frame")} | measured | zeros
    return moving.select(cells[name].alias(name) for name in CPP_COLUMNS)


def _cpp_ball(ball: pl.DataFrame) -> pl.DataFrame:
    return ball.select("frame", _or_cpp_blank("x_m", ball).alias("x"), _or_cpp_blank("y_m", ball).alias("y"))


def _or_cpp_blank(column: str, rows: pl.DataFrame) -> pl.Expr:
    """The C++ engine never leaves a cell empty: a foot on the horizon is NaN, and without a calibration all are 0."""
    calibrated = rows[column].count() > 0
    return pl.col(column).fill_null(float("nan") if calibrated else 0.0)


def _documented_players(moving: pl.DataFrame) -> pl.DataFrame:
    return moving.select(
        frame_id="frame",
        player_id="track",
        team="team",
        x_pixel="x_px",
        y_pixel="y_px",
        x_meter="x_m",
        y_meter="y_m",
        speed_mps="speed_mps",
        distance_meters="step_m",
        total_distance_meters="total_m",
    )


def _documented_ball(ball: pl.DataFrame) -> pl.DataFrame:
    dt = pl.col("time_s").diff()
    return ball.select(
        frame_id="frame",
        x_pixel="x_px",
        y_pixel="y_px",
        x_meter="x_m",
        y_meter="y_m",
        velocity_x=pl.col("x_m").diff() / dt,
        velocity_y=pl.col("y_m").diff() / dt,
        confidence="confidence",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
