"""The weights that are shipped."""

from pathlib import Path

import pytest

from engine.networks.opening import OUR_NETWORK

WEIGHTS = sorted(OUR_NETWORK.parent.glob("*.onnx"))


@pytest.mark.parametrize("path", WEIGHTS, ids=lambda path: path.name)
def test_weights_do_not_tell_where_the_code_lay_that_made_them(path: Path):
    content = path.read_bytes()
    assert b"kept_back" in content  # but on what they were trained
    assert b"stack_trace" not in content
    assert b".py" not in content
