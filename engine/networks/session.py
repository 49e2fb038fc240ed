"""How networks run here: on the CPU, with so many threads and no more."""

from pathlib import Path

import onnxruntime


def open_session(weights: Path, *, threads: int) -> onnxruntime.InferenceSession:
    """Several threads may run it at a time, each of them with ``threads``.

    Raises:
        Exception: as onnxruntime does where the file is none that it can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait by spinning take the cores from those that decode and follow.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
