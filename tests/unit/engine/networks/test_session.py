import pytest

from engine.networks.opening import OUR_NETWORK
from engine.networks.session import choose_providers, open_session


@pytest.mark.parametrize(
    ("available", "chosen"),
    [
        (["AzureExecutionProvider", "CPUExecutionProvider"], ["CPUExecutionProvider"]),
        (["CPUExecutionProvider", "CUDAExecutionProvider"], ["CUDAExecutionProvider", "CPUExecutionProvider"]),
    ],
)
def test_a_gpu_comes_before_the_cpu_which_is_always_there(available, chosen):
    assert choose_providers(available) == chosen


def test_a_session_runs_where_this_build_can():
    assert open_session(OUR_NETWORK, threads=1).get_providers()[-1] == "CPUExecutionProvider"
