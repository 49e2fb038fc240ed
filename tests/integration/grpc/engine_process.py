"""The bundled engine as a real process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from contract import analysis_pb2, analysis_pb2_grpc

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Engine:
    process: subprocess.Popen[str]
    address: str

    @contextmanager
    def connect(self) -> Iterator[grpc.Channel]:
        with grpc.insecure_channel(self.address) as channel:
            yield channel


@contextmanager
def run_engine(*options: str) -> Iterator[Engine]:
    """Start the engine on a free port, wait for its line, end it afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", "--port", "0", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("listening on 127.0.0.1:"), line
        yield Engine(process, line.removeprefix("listening on ").strip())
    finally:
        process.kill()
        process.communicate()


def analyse(
    engine: Engine,
    video: Path | str,
    *,
    calibration: Path | str = "",
    threshold: float = 0.0,
    match_id: str = "m-1",
    model: Path | str = "",
    stride: int = 0,
    preview: bool = False,
    pitch: tuple[float, float] | None = None,
) -> tuple[list[analysis_pb2.VideoResponse], grpc.RpcError | None]:
    """All messages of a call, and how it failed if it did."""
    request = analysis_pb2.VideoRequest(
        video_path=str(video),
        calibration_path=str(calibration),
        confidence_threshold=threshold,
        match_id=match_id,
        model_path=str(model),
        frame_stride=stride,
        preview=preview,
    )
    if pitch is not None:
        request.pitch.length_m, request.pitch.width_m = pitch
    messages = []
    with engine.connect() as channel:
        try:
            messages.extend(analysis_pb2_grpc.AnalysisEngineStub(channel).AnalyzeVideo(request, timeout=60))
        except grpc.RpcError as error:
            return messages, error
    return messages, None


def join_film(messages: list[analysis_pb2.VideoResponse]) -> bytes:
    return b"".join(one.preview.film for one in messages)


def join_rows(messages: list[analysis_pb2.VideoResponse], kind: int) -> str:
    return b"".join(one.metrics.rows for one in messages if one.metrics.kind == kind).decode()
