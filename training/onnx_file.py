"""What every file of weights goes through before it may be shipped."""

import json
from pathlib import Path

import onnx


def finish_file(path: Path, facts: dict[str, object]) -> None:
    """Say in the file what it was trained on, and drop what the exporter says of where its source code lay."""
    model = onnx.load(path)
    graph = model.graph
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.initializer, *graph.value_info):
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.helper.set_model_props(model, {"training": json.dumps(facts)})
    onnx.checker.check_model(model)
    onnx.save(model, path)
