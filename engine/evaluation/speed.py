"""How fast the whole engine is, and how much memory it takes: each clip in a process of its own."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import av


@dataclass(frozen=True, slots=True)
class Cost:
    """What it took to do so many frames: seconds, and seconds of all processors, which other programs change less."""

    frames: int
    taken_s: float
    cpu_s: float

    @property
    def frames_per_second(self) -> float:
        return self.frames / self.taken_s

    @property
    def cpu_per_frame_s(self) -> float:
        return self.cpu_s / self.frames


@dataclass(frozen=True, slots=True)
class SpeedScore:
    """``engine`` is the cost of all ``frames`` of a video, of which so many are ``analysed``, with everything it needs;
    ``reference`` that of a network of YOLOv8-n's size on some of them. ``load`` is how many programs wanted a processor
    in the minute before."""

    width: int
    height: int
    codec: str
    frames: int
    analysed: int
    duration_s: float
    engine: Cost
    reference: Cost
    peak_bytes: int
    load: float

    @property
    def real_time_factor(self) -> float:
        """Above 1, an analysis takes less time than the video lasts."""
        return self.duration_s / self.engine.taken_s

    @property
    def times_reference(self) -> float:
        """How many times as many frames the engine does, in the same time."""
        return self.engine.frames_per_second / self.reference.frames_per_second

    @property
    def times_reference_by_cpu(self) -> float:
        """The same, for the same work of the processors."""
        return self.reference.cpu_per_frame_s / self.engine.cpu_per_frame_s


def score_speed(video: Path) -> SpeedScore:
    """Analyse ``video`` at the default settings.

    Raises:
        subprocess.CalledProcessError: the analysis failed; it has said why.
    """
    command = [sys.executable, "-m", "engine.evaluation.speed_run", str(video)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    told = json.loads(answer.stdout)
    engine, reference = (Cost(**told.pop(name)) for name in ("engine", "reference"))
    return SpeedScore(**told, engine=engine, reference=reference)


def enlarge(video: Path, target: Path, *, height: int) -> Path:
    """Write ``video`` as H.264 of that height, for want of a clip of that size."""
    with av.open(str(video)) as source, av.open(str(target), "w") as sink:
        shown = source.streams.video[0]
        stream = sink.add_stream("libx264", rate=shown.average_rate, options={"preset": "fast", "crf": "20"})
        stream.width, stream.height = round(shown.width * height / shown.height / 2) * 2, height
        stream.pix_fmt = "yuv420p"
        for frame in source.decode(shown):
            sink.mux(stream.encode(frame.reformat(stream.width, stream.height, "yuv420p")))
        sink.mux(stream.encode(None))
    return target
