"""How networks run here: on a GPU where this build of onnxruntime knows one, else on the CPU."""

from pathlib import Path

import onnxruntime

_PREFERRED = ("CUDAExecutionProvider", "ROCMExecutionProvider", "CoreMLExecutionProvider", "CPUExecutionProvider")


def choose_providers(available: list[str]) -> list[str]:
    """Those of ``available`` to run on; what the first cannot do is done by the next."""
    return [provider for provider in _PREFERRED if provider in available]


def open_session(weights: Path, *, threads: int) -> onnxruntime.InferenceSession:
    """Several threads may run it at a time, each of them with ``threads`` of the CPU.

    Raises:
        Exception: as onnxruntime does where the file is none that it can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait by spinning take the cores from those that decode and follow.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        str(weights), options, providers=choose_providers(onnxruntime.get_available_providers())
    )
