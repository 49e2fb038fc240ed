"""What stands in the maps of our own network."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from scipy.special import logit

from engine.networks.opening import open_network
from engine.networks.points import (
    BALL_MAP,
    BALL_STRIDE,
    MIDDLE_LEVEL,
    PEOPLE_MAP,
    PEOPLE_STRIDE,
    read_balls,
    read_people,
)

NOBODY = -20.0  # logit


def to_cells(sides: np.ndarray) -> np.ndarray:
    """What softplus turns into ``sides``."""
    return np.log(np.expm1(sides))


def people_map(*people: tuple[int, int, float], role: int = 0) -> np.ndarray:
    """Somebody at each (row, column, confidence), whose box reaches a cell to the sides and two up and down."""
    channels = np.zeros((8, 10, 12), np.float32)
    channels[0] = NOBODY
    for row, column, confidence in people:
        channels[0, row, column] = logit(confidence)
        channels[1 + role, row, column] = 3.0
        channels[4:, row, column] = to_cells(np.array([1.0, 2.0, 1.0, 2.0]))
    return channels


def test_a_peak_is_a_person() -> None:
    boxes, confidences, roles = read_people(people_map((4, 6, 0.9), role=2), least=0.5)
    middle = PEOPLE_STRIDE * np.array([6.5, 4.5])
    reach = PEOPLE_STRIDE * np.array([1.0, 2.0])
    assert boxes == pytest.approx(np.array([[*(middle - reach), *(middle + reach)]]))
    assert confidences == pytest.approx([0.9])
    assert roles.argmax(axis=1).tolist() == [2]
    assert roles.sum() == pytest.approx(1.0)


def test_the_slope_of_a_peak_is_nobody() -> None:
    _, confidences, _ = read_people(people_map((4, 6, 0.9), (4, 7, 0.8), (5, 6, 0.7)), least=0.5)
    assert confidences == pytest.approx([0.9])


def test_the_likeliest_come_first_and_the_unlikely_not_at_all() -> None:
    _, confidences, _ = read_people(people_map((1, 1, 0.6), (4, 6, 0.4), (8, 10, 0.8)), least=0.5)
    assert confidences == pytest.approx([0.8, 0.6])


def test_two_peaks_of_one_person_are_one_person() -> None:
    channels = people_map((4, 6, 0.9), (4, 8, 0.8))
    assert len(read_people(channels, least=0.5)[0]) == 2
    channels[4:, 4, 8] = to_cells(np.array([3.0, 2.0, 0.01, 2.0]))  # about the same box, seen from two cells aside
    assert len(read_people(channels, least=0.5)[0]) == 1


def test_a_ball_lies_where_its_cell_points_to() -> None:
    channels = np.full((3, 10, 12), NOBODY, np.float32)
    channels[:, 3, 5] = logit(0.7), 0.25, -0.5
    centres, confidences = read_balls(channels, least=0.5)
    assert centres == pytest.approx(BALL_STRIDE * np.array([[5.75, 3.0]]))
    assert confidences == pytest.approx([0.7])


def test_an_empty_picture_holds_nobody() -> None:
    assert read_people(people_map(), least=0.5)[0].shape == (0, 4)
    assert read_balls(np.full((3, 4, 4), NOBODY, np.float32), least=0.5)[0].shape == (0, 2)


@pytest.fixture
def bright_network(tmp_path):
    """Sees a ball in each cell of 4 x 4 pixels that is lighter than the middle level, the surer the lighter."""
    nodes = [
        helper.make_node("Slice", ["pictures", "zero", "one", "axis"], ["blue"]),
        helper.make_node("MaxPool", ["blue"], ["light"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Sub", ["light", "light"], ["nothing"]),
        helper.make_node("Concat", ["light", "nothing", "nothing"], [BALL_MAP], axis=1),
        helper.make_node("MaxPool", ["blue"], ["dark"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Sub", ["dark", "far"], ["nobody"]),
        helper.make_node("Concat", ["nobody"] * 8, [PEOPLE_MAP], axis=1),
    ]
    constants = [
        helper.make_tensor(name, TensorProto.INT64, [1], [value])
        for name, value in (("zero", 0), ("one", 1), ("axis", 1))
    ]
    constants.append(helper.make_tensor("far", TensorProto.FLOAT, [1], [1000.0]))
    graph = helper.make_graph(
        nodes, "bright",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, [1, 3, "rows", "columns"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, None, None])
            for name, channels in ((PEOPLE_MAP, 8), (BALL_MAP, 3))
        ],
        constants,
    )  # fmt: skip
    path = tmp_path / "bright.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)
    return open_network(path, threads=1)


@pytest.mark.parametrize(
    ("body_px", "cells"),
    [
        (None, 144),  # nothing is known: 576 rows
        (37.0, 144),  # far people, who must not get smaller
        (100.0, 112),  # near people are still large at 448 rows
    ],
)
def test_the_nearer_people_are_the_smaller_a_picture_may_be(bright_network, body_px, cells):
    level = int(MIDDLE_LEVEL) - 5
    picture = np.full((720, 1280, 3), level, np.uint8)
    picture[300:340, 600:640] = level + 10
    found = bright_network.find(picture, least=0.9, body_px=body_px)
    assert len(found.boxes) == 0
    lit = found.balls[:, 1]
    assert np.diff(np.unique(lit)) == pytest.approx(720 / cells)
    assert 296 <= lit.min() <= lit.max() <= 350
