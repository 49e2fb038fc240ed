"""Each way in which a metrics file can be broken has its own code, and a sentence that says where."""

import io
from pathlib import Path

import pytest

from app.core.errors import PermanentFailure
from app.services.ingest import csv_table
from app.services.ingest.engine_csv import read_ball, read_players
from app.services.ingest.frame_clock import ConstantRate

CLOCK = ConstantRate(25.0)
HEADER = "frame,time_s,track,team,x_px,y_px,box_x,box_y,box_w,box_h,x_m,y_m,confidence\n"
ROW = "{frame},{time},{track},A,100.5,200.0,90,150,20,50,{x},{y},0.9\n"


def _row(frame: object = 1, track: object = 3, time: object = 0.0, x: object = 10.0, y: object = 20.0) -> str:
    return ROW.format(frame=frame, track=track, time=time, x=x, y=y)


def _read(content: str | bytes, *, calibrated: bool = True, expected_rows: int | None = None) -> PermanentFailure:
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(PermanentFailure) as caught:
        read_players(io.BytesIO(raw), clock=CLOCK, calibrated=calibrated, expected_rows=expected_rows)
    assert caught.value.detail.endswith(".")
    assert caught.value.hint
    return caught.value


GOOD = HEADER + _row(1) + _row(2, time=0.04)

BROKEN = [
    # What the file holds, the code, what the sentence must name.
    pytest.param("", "no_people_found", "No people", id="nothing"),
    pytest.param("\n", "no_people_found", "No people", id="a blank line"),
    pytest.param("\ufeff", "no_people_found", "No people", id="only a byte order mark"),
    pytest.param(HEADER, "no_people_found", "No people", id="only a header"),
    pytest.param(GOOD.replace("track", "trick"), "metrics_missing_column", '"track"', id="no track"),
    pytest.param("frame,player_id,x,team,\n1,2,3,,\n", "metrics_missing_column", '"y"', id="no y, C++"),
    pytest.param(
        "frame_id,player_id,x_pixel,y_pixel,x_meter\n1,2,3,4,5\n",
        "metrics_missing_column",
        '"y_meter"',
        id="no y_meter",
    ),
    pytest.param("a,b,c\n1,2,3\n", "metrics_missing_column", '"frame"', id="something else"),
    pytest.param(GOOD.replace("box_x", "x_m"), "metrics_repeated_column", '"x_m"', id="a column twice"),
    pytest.param(GOOD.encode("utf-16"), "metrics_not_utf8", "UTF-8", id="UTF-16"),
    pytest.param(GOOD.replace("A", "Ä").encode("latin-1"), "metrics_not_utf8", "UTF-8", id="Latin-1"),
    pytest.param(GOOD[:-1], "metrics_truncated", "middle of a line", id="last line feed missing"),
    pytest.param(GOOD[:-30], "metrics_truncated", "middle of a line", id="last line cut"),
    pytest.param(HEADER[:-10], "metrics_truncated", "middle of a line", id="header cut"),
    pytest.param(GOOD.encode() + "Ä".encode()[:1], "metrics_truncated", "middle of a line", id="cut in a character"),
    pytest.param(HEADER + _row(1) + "2,0.04\n", "metrics_truncated", "line 3 has 2 cells", id="too few cells"),
    pytest.param(HEADER + "1,2\n" + _row(2), "metrics_truncated", "line 2 has 2 cells", id="too few in the middle"),
    pytest.param(HEADER + _row()[:-1] + ",7\n", "metrics_truncated", "line 2 has 14 cells", id="too many cells"),
    pytest.param(GOOD + "\n", "metrics_truncated", "line 4 has 1 cells", id="a blank line at the end"),
    pytest.param(HEADER + _row(x="ten"), "metrics_not_a_number", '"ten" in line 2', id="words"),
    pytest.param(HEADER + _row() + _row(2, "x7"), "metrics_not_a_number", '"x7" in line 3', id="words for a track"),
    pytest.param(HEADER + _row("1.5"), "metrics_not_a_number", "whole number", id="half a frame"),
    pytest.param(HEADER + _row(""), "metrics_not_a_number", '"frame" of the metrics file is empty', id="no frame"),
    pytest.param(HEADER + _row(time=""), "metrics_not_a_number", '"time_s"', id="no time"),
    pytest.param(HEADER + _row(x="\x00\x00"), "metrics_not_a_number", '"x_m"', id="zero bytes after a crash"),
    pytest.param(HEADER + _row("nan"), "metrics_not_finite", '"frame"', id="NaN for a frame"),
    pytest.param(HEADER + _row(1, "inf"), "metrics_not_finite", '"track"', id="infinite track"),
    pytest.param(HEADER + _row(time="nan"), "metrics_not_finite", "line 2", id="NaN for a time"),
    pytest.param(
        GOOD + _row(3, time=0.08, x="nan"), "metrics_not_finite", "1 of 3", id="a third without a finite place"
    ),
    pytest.param(HEADER + _row(-1), "metrics_out_of_range", "line 2 (-1)", id="negative frame"),
    pytest.param(HEADER + _row(1, -4), "metrics_out_of_range", "(-4)", id="negative track"),
    pytest.param(HEADER + _row(2**31), "metrics_out_of_range", "2147483648", id="absurd frame"),
    pytest.param(HEADER + _row(10**30), "metrics_not_a_number", "whole number", id="more digits than a number has"),
    pytest.param(GOOD + _row(2, time=0.04), "metrics_duplicate_rows", "track 3, frame 2", id="a row twice"),
    pytest.param(HEADER + _row(time=5.0) + _row(2, time=4.0), "metrics_time_backwards", "frame 2", id="time runs back"),
    pytest.param(HEADER + _row(x=0, y="0.0"), "metrics_calibration_ignored", "calibration", id="zeros"),
    pytest.param(HEADER + _row(x="", y=""), "metrics_calibration_ignored", "calibration", id="no metres at all"),
]


@pytest.mark.parametrize(("content", "code", "names"), BROKEN)
def test_a_broken_player_file_fails_for_good_with_its_own_code(content: str | bytes, code: str, names: str) -> None:
    failure = _read(content)

    assert failure.code == code
    assert names in failure.detail


def test_the_same_file_without_the_fault_is_read() -> None:
    samples = read_players(io.BytesIO(GOOD.encode()), clock=CLOCK, calibrated=True, expected_rows=2)

    assert len(samples.frame) == 2


def test_no_file_means_nobody(tmp_path: Path) -> None:
    with pytest.raises(PermanentFailure) as caught:
        read_players(tmp_path / "player_metrics.csv", clock=CLOCK, calibrated=True)

    assert caught.value.code == "no_people_found"


ROW_COUNTS = [
    (GOOD, 3, "metrics_truncated"),  # a whole line is missing, which the lines that are left do not show
    (GOOD, 1, "metrics_truncated"),
    (HEADER, 2, "metrics_truncated"),
    ("", 2, "metrics_truncated"),
    ("", 0, "no_people_found"),
    (HEADER, 0, "no_people_found"),
]


@pytest.mark.parametrize(("content", "expected_rows", "code"), ROW_COUNTS)
def test_rows_that_the_engine_sent_and_that_are_not_there_are_noticed(
    content: str, expected_rows: int, code: str
) -> None:
    assert _read(content, expected_rows=expected_rows).code == code


@pytest.mark.parametrize("chunk_bytes", [1, 7, 64])
def test_lines_are_counted_across_chunks(chunk_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "_CHUNK_BYTES", chunk_bytes)
    content = HEADER + "".join(_row(frame, time=frame / 25) for frame in range(1, 50))

    assert len(read_players(io.BytesIO(content.encode()), clock=CLOCK, calibrated=True, expected_rows=49).frame) == 49
    failure = _read(content + "50,2.0\n" + _row(51))
    assert (failure.code, "line 51 has 2 cells" in failure.detail) == ("metrics_truncated", True)


def test_zeros_are_no_fault_where_there_is_no_calibration() -> None:
    content = HEADER + _row(x=0, y=0)

    samples = read_players(io.BytesIO(content.encode()), clock=CLOCK, calibrated=False)

    assert samples.frame["x_m"].to_list() == [None]


BROKEN_BALLS = [
    ("frame,x,y\n1,5.0,5.0\n1,6.0,5.0\n", "metrics_duplicate_rows"),  # only one ball is in play
    ("frame,x\n1,5.0\n", "metrics_missing_column"),
    ("frame,x,y\n1,5.0,5", "metrics_truncated"),
    ("frame,x,y\n1,5.0,ball\n", "metrics_not_a_number"),
]


@pytest.mark.parametrize(("content", "code"), BROKEN_BALLS)
def test_a_broken_ball_file_fails_too(content: str, code: str) -> None:
    with pytest.raises(PermanentFailure) as caught:
        read_ball(io.BytesIO(content.encode()), clock=CLOCK, calibrated=True)

    assert caught.value.code == code
