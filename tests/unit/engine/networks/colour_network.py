"""A tiny network of the YOLO format, built here and really run: bright cells of one colour are somebody."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CELL = 16
WIDTH, HEIGHT = 320, 192
NAMES = "{0: 'person', 1: 'referee', 2: 'sports ball'}"
BOX = 24.0, 48.0  # width and height of every box


def write_colour_network(path: Path, *, names: str | None = NAMES, has_batch_axis: bool = True) -> Path:
    """Red cells are people, green ones referees, blue ones balls."""
    rows, columns = np.mgrid[: HEIGHT // CELL, : WIDTH // CELL]
    middles = CELL * (np.stack([columns, rows]) + 0.5)
    sizes = np.broadcast_to(np.reshape(BOX, (2, 1, 1)), middles.shape)
    boxes = np.concatenate([middles, sizes]).reshape(1, 4, -1).astype(np.float32)
    count = boxes.shape[2]
    nodes = [
        helper.make_node("AveragePool", ["images"], ["cells"], kernel_shape=[CELL, CELL], strides=[CELL, CELL]),
        helper.make_node("Reshape", ["cells", "shape"], ["chances"]),
        helper.make_node("Concat", ["boxes", "chances"], ["output0" if has_batch_axis else "joined"], axis=1),
    ]
    if not has_batch_axis:
        nodes.append(helper.make_node("Squeeze", ["joined"], ["output0"]))
    shape = [1, 7, count] if has_batch_axis else [7, count]
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(boxes, "boxes"),
            numpy_helper.from_array(np.array([1, 3, count], dtype=np.int64), "shape"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if names is not None:
        helper.set_model_props(model, {"names": names})
    onnx.save(model, path)
    return path
