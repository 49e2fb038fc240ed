import csv
import io
from dataclasses import replace

import numpy as np

from contract.csv_columns import BALL_COLUMNS, PLAYER_COLUMNS
from engine.chunks import FRAMES_PER_CHUNK, Chunk, Chunker, FrameRows
from engine.results import BallRow, Kind, Place, PlayerRow

ROW = PlayerRow(7, 0.24, 3, "A", Place(100.126, 200.0, 52.5, 34.0, 1.254), (90.0, 150.0, 20.0, 50.0), 0.87654)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_player_row_has_the_columns_of_the_contract():
    (cells,) = read(Kind.PLAYERS.value + ROW.to_line())
    assert tuple(cells) == PLAYER_COLUMNS
    assert list(cells.values()) == [
        *("7", "0.2400", "3", "A", "100.13", "200.00", "90.0", "150.0", "20.0", "50.0", "52.500", "34.000", "0.877"),
        *("", "", "1.25"),
    ]
    fuller = replace(ROW, speed_mps=3.14159, kind="goalkeeper")
    assert fuller.to_line().endswith(",0.877,3.142,goalkeeper,1.25\n")


def test_a_ball_row_has_the_columns_of_the_contract():
    (cells,) = read(Kind.BALL.value + BallRow(2, 0.04, Place(1.0, 2.0), 0.5).to_line())
    assert tuple(cells) == BALL_COLUMNS
    assert list(cells.values()) == ["2", "0.0400", "1.00", "2.00", "", "", "0.500", "0", ""]
    assert BallRow(2, 0.04, Place(1.0, 2.0), 0.5, is_interpolated=True).to_line().endswith(",1,\n")


def frames(count: int) -> list[FrameRows]:
    return [FrameRows(number, (ROW,), None, number / 25) for number in range(1, count + 1)]


def test_chunks_are_full_and_the_rest_comes_at_the_end():
    chunker = Chunker()
    chunks = [*chunker.add(frames(FRAMES_PER_CHUNK + 3)), *chunker.finish(FRAMES_PER_CHUNK + 3)]
    assert [(chunk.kind, chunk.first_frame, chunk.last_frame) for chunk in chunks] == [
        (Kind.PLAYERS, 1, FRAMES_PER_CHUNK),
        (Kind.BALL, 1, FRAMES_PER_CHUNK),
        (Kind.PLAYERS, FRAMES_PER_CHUNK + 1, FRAMES_PER_CHUNK + 3),
    ]
    assert len(read("".join(chunk.text for chunk in chunks if chunk.kind is Kind.PLAYERS))) == FRAMES_PER_CHUNK + 3
    assert (chunker.rows, chunker.tracks) == ({Kind.PLAYERS: FRAMES_PER_CHUNK + 3, Kind.BALL: 0}, 1)


def test_an_empty_video_has_two_headers():
    assert list(Chunker().finish(0)) == [Chunk(kind, 1, 0, kind.value) for kind in Kind]


def test_rows_hold_plain_numbers():
    line = PlayerRow(1, 0.0, 1, "", Place(float(np.float64(1.5)), 2.0), (0.0, 0.0, 1.0, 1.0), 1.0).to_line()
    assert line == "1,0.0000,1,,1.50,2.00,0.0,0.0,1.0,1.0,,,1.000,,,\n"
