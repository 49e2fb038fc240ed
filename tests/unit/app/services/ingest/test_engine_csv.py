"""All dialects give the same samples, and a file with nothing wrong in it is never refused."""

import io
from pathlib import Path

import polars as pl
import pytest

from app.services.ingest.engine_csv import read_ball, read_players
from app.services.ingest.frame_clock import ConstantRate
from app.services.ingest.samples import BALL_SCHEMA, PLAYER_SCHEMA, BallSamples, PlayerSamples, Rejected
from contract.csv_columns import REGISTRATION_ERROR
from football.pitch import Pitch

CLOCK = ConstantRate(25.0)

OURS = """\
frame,time_s,track,team,x_px,y_px,box_x,box_y,box_w,box_h,x_m,y_m,confidence
1,0.0,3,A,100.5,200.0,90,150,20,50,10.25,20.5,0.9
1,0.0,7,,300.0,400.0,290,350,20,50,30.0,40.0,0.8
2,0.04,3,A,101.5,200.0,91,150,20,50,10.5,20.5,0.9
"""
CPP_ROW = "{},{},{},{},Unknown,0,0,0,0,0,0,0,0,0,0,0,0,0.000000,0.000000,0.029563,0.0,0,0,0.0,0.0,,0.0\n"
CPP = (
    "frame,player_id,x,y,team,minutes_played,shots,shots_on_target,passes,accurate_passes,tackles,interceptions,"
    "clearances,saves,fouls_committed,fouls_suffered,offsides,distance_meters,total_distance_meters,"
    "distance_covered_km,player_xg,key_passes,progressive_carries,press_resistance_success_rate,"
    "defensive_coverage_km,notes,rating\n"
    + CPP_ROW.format(1, 3, 10.25, 20.5)
    + CPP_ROW.format(1, 7, 30.0, 40.0)
    + CPP_ROW.format(2, 3, 10.5, 20.5)
)
DOCUMENTED = """\
frame_id, player_id, team, x_pixel, y_pixel, x_meter, y_meter, speed_mps, distance_meters, total_distance_meters
1, 3, A, 100.5, 200.0, 10.25, 20.5, 0.0, 0.0, 0.0
1, 7, Unknown, 300.0, 400.0, 30.0, 40.0, 0.0, 0.0, 0.0
2, 3, A, 101.5, 200.0, 10.5, 20.5, 6.25, 0.25, 0.25
"""
CPP_WITH_SPEED = """\
distance_meters,frame,player_id,speed_mps,team,total_distance_meters,x,y
0.000000,0,3,0.000000,Unknown,0.000000,100.5,200.0
0.000000,0,7,0.000000,Unknown,0.000000,300.0,400.0
1.000000,1,3,25.000000,Unknown,1.000000,101.5,200.0
"""
CPP_TRAILING_COMMA = "frame,player_id,x,y,\n0,3,100.5,200.0,\n0,7,300.0,400.0,\n1,3,101.5,200.0,\n"

WHO_AND_WHEN = [(1, 0.0, 3), (2, 0.04, 3), (1, 0.0, 7)]  # in the order of track and frame
PIXELS = [(100.5, 200.0), (101.5, 200.0), (300.0, 400.0)]
METRES = [(10.25, 20.5), (10.5, 20.5), (30.0, 40.0)]
NOTHING = [(None, None)] * 3


def _players(text: str | bytes, *, calibrated: bool = True, expected_rows: int | None = None) -> PlayerSamples:
    content = text.encode() if isinstance(text, str) else text
    return read_players(io.BytesIO(content), clock=CLOCK, calibrated=calibrated, expected_rows=expected_rows)


def _ball(text: str, *, calibrated: bool = True) -> BallSamples:
    return read_ball(io.BytesIO(text.encode()), clock=CLOCK, calibrated=calibrated)


# file, calibrated, expected pixels, expected metres, expected teams
PLAYER_FILES = [
    pytest.param(OURS, True, PIXELS, METRES, ["A", "A", None], id="ours"),
    pytest.param(OURS, False, PIXELS, NOTHING, ["A", "A", None], id="ours without calibration"),
    pytest.param(CPP, True, NOTHING, METRES, [None] * 3, id="C++ engine"),
    pytest.param(CPP, False, NOTHING, NOTHING, [None] * 3, id="C++ engine without calibration: x and y mean nothing"),
    pytest.param(DOCUMENTED, True, PIXELS, METRES, ["A", "A", None], id="documented, with spaces"),
    pytest.param(DOCUMENTED, False, PIXELS, NOTHING, ["A", "A", None], id="documented without calibration"),
    pytest.param(CPP_WITH_SPEED, False, PIXELS, NOTHING, [None] * 3, id="earlier C++ engine, pixels called metres"),
    pytest.param(CPP_TRAILING_COMMA, False, PIXELS, NOTHING, [None] * 3, id="earliest C++ engine, trailing comma"),
]


@pytest.mark.parametrize(("text", "calibrated", "pixels", "metres", "teams"), PLAYER_FILES)
def test_every_player_dialect_gives_the_same_samples(
    text: str, calibrated: bool, pixels: list[tuple[float]], metres: list[tuple[float]], teams: list[str | None]
) -> None:
    samples = _players(text, calibrated=calibrated)

    assert samples.frame.schema == pl.Schema(PLAYER_SCHEMA)
    assert samples.frame.select("frame", "time_s", "track").rows() == WHO_AND_WHEN
    assert samples.frame.select("x_px", "y_px").rows() == pixels
    assert samples.frame.select("x_m", "y_m").rows() == metres
    assert samples.frame["team"].to_list() == teams
    assert (samples.calibrated, samples.rejected) == (calibrated, Rejected(0, 0))


OUR_BALL = (
    "frame,time_s,x_px,y_px,x_m,y_m,confidence\n1,0.0,100.0,200.0,50.5,30.0,0.75\n3,0.08,110.0,200.0,51.0,30.0,0.5\n"
)
CPP_BALL = "frame,x,y\n1,50.5,30.0\n3,51.0,30.0\n"
CPP_EARLIER_BALL = "frame,x,y,\n0,100.0,200.0,\n2,110.0,200.0,\n"
DOCUMENTED_BALL = """\
frame_id, x_pixel, y_pixel, x_meter, y_meter, velocity_x, velocity_y, confidence
1,100.0,200.0,50.5,30.0,,,0.75
3,110.0,200.0,51.0,30.0,6.25,0.0,0.5
"""
BALL_FILES = [
    pytest.param(OUR_BALL, True, [(100.0, 200.0, 50.5, 30.0, 0.75), (110.0, 200.0, 51.0, 30.0, 0.5)], id="ours"),
    pytest.param(CPP_BALL, True, [(None, None, 50.5, 30.0, None), (None, None, 51.0, 30.0, None)], id="C++ engine"),
    pytest.param(CPP_BALL, False, [(None,) * 5] * 2, id="C++ engine without calibration"),
    pytest.param(
        CPP_EARLIER_BALL, False, [(100.0, 200.0, *(None,) * 3), (110.0, 200.0, *(None,) * 3)], id="earlier C++ engine"
    ),
    pytest.param(
        DOCUMENTED_BALL, True, [(100.0, 200.0, 50.5, 30.0, 0.75), (110.0, 200.0, 51.0, 30.0, 0.5)], id="documented"
    ),
]


@pytest.mark.parametrize(("text", "calibrated", "expected"), BALL_FILES)
def test_every_ball_dialect_gives_the_same_samples(
    text: str, calibrated: bool, expected: list[tuple[float | None, ...]]
) -> None:
    samples = _ball(text, calibrated=calibrated)

    assert samples.frame.schema == pl.Schema(BALL_SCHEMA)
    assert samples.frame.select("frame", "time_s").rows() == [(1, 0.0), (3, 0.08)]
    assert samples.frame.select("x_px", "y_px", "x_m", "y_m", "confidence").rows() == expected


def _swap_first_columns(text: str) -> str:
    return "".join(",".join((b, a, rest)) for a, b, rest in (line.split(",", 2) for line in text.splitlines(True)))


HARMLESS = [
    pytest.param(OURS.replace("\n", "\r\n"), id="carriage returns"),
    pytest.param("\ufeff" + OURS, id="byte order mark"),
    pytest.param(OURS.replace("frame,time_s", "Frame , TIME_S"), id="capitals and spaces in the header"),
    pytest.param(OURS.replace(",", ", "), id="spaces after commas everywhere"),
    pytest.param(_swap_first_columns(OURS), id="columns in another order"),
    pytest.param(OURS.replace("box_w", "shirt_number"), id="an unknown column"),
    pytest.param("\n".join(line + f",{k}" for k, line in enumerate(OURS.splitlines())) + "\n", id="one column more"),
    pytest.param("\n".join([*OURS.splitlines()[:1], *reversed(OURS.splitlines()[1:])]) + "\n", id="rows in any order"),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_difference_changes_nothing(text: str) -> None:
    assert _players(text).frame.equals(_players(OURS).frame)


def test_a_file_on_disk_reads_like_a_stream(tmp_path: Path) -> None:
    csv = tmp_path / "player_metrics.csv"
    csv.write_text(OURS)

    assert read_players(csv, clock=CLOCK, calibrated=True).frame.equals(_players(OURS).frame)


def _with_errors(text: str, *errors: str) -> str:
    header, *lines = text.splitlines()
    rows = [f"{line},{error}" for line, error in zip(lines, errors, strict=True)]
    return "\n".join([f"{header},{REGISTRATION_ERROR}", *rows]) + "\n"


def test_metres_of_an_engine_that_found_the_pitch_itself_need_no_calibration() -> None:
    file = io.BytesIO(_with_errors(OURS, "1.25", "", "0.9").encode())  # between two frames nothing was measured

    samples = read_players(file, clock=CLOCK, calibrated=False)

    assert samples.calibrated
    assert samples.frame.drop(REGISTRATION_ERROR).equals(_players(OURS).frame.drop(REGISTRATION_ERROR))
    ball = read_ball(io.BytesIO(_with_errors(OUR_BALL, "1.0", "").encode()), clock=CLOCK, calibrated=False)
    assert (ball.calibrated, ball.frame["x_m"].to_list()) == (True, [50.5, 51.0])


def test_metres_mean_nothing_where_no_frame_tells_how_well_the_pitch_was_found() -> None:
    for text in (OURS, _with_errors(OURS, "", "", "")):
        samples = read_players(io.BytesIO(text.encode()), clock=CLOCK, calibrated=False)
        assert not samples.calibrated
        assert samples.frame["x_m"].null_count() == 3
    with_calibration = io.BytesIO(_with_errors(OURS, "", "", "").encode())
    assert read_players(with_calibration, clock=CLOCK, calibrated=True).frame.equals(_players(OURS).frame)


def test_the_time_column_beats_the_clock() -> None:
    samples = read_players(io.BytesIO(OURS.encode()), clock=ConstantRate(50.0), calibrated=True)

    assert samples.frame["time_s"].to_list() == [0.0, 0.04, 0.0]


def test_the_clock_tells_the_time_where_the_file_does_not() -> None:
    samples = read_players(io.BytesIO(CPP.encode()), clock=ConstantRate(50.0), calibrated=True)

    assert samples.frame["time_s"].to_list() == [0.0, 0.02, 0.0]


def test_a_documented_file_that_counts_from_zero_is_numbered_from_one() -> None:
    text = DOCUMENTED.replace("\n1, ", "\n0, ").replace("\n2, ", "\n1, ")

    assert _players(text).frame.select("frame", "time_s", "track").rows() == WHO_AND_WHEN


def test_a_ball_that_was_never_seen_is_an_empty_answer(tmp_path: Path) -> None:
    for samples in (
        _ball(""),
        _ball("frame,x,y\n"),
        read_ball(tmp_path / "none.csv", clock=CLOCK, calibrated=True),
    ):
        assert samples.frame.schema == pl.Schema(BALL_SCHEMA)
        assert len(samples.frame) == 0


def _cpp_rows(places: list[tuple[str, str]]) -> str:
    header = CPP.splitlines()[0]
    return header + "\n" + "".join(CPP_ROW.format(k + 1, 0, *place) for k, place in enumerate(places))


@pytest.mark.parametrize("bad", [("nan", "20.0"), ("20.0", "-nan"), ("inf", "inf"), ("-inf", "3.0"), ("", "3.0")])
def test_a_few_positions_that_are_not_finite_are_dropped_and_counted(bad: tuple[str, str]) -> None:
    samples = _players(_cpp_rows([("10.0", "20.0")] * 30 + [bad]))

    assert samples.rejected == Rejected(not_finite=1, off_pitch=0)
    assert len(samples.frame) == 31
    assert samples.frame.select("x_m", "y_m").row(30) == (None, None)
    assert samples.frame.select("x_m", "y_m").row(29) == (10.0, 20.0)


def test_places_far_from_the_pitch_are_dropped_and_counted_but_the_touchline_is_kept() -> None:
    places = [("10.0", "20.0"), ("-9.9", "77.9"), ("-10.1", "20.0"), ("114.9", "-9.9"), ("50.0", "1000.0")]

    samples = _players(_cpp_rows(places))

    assert samples.rejected == Rejected(not_finite=0, off_pitch=2)
    assert samples.frame["x_m"].to_list() == [10.0, -9.9, None, 114.9, None]
    assert samples.frame["y_m"].to_list() == [20.0, 77.9, None, -9.9, None]


def test_what_is_far_from_the_pitch_depends_on_the_pitch() -> None:
    text = _cpp_rows([("10.0", "20.0"), ("90.0", "20.0")])

    samples = read_players(io.BytesIO(text.encode()), clock=CLOCK, calibrated=True, pitch=Pitch(60.0, 40.0))

    assert samples.rejected.off_pitch == 1


def test_a_person_at_the_corner_flag_is_no_ignored_calibration() -> None:
    assert _players(_cpp_rows([("0.0", "0.0"), ("0.0", "0.2")])).frame["y_m"].to_list() == [0.0, 0.2]


def test_speed_and_class_are_read_where_an_engine_tells_them_and_null_where_not() -> None:
    told = OURS.replace("confidence\n", "confidence,speed_mps,class,registration_error_px\n")
    for end, cells in (("0.9\n1", ",1.5,Player,2.5"), ("0.8\n", ",nan,coach,"), ("0.9\n", ",,,")):
        told = told.replace(end, f"{end[:3]}{cells}{end[3:]}", 1)
    frame = _players(told).frame
    assert frame["speed_mps"].to_list() == [1.5, None, None]
    assert frame["class"].to_list() == ["player", None, None]
    assert frame["registration_error_px"].to_list() == [2.5, None, None]
    unplaced = told.replace(",2.5\n", ",\n")  # neither calibrated nor registered: no metres, so no speed
    assert _players(unplaced, calibrated=False).frame["speed_mps"].to_list() == [None] * 3
    without = _players(OURS).frame
    assert without.select("speed_mps", "class", "registration_error_px").null_count().row(0) == (3, 3, 3)


def test_a_ball_that_was_not_seen_in_a_frame_but_bridged_is_told_apart() -> None:
    cells = ("0", "1", "", " 1", "yes")
    header, place = "frame,time_s,x_px,y_px,x_m,y_m,confidence,interpolated\n", "1,2,3,4,0.9"
    content = header + "".join(f"{frame},{frame / 25},{place},{cell}\n" for frame, cell in enumerate(cells, start=1))
    assert _ball(content).frame["interpolated"].to_list() == [False, True, False, True, False]


@pytest.mark.parametrize("text", [OUR_BALL, CPP_BALL, DOCUMENTED_BALL])
def test_where_an_engine_does_not_say_it_the_ball_was_seen(text: str) -> None:
    assert _ball(text).frame["interpolated"].to_list() == [False, False]
