"""A network that a user brings, in the format that YOLO exports."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelUnusable
from engine.kinds import Kind
from engine.networks.opening import open_network
from tests.unit.engine.networks.colour_network import BOX, CELL, HEIGHT, WIDTH, write_colour_network

BLUE, GREEN, RED = range(3)  # channels of a picture


@pytest.fixture
def network(tmp_path: Path):
    return open_network(write_colour_network(tmp_path / "colours.onnx"), threads=1)


def paint(shape: tuple[int, int], *patches: tuple[int, int, int, int], brightness: int = 255) -> np.ndarray:
    """A black picture with bright patches: (channel, row, column, side)."""
    picture = np.zeros((*shape, 3), np.uint8)
    for channel, row, column, side in patches:
        picture[row : row + side, column : column + side, channel] = brightness
    return picture


def test_red_green_and_blue_are_told_apart(network) -> None:
    """Pictures come as blue, green, red; such networks want red, green, blue."""
    picture = paint(
        (HEIGHT, WIDTH), (RED, 64, 80, CELL), (GREEN, 128, 240, CELL), (BLUE, 16, 160, CELL), brightness=230
    )
    found = network.find(picture, least=0.5)
    assert found.kinds in {(Kind.PLAYER, Kind.REFEREE), (Kind.REFEREE, Kind.PLAYER)}
    middles = {kind: (box[:2] + box[2:]) / 2 for kind, box in zip(found.kinds, found.boxes, strict=True)}
    assert middles[Kind.PLAYER] == pytest.approx([88.0, 72.0])
    assert middles[Kind.REFEREE] == pytest.approx([248.0, 136.0])
    assert found.balls == pytest.approx(np.array([[168.0, 24.0]]))
    assert found.confidences == pytest.approx([230 / 255] * 2, abs=1e-3)
    assert found.ball_confidences == pytest.approx([230 / 255], abs=1e-3)


def test_a_picture_of_another_shape_is_framed_and_boxes_come_back_in_its_pixels(network) -> None:
    """640 x 640 is shrunk to 192 x 192, with grey to the left and right."""
    factor = HEIGHT / 640
    left = (WIDTH - HEIGHT) // 2
    side = CELL / factor
    place = np.array([(112 - left) / factor, 64 / factor])
    picture = paint((640, 640), (RED, round(place[1]), round(place[0]), round(side)))
    (box,) = network.find(picture, least=0.8).boxes
    assert (box[:2] + box[2:]) / 2 == pytest.approx(place + side / 2, abs=2.0)
    assert box[2:] - box[:2] == pytest.approx(np.array(BOX) / factor)


def test_nobody_is_found_in_the_grey_around_the_picture(network) -> None:
    """Which is bright enough to pass for people, referees and balls."""
    found = network.find(paint((640, 640)), least=0.3)
    assert (len(found.boxes), len(found.balls)) == (0, 0)


def test_the_likeliest_come_first_and_doubles_go(network) -> None:
    picture = paint((HEIGHT, WIDTH), (RED, 64, 80, CELL))
    picture[64:80, 160:176, RED] = 200
    picture[64:80, 176:184, RED] = 200  # half of the next cell: a box that is mostly the same one
    found = network.find(picture, least=0.3)
    assert found.confidences[:2] == pytest.approx([1.0, 200 / 255], abs=1e-3)
    assert len(network.find(picture, least=0.9).boxes) == 1
    assert len(network.find(np.zeros((HEIGHT, WIDTH, 3), np.uint8), least=0.3).boxes) == 0


@pytest.mark.parametrize("names", [None, "{}", "nonsense(", "{0: 'cat', 1: 'dog', 2: 'tree'}", "[1, 2]"])
def test_a_network_without_people_is_refused_in_words(tmp_path: Path, names: str | None) -> None:
    with pytest.raises(ModelUnusable, match="person, player, referee or ball"):
        open_network(write_colour_network(tmp_path / "colours.onnx", names=names), threads=1)


def test_a_network_of_another_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="another form"):
        open_network(write_colour_network(tmp_path / "colours.onnx", has_batch_axis=False), threads=1)


@pytest.mark.parametrize("content", [b"", b"no network" * 20, None])
def test_what_is_no_network_is_refused(tmp_path: Path, content: bytes | None) -> None:
    whole = write_colour_network(tmp_path / "whole.onnx").read_bytes()
    (tmp_path / "broken.onnx").write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(ModelUnusable, match="not an ONNX file"):
        open_network(tmp_path / "broken.onnx", threads=1)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.onnx"):
        with pytest.raises(ModelUnusable, match="no model file"):
            open_network(path, threads=1)
