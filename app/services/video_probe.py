"""What there is in an uploaded file, seen by FFmpeg in a process of its own that holds nothing else.

That process may have been taken over by the file it read, so nothing it says is believed beyond its form.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.errors import Unavailable, Unprocessable, UnsupportedMedia
from probe.findings import MAX_FRAMES, NOT_A_VIDEO, VideoFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = structlog.get_logger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")  # no settings, and no secrets
_PATIENCE_S = 300.0
_DOUBLE_BYTES = 8
_MOST_BYTES = {"facts": 64 * 1024, "times": _DOUBLE_BYTES * MAX_FRAMES + 64 * 1024}
_FROM_OUTSIDE = (SIGTERM, SIGKILL)

_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Start(_Message):
    open: list[_Name]


class _Facts(_Message):
    container: _Name
    codec: _Name
    width: int = Field(ge=1, le=1_000_000)
    height: int = Field(ge=1, le=1_000_000)
    frame_count: int = Field(ge=2, le=MAX_FRAMES)
    frame_rate: _Positive
    duration_s: _Positive


class _Refusal(_Message):
    code: str = Field(pattern="^[a-z_]{1,50}$")
    detail: str = Field(min_length=1, max_length=200)


class _Verdict(_Message):
    facts: _Facts | None = None
    times: int | None = Field(default=None, ge=0, le=MAX_FRAMES)
    refused: _Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    """``rest``: what came after the verdict."""

    verdict: _Verdict
    rest: bytes


def probe_video(path: Path) -> VideoFacts:
    """Demux the whole file and decode until one frame is there; takes a tenth of a second more than that.

    Raises:
        UnsupportedMedia: the bytes are no video container that we read.
        Unprocessable: a container without a usable video; the code and the sentence say what is wrong.
        Unavailable: the process was ended from outside.
    """
    facts = _ask(path, "facts").verdict.facts
    if facts is None:
        raise _damaged()
    return VideoFacts(**facts.model_dump())


def frame_times(path: Path) -> "NDArray[np.float64]":
    """Presentation times of the frames that a player shows, ascending, in seconds from the first; shape (N,).

    Raises:
        CoachProError: as above.
    """
    import numpy as np  # noqa: PLC0415 - asked for by jobs only; whoever takes uploads need not load it

    answer = _ask(path, "times")
    if answer.verdict.times is None or len(answer.rest) != _DOUBLE_BYTES * answer.verdict.times:
        raise _damaged()
    times_s = np.frombuffer(answer.rest)
    if not np.isfinite(times_s).all():
        raise _damaged()
    return times_s


def _ask(path: Path, what: Literal["facts", "times"]) -> _Answer:
    most_bytes = _MOST_BYTES[what]
    with path.open("rb") as video, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-S", "-P", "-m", "probe", what],
            cwd="/",
            env=_environment(),
            stdin=video,
            stdout=subprocess.PIPE,
            stderr=complaints,
            process_group=0,  # Ctrl-C is for us, and lets requests come to their end
        )
        with process, _ended_in_time(process) as took_too_long:
            assert process.stdout is not None
            said = process.stdout.read(most_bytes)
            if len(said) == most_bytes:
                process.kill()
            process.wait()
        start, _, report = said.partition(b"\n")
        if not start:
            raise RuntimeError(f"python -m probe does not start: {_last_words(complaints)}")
        _tell_what_is_open(start)
        if process.returncode != 0:
            by_us = took_too_long.is_set() or len(said) == most_bytes
            _explain(process.returncode, by_us, _last_words(complaints))
    return _read(report)


def _read(report: bytes) -> _Answer:
    line, _, rest = report.partition(b"\n")
    try:
        verdict = _Verdict.model_validate_json(line)
    except ValidationError as error:
        raise _damaged() from error
    if verdict.refused is not None:
        refuse = UnsupportedMedia if verdict.refused.code == NOT_A_VIDEO else Unprocessable
        raise refuse(verdict.refused.detail, code=verdict.refused.code)
    return _Answer(verdict, rest)


def _explain(code: int, by_us: bool, complaints: str) -> None:
    """Why the process did not come to its end: by its own fault, by that of the video, or by somebody else's.

    Raises:
        CoachProError: always, but for a fault of the program.
    """
    if code > 0:
        raise RuntimeError(f"python -m probe failed: {complaints}")
    log.warning("a video ended the process that looked into it", signal=Signals(-code).name, by_us=by_us)
    if -code in _FROM_OUTSIDE and not by_us:
        raise Unavailable("The video could not be looked into. Send it again.", code="probe_interrupted")
    raise _damaged()


def _damaged() -> Unprocessable:
    return Unprocessable("The video is damaged: it cannot be read.", code="video_unreadable")


def _environment() -> dict[str, str]:
    """Where our packages and others lie, and nothing that the server knows."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return passed_on | {"PYTHONPATH": os.pathsep.join([str(_ROOT), *(entry for entry in sys.path if entry)])}


@contextmanager
def _ended_in_time(process: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
    """Tells whether it had to be ended."""
    took_too_long = threading.Event()

    def end() -> None:
        took_too_long.set()
        process.kill()

    timer = threading.Timer(_PATIENCE_S, end)
    timer.daemon = True
    timer.start()
    try:
        yield took_too_long
    finally:
        timer.cancel()


def _last_words(complaints: BinaryIO) -> str:
    complaints.seek(0)
    return complaints.read()[-2000:].decode(errors="replace").strip()


@cache
def _tell_what_is_open(start: bytes) -> None:
    """Once: it is the same for each video."""
    if left := _Start.model_validate_json(start).open:
        log.warning("this kernel is too old, or not set up, to lock the process that looks into videos", left=left)
