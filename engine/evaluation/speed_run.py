"""Analyse one video and tell what that took; a program of its own, so that its memory can be told."""

import json
import os
import re
import sys
import tempfile
import time
from dataclasses import asdict
from math import ceil
from pathlib import Path

import av
import cv2
import numpy as np
import onnxruntime

from engine.evaluation.reference_network import write_reference_network
from engine.evaluation.speed import Cost, SpeedScore
from engine.pipeline import AnalysisRequest, Summary, analyse
from engine.video import Decoding, Picture, read_facts

_BYTES_PER_KIB = 1024
_WIDTH, _HEIGHT = 960, 544
_PICTURES = 20  # at most, spread over the video, that the reference network looks at


def measure(video: Path) -> SpeedScore:
    """The engine first, then the reference network on frames of the same video, with as many threads."""
    facts, load = read_facts(video), os.getloadavg()[0]
    summary, engine = _run_engine(video)
    peak_bytes = _read_peak_bytes()
    with av.open(str(video)) as container:
        codec = container.streams.video[0].codec_context.name
    return SpeedScore(
        width=facts.width,
        height=facts.height,
        codec=codec,
        frames=summary.frames,
        analysed=summary.analysed,
        duration_s=facts.duration_s,
        engine=engine,
        reference=_run_reference(_choose_pictures(video, summary.frames)),
        peak_bytes=peak_bytes,
        load=load,
    )


def _run_engine(video: Path) -> tuple[Summary, Cost]:
    began = _Clock()
    (summary,) = (event for event in analyse(AnalysisRequest(video)) if isinstance(event, Summary))
    return summary, began.cost(summary.frames)


def _choose_pictures(video: Path, frames: int) -> list[Picture]:
    decoding = Decoding(video, read_facts(video), stride=max(1, ceil(frames / _PICTURES)))
    size = (_WIDTH, _HEIGHT)
    return [
        np.asarray(cv2.resize(frame.picture, size), dtype=np.uint8) for frame in decoding.read() if frame is not None
    ]


def _run_reference(pictures: list[Picture]) -> Cost:
    """The network alone: decoding and reading its answers come on top for whoever uses one."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cv2.getNumThreads()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # as the engine's own
    with tempfile.TemporaryDirectory() as folder:
        weights = write_reference_network(Path(folder) / "reference.onnx", width=_WIDTH, height=_HEIGHT)
        session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    batches = [np.stack(cv2.split(picture))[np.newaxis].astype(np.float32) / 255 for picture in pictures]
    session.run(None, {"images": batches[0]})  # the first takes longer
    began = _Clock()
    for batch in batches:
        session.run(None, {"images": batch})
    return began.cost(len(batches))


class _Clock:
    """Starts when it is made."""

    def __init__(self) -> None:
        self._began_s, self._cpu_s = time.perf_counter(), time.process_time()

    def cost(self, frames: int) -> Cost:
        return Cost(frames, time.perf_counter() - self._began_s, time.process_time() - self._cpu_s)


def _read_peak_bytes() -> int:
    """The most memory that this process has held; ``getrusage`` would tell that of its parent, where that had more."""
    status = Path("/proc/self/status").read_text()
    (kib,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kib) * _BYTES_PER_KIB


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(measure(Path(sys.argv[1])))))
