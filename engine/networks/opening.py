"""Opens a network, and tells of which format it is."""

from pathlib import Path

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as states

from engine.errors import ModelUnusable
from engine.networks.found import Network
from engine.networks.points import BALL_MAP, PEOPLE_MAP, PointNetwork
from engine.networks.session import open_session
from engine.networks.yolo import UnknownClasses, YoloNetwork

OUR_NETWORK = Path(__file__).with_name("detector.onnx")
"""What ``training/detector`` has trained; docs/detector-card.md says on what."""

_REFUSALS = (
    states.Fail, states.InvalidArgument, states.InvalidGraph, states.InvalidProtobuf, states.NoModel,
    states.NoSuchFile, states.NotImplemented, states.RuntimeException,
)  # fmt: skip


def open_network(path: Path, *, threads: int) -> Network:
    """A network that works on the CPU with so many threads.

    Raises:
        ModelUnusable: there is no such file, it is no ONNX, or of a format that is not known here.
    """
    if not path.is_file():
        raise ModelUnusable("There is no model file under the given name.")
    try:
        session = open_session(path, threads=threads)
    except _REFUSALS as error:
        raise ModelUnusable("The model is not an ONNX file that can be run.") from error
    if {PEOPLE_MAP, BALL_MAP} <= {output.name for output in session.get_outputs()}:
        return PointNetwork(session)
    if _looks_like_yolo(session):
        try:
            return YoloNetwork(session)
        except UnknownClasses:
            raise ModelUnusable("The model names no class like person, player, referee or ball.") from None
    raise ModelUnusable("The model is neither ours nor one that YOLO exports: its answer has another form.")


def _looks_like_yolo(session: onnxruntime.InferenceSession) -> bool:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    takes_picture = len(inputs) == 1 and len(inputs[0].shape) == 4 and inputs[0].shape[1] == 3
    return takes_picture and len(outputs) == 1 and len(outputs[0].shape) == 3
