import numpy as np
import onnx
import onnxruntime
import pytest

from engine.evaluation.reference_network import write_reference_network


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return write_reference_network(tmp_path_factory.mktemp("network") / "reference.onnx", width=640, height=640)


def test_it_has_the_weights_and_the_work_that_are_published_for_the_original(network):
    """3.2 million parameters and 8.7 thousand million operations for a picture of 640 x 640."""
    graph = onnx.load(network).graph
    sizes = {one.name: list(one.dims) for one in graph.initializer}
    shapes = {
        one.name: [side.dim_value for side in one.type.tensor_type.shape.dim]
        for one in (*graph.value_info, *graph.output)
    }
    products = [
        np.prod(sizes[node.input[1]]) * np.prod(shapes[node.output[0]][2:])
        for node in graph.node
        if node.op_type == "Conv"
    ]
    assert sum(np.prod(size) for size in sizes.values()) == pytest.approx(3.2e6, rel=0.02)
    assert 2 * sum(products) == pytest.approx(8.7e9, rel=0.02)


def test_it_can_be_run_and_answers_on_three_scales(tmp_path):
    path = write_reference_network(tmp_path / "small.onnx", width=64, height=32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answers = session.run(None, {"images": np.full((1, 3, 32, 64), 0.5, np.float32)})
    assert [answer.shape[2:] for answer in answers[::2]] == [(4, 8), (2, 4), (1, 2)]
    assert all(np.isfinite(answer).all() for answer in answers)
