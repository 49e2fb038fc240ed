from pathlib import Path

import polars as pl
import pytest

from app.services.ingest.engine_csv import read_ball, read_players
from app.services.ingest.frame_clock import ConstantRate
from contract.csv_columns import BALL_COLUMNS, PLAYER_COLUMNS
from scripts.make_sample_csvs import main

CLOCK = ConstantRate(25.0)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    players = [",".join(PLAYER_COLUMNS)]
    for frame in range(1, 41):
        for track in (0, 1):
            place = f"{10 + track + frame * 0.25:.3f},{20 + track:.3f}" if (frame, track) != (7, 1) else ","
            box = f"{100 + frame},200,90,150,20,50"
            players.append(f"{frame},{(frame - 1) / 25:.3f},{track},{'AB'[track]},{box},{place},0.9,,player,")
    ball = [",".join(BALL_COLUMNS), "2,0.04,300.5,400.0,50.25,30.0,0.8,0,", "4,0.12,310.5,400.0,51.25,30.0,0.7,1,"]
    (tmp_path / "players.csv").write_text("\n".join(players) + "\n")
    (tmp_path / "ball.csv").write_text("\n".join(ball) + "\n")
    main([str(tmp_path / "players.csv"), str(tmp_path / "ball.csv"), str(tmp_path / "out")])
    return tmp_path / "out"


def _metres(folder: Path) -> pl.DataFrame:
    players = read_players(folder / "player_metrics.csv", clock=CLOCK, calibrated=True, expected_rows=80)
    return players.frame.select("frame", "time_s", "track", "x_m", "y_m")


@pytest.mark.parametrize("dialect", ["cpp_engine", "documented"])
def test_every_dialect_reads_back_to_the_same_metres(samples: Path, dialect: str) -> None:
    assert _metres(samples / dialect).equals(_metres(samples / "coach_pro"))


@pytest.mark.parametrize("dialect", ["coach_pro", "cpp_engine", "documented"])
def test_the_ball_reads_back_from_every_dialect(samples: Path, dialect: str) -> None:
    ball = read_ball(samples / dialect / "ball_metrics.csv", clock=CLOCK, calibrated=True)

    assert ball.frame.select("frame", "time_s", "x_m").rows() == [(2, 0.04, 50.25), (4, 0.12, 51.25)]


def test_our_own_files_are_copied_byte_for_byte(samples: Path) -> None:
    assert (samples / "coach_pro" / "player_metrics.csv").read_bytes() == (samples.parent / "players.csv").read_bytes()


def test_the_cpp_files_have_the_habits_of_the_cpp_engine(samples: Path) -> None:
    lines = (samples / "cpp_engine" / "player_metrics.csv").read_text().splitlines()
    assert len(lines[0].split(",")) == 27
    # Frame 2 of track 0: one step of 0.25 m; 39 such steps make the 0.00975 km that stands on every row.
    assert (
        lines[3] == "2,0,10.500000,20.000000,Unknown" + ",0" * 12 + ",0.250000,0.250000,0.009750,0.0,0,0,0.0,0.0,,0.0"
    )
    assert sum(",nan,nan,Unknown," in line for line in lines) == 1  # the foot on the horizon
    assert (samples / "cpp_engine" / "ball_metrics.csv").read_text() == (
        "frame,x,y\n2,50.250000,30.000000\n4,51.250000,30.000000\n"
    )


def test_the_documented_files_have_the_documented_columns(samples: Path) -> None:
    players = pl.read_csv(samples / "documented" / "player_metrics.csv")
    assert players.columns == [
        *("frame_id", "player_id", "team", "x_pixel", "y_pixel", "x_meter", "y_meter"),
        *("speed_mps", "distance_meters", "total_distance_meters"),
    ]
    assert players.row(2, named=True)["speed_mps"] == pytest.approx(6.25)
    ball = (samples / "documented" / "ball_metrics.csv").read_text().splitlines()
    assert ball[0] == "frame_id,x_pixel,y_pixel,x_meter,y_meter,velocity_x,velocity_y,confidence"
    assert ball[2] == "4,310.500000,400.000000,51.250000,30.000000,12.500000,0.000000,0.700000"


def test_a_call_with_too_few_paths_says_how_to_call() -> None:
    with pytest.raises(SystemExit, match="usage"):
        main(["players.csv"])
