"""Feet that were read against rows that are right, off by a known amount, left out, and missing."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.chunks import Chunk
from engine.evaluation.positions import FootReadings, compare_positions, read_feet
from engine.results import BallRow, Kind, Place, PlayerRow
from football.camera import CameraFit, Lens, PitchCamera
from tests.conftest import ROOT, SAMPLE_CALIBRATION

# One metre is ten pixels.
CAMERA = PitchCamera(Lens((0.0, 0.0), 1.0), np.diag([0.1, 0.1, 1.0]))
FIT = CameraFit(CAMERA, np.array([0.1, 0.2, 0.6]))


def read(feet: dict[int, list[tuple[float, float]]]) -> FootReadings:
    return FootReadings(Path("clip.mp4"), FIT, {frame: np.array(places) for frame, places in feet.items()})


def tell(*rows: tuple[int, int, float, float]) -> Iterator[Chunk]:
    """Chunks of rows of (frame, track, x in pixels, y in pixels), two rows each; the first begins with the header."""
    lines = [
        PlayerRow(frame, frame / 25, track, "A", Place(x, y, x / 10, y / 10), (x, y, 1, 1), 0.9).to_line()
        for frame, track, x, y in rows
    ]
    yield Chunk(Kind.PLAYERS, 1, 1, Kind.PLAYERS.value + "".join(lines[:2]))
    yield Chunk(Kind.BALL, 1, 1, Kind.BALL.value + BallRow(1, 0.04, Place(1.0, 1.0, 0.1, 0.1), 0.9).to_line())
    yield Chunk(Kind.PLAYERS, 2, 2, "".join(lines[2:]))


def test_errors_are_told_in_metres_and_pixels() -> None:
    score = compare_positions(
        read({7: [(100, 100), (300, 100)]}), tell((7, 1, 306, 108), (7, 2, 100, 99), (8, 1, 0, 0))
    )
    assert score.read == 2
    assert score.errors_m == pytest.approx([0.1, 1.0])
    assert score.errors_px == pytest.approx([1.0, 10.0])
    assert score.calibration_errors_m.max() == 0.6


def test_one_row_is_not_two_people() -> None:
    score = compare_positions(read({7: [(100, 100), (110, 100)]}), tell((7, 1, 108, 100)))
    assert (score.read, score.errors_m) == (2, pytest.approx([0.2]))


def test_who_is_told_more_than_five_metres_away_is_missed() -> None:
    score = compare_positions(read({7: [(100, 100), (300, 100)]}), tell((7, 1, 151, 100), (7, 2, 300, 149)))
    assert (score.read, score.errors_m) == (2, pytest.approx([4.9]))


def test_where_nobody_is_told_everybody_is_missed() -> None:
    score = compare_positions(read({7: [(100, 100)]}), tell())
    assert (score.read, score.errors_m, score.errors_px) == (1, [], [])


def test_in_a_frame_that_was_left_out_people_are_between_their_rows() -> None:
    rows = (6, 1, 100, 100), (10, 1, 140, 100), (6, 2, 300, 100), (11, 2, 300, 100)
    score = compare_positions(read({7: [(110, 100), (300, 100)]}), tell(*rows))
    assert (score.read, score.errors_m) == (2, pytest.approx([0.0]))  # the second track was away for too long


def test_the_readings_of_the_sample_clip_are_of_twenty_people_on_the_pitch() -> None:
    folder = ROOT / "engine" / "evaluation" / "foot_readings"
    readings = read_feet(folder / "tsukuba_wide_left.json", SAMPLE_CALIBRATION.parent)
    feet = np.concatenate(list(readings.feet.values()))
    metres = readings.fit.camera.to_pitch(feet)
    assert len(feet) == 20
    assert ((metres > -1) & (metres < (106, 69))).all()
    assert readings.fit.median_error_m < 0.3
