"""How fast the whole engine is, and how much memory it takes: each clip in a process of its own."""

import json
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import av

from engine.pipeline import AnalysisRequest, Summary, analyse
from engine.video import read_facts

_BYTES_PER_KIB = 1024


@dataclass(frozen=True, slots=True)
class SpeedScore:
    """``duration_s`` is that of the video, ``taken_s`` that of its analysis with everything it needs."""

    width: int
    height: int
    codec: str
    frames: int
    duration_s: float
    taken_s: float
    peak_bytes: int

    @property
    def frames_per_second(self) -> float:
        return self.frames / self.taken_s

    @property
    def real_time_factor(self) -> float:
        """Above 1, an analysis takes less time than the video lasts."""
        return self.duration_s / self.taken_s


def score_speed(video: Path) -> SpeedScore:
    """Analyse ``video`` at the default settings.

    Raises:
        subprocess.CalledProcessError: the analysis failed; it has said why.
    """
    command = [sys.executable, "-m", __name__, str(video)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    return SpeedScore(**json.loads(answer.stdout))


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


def _measure(video: Path) -> SpeedScore:
    began = time.perf_counter()
    frames = 0
    for event in analyse(AnalysisRequest(video)):
        if isinstance(event, Summary):
            frames = event.frames
    taken_s = time.perf_counter() - began
    facts = read_facts(video)
    with av.open(str(video)) as container:
        codec = container.streams.video[0].codec_context.name
    return SpeedScore(facts.width, facts.height, codec, frames, facts.duration_s, taken_s, _read_peak_bytes())


def _read_peak_bytes() -> int:
    """The most memory that this process has held; ``getrusage`` would tell that of its parent, where that had more."""
    status = Path("/proc/self/status").read_text()
    (kib,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kib) * _BYTES_PER_KIB


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(_measure(Path(sys.argv[1])))))
