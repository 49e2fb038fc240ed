"""A network of the size and shape of YOLOv8-n, with weights of chance: what it finds is nonsense, what it costs is not.

Layers after the published description of the architecture (https://docs.ultralytics.com/models/yolov8): a backbone of
strided convolutions and C2f blocks down to a 32nd of the picture, pooling (SPPF), a path up and down again, and a head
on three scales. Batch normalisation is left out, as exporters fold it into the convolutions.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_OPSET = 17
_CLASSES = 80
_BOX_CHANNELS = 64  # 16 steps of the distance to each of four edges
_IR_VERSION = 9


def write_reference_network(path: Path, *, width: int, height: int) -> Path:
    """An ONNX file that takes pictures of that size, multiples of 32; 3.2 million weights, as YOLOv8-n has."""
    layers = _Layers()
    outputs = _detect(layers, _neck(layers, _backbone(layers)))
    shape = [1, 3, height, width]
    graph = helper.make_graph(
        layers.nodes,
        "reference",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        layers.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    onnx.save(onnx.shape_inference.infer_shapes(model), path)
    return path


class _Layers:
    """Gathers nodes. Each method adds some and returns the name of the result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._channels = {"images": 3}
        self._random = np.random.default_rng(0)

    def channels(self, name: str) -> int:
        return self._channels[name]

    def convolve(self, source: str, channels: int, *, side: int = 3, stride: int = 1, activate: bool = True) -> str:
        before = self._channels[source]
        weights = self._random.normal(0.0, (2 / (before * side**2)) ** 0.5, (channels, before, side, side))
        names = [self._keep(values) for values in (weights, np.zeros(channels))]
        half = side // 2
        result = self._add(
            "Conv", [source, *names], channels, kernel_shape=[side] * 2, strides=[stride] * 2, pads=[half] * 4
        )
        if not activate:
            return result
        return self._add("Mul", [result, self._add("Sigmoid", [result], channels)], channels)  # SiLU

    def split(self, source: str) -> tuple[str, str]:
        half = self._channels[source] // 2
        names = f"{source}_left", f"{source}_right"
        self.nodes.append(helper.make_node("Split", [source], list(names), axis=1))
        self._channels |= dict.fromkeys(names, half)
        return names

    def join(self, *sources: str) -> str:
        return self._add("Concat", list(sources), sum(self._channels[source] for source in sources), axis=1)

    def add(self, first: str, second: str) -> str:
        return self._add("Add", [first, second], self._channels[first])

    def pool(self, source: str) -> str:
        return self._add("MaxPool", [source], self._channels[source], kernel_shape=[5, 5], pads=[2] * 4)

    def enlarge(self, source: str) -> str:
        scales = self._keep(np.array([1.0, 1.0, 2.0, 2.0]))
        return self._add("Resize", [source, "", scales], self._channels[source], mode="nearest")

    def c2f(self, source: str, channels: int, repeats: int, *, shortcut: bool) -> str:
        """Half of the channels goes through ``repeats`` bottlenecks, and what lies between them is joined."""
        parts = list(self.split(self.convolve(source, channels, side=1)))
        for _ in range(repeats):
            inner = self.convolve(self.convolve(parts[-1], channels // 2), channels // 2)
            parts.append(self.add(parts[-1], inner) if shortcut else inner)
        return self.convolve(self.join(*parts), channels, side=1)

    def _add(self, kind: str, inputs: list[str], channels: int, **attributes: Any) -> str:
        name = f"{kind.casefold()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        self._channels[name] = channels
        return name

    def _keep(self, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
        name = f"weights{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name


def _backbone(layers: _Layers) -> tuple[str, str, str]:
    """At an 8th, a 16th and a 32nd of the picture."""
    stem = layers.convolve(layers.convolve("images", 16, stride=2), 32, stride=2)
    fourth = layers.c2f(stem, 32, 1, shortcut=True)
    eighth = layers.c2f(layers.convolve(fourth, 64, stride=2), 64, 2, shortcut=True)
    sixteenth = layers.c2f(layers.convolve(eighth, 128, stride=2), 128, 2, shortcut=True)
    last = layers.c2f(layers.convolve(sixteenth, 256, stride=2), 256, 1, shortcut=True)
    pooled = [layers.convolve(last, 128, side=1)]
    for _ in range(3):
        pooled.append(layers.pool(pooled[-1]))
    return eighth, sixteenth, layers.convolve(layers.join(*pooled), 256, side=1)


def _neck(layers: _Layers, backbone: tuple[str, str, str]) -> tuple[str, str, str]:
    eighth, sixteenth, last = backbone
    middle = layers.c2f(layers.join(layers.enlarge(last), sixteenth), 128, 1, shortcut=False)
    fine = layers.c2f(layers.join(layers.enlarge(middle), eighth), 64, 1, shortcut=False)
    middle = layers.c2f(layers.join(layers.convolve(fine, 64, stride=2), middle), 128, 1, shortcut=False)
    coarse = layers.c2f(layers.join(layers.convolve(middle, 128, stride=2), last), 256, 1, shortcut=False)
    return fine, middle, coarse


def _detect(layers: _Layers, scales: tuple[str, str, str]) -> list[str]:
    outputs = []
    for scale in scales:
        for inner, channels in ((64, _BOX_CHANNELS), (_CLASSES, _CLASSES)):
            seen = layers.convolve(layers.convolve(scale, inner), inner)
            outputs.append(layers.convolve(seen, channels, side=1, activate=False))
    return outputs
