"""The size of the pitch over the wire: told with the result, refused where no pitch has it."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.integration.grpc.clips import make_clip
from tests.integration.grpc.engine_process import Engine, analyse, run_engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with run_engine("--workers", "1") as running:
        yield running


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "drawn.mp4")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (None, (105.0, 68.0)),  # a client that does not know the field
        ((100.5, 64.0), (100.5, 64.0)),
    ],
)
def test_the_result_tells_the_size_of_the_pitch(
    engine: Engine, clip: Path, asked: tuple[float, float] | None, told: tuple[float, float]
) -> None:
    messages, error = analyse(engine, clip, stride=25, pitch=asked)
    assert error is None
    pitch = messages[-1].result.pitch
    assert (pitch.length_m, pitch.width_m) == told


@pytest.mark.parametrize("size", [(64.0, 100.0), (0.0, 0.0), (float("nan"), 64.0)], ids=["swapped", "unset", "NaN"])
def test_a_size_that_no_pitch_has_fails_in_words_and_in_status(
    engine: Engine, clip: Path, size: tuple[float, float]
) -> None:
    messages, error = analyse(engine, clip, pitch=size)
    assert (messages[-1].status, messages[-1].error_code) == ("FAILED", "pitch_size_invalid")
    assert messages[-1].message.startswith("A pitch is 90 to 120 m long and 45 to 90 m wide, not ")
    assert isinstance(error, grpc.Call)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
