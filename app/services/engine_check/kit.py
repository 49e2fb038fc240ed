"""The kit itself: which runs an engine is put through, and in which order."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.core.engine_address import EngineAddress
from app.core.errors import Unprocessable
from app.schemas.calibration import CalibrationPoints
from app.services.analysis_service import EngineIdentity
from app.services.calibrate_camera import write_calibration_file
from app.services.engine_check.calls import EngineCalls, Question, Transcript, new_run_id
from app.services.engine_check.findings import Finding, Verdict, absent, broken, held
from app.services.engine_check.messages import check_good_run, check_job_id, check_refusal
from app.services.engine_check.results import Reading, VideoTimes, check_results
from app.services.engine_files import SharedDirectory
from app.services.video_probe import probe_video

SERVICE = "analysis.AnalysisEngine"
_FREE_AGAIN_WITHIN_S = 10.0
_ASK_AGAIN_AFTER_S = 0.1


@dataclass(frozen=True, slots=True)
class Sample:
    """What the engine is given. ``calibration`` is a file of point pairs, as the API takes them."""

    video: Path
    calibration: Path | None = None
    output_dir: Path | None = None


def examine(
    address: EngineAddress, sample: Sample, *, timeout_s: float, identity: EngineIdentity | None = None
) -> Iterator[Finding]:
    """Run an engine through the contract; a finding as soon as there is one.

    Raises:
        CoachProError: the sample is of no use.
        OSError: it cannot be read.
    """
    calls = EngineCalls(address, timeout_s, identity)
    try:
        with _prepared(sample) as bench:
            yield from bench.examine(calls)
    finally:
        calls.close()


@contextmanager
def _prepared(sample: Sample) -> Iterator["_Bench"]:
    facts = probe_video(sample.video)
    with tempfile.TemporaryDirectory(prefix="engine-check-") as made:
        directory = Path(made)
        directory.chmod(0o755)  # the engine reads from it, as whoever it is
        calibration = None
        if sample.calibration is not None:
            calibration = directory / "calibration.yaml"
            write_calibration_file(calibration, _points(sample.calibration), frame_size=(facts.width, facts.height))
        question = Question(sample.video.resolve(), calibration)
        yield _Bench(question, directory, SharedDirectory(sample.output_dir))


def _points(calibration: Path) -> CalibrationPoints:
    try:
        return CalibrationPoints.model_validate_json(calibration.read_bytes())
    except ValidationError as error:
        raise Unprocessable(f"{calibration} is no list of calibration points.", code="calibration_invalid") from error


@dataclass(frozen=True, slots=True)
class _Bench:
    """What is needed for every run."""

    question: Question
    directory: Path
    shared: SharedDirectory

    def examine(self, calls: EngineCalls) -> Iterator[Finding]:
        reachable, health = check_health(calls.health())
        yield reachable
        if reachable.verdict is Verdict.BROKEN:
            return
        yield from self._good_run(calls)
        yield check_refusal("missing video", calls.run(Question(self.directory / "none.mp4"), new_run_id()))
        yield check_refusal("undecodable video", calls.run(self._undecodable(), new_run_id()))
        yield self._cancel(calls)
        yield self._two_at_once(calls)
        yield health
        yield check_reflection(calls)

    def _good_run(self, calls: EngineCalls) -> Iterator[Finding]:
        run, findings = self._run_alone(calls)
        yield from check_good_run(run)
        yield from findings

    def _run_alone(self, calls: EngineCalls) -> tuple[Transcript, list[Finding]]:
        run_id = new_run_id()
        expected = self.shared.expect(run_id, self.directory)
        run = calls.run(self.question, run_id)
        return run, check_results(run, expected, self._reading)

    @property
    def _reading(self) -> Reading:
        return Reading(VideoTimes(self.question.video), self.question.calibration is not None, self.directory)

    def _undecodable(self) -> Question:
        text = self.directory / "text.mp4"
        text.write_text("This is no video.\n" * 100)
        return Question(text)

    def _cancel(self, calls: EngineCalls) -> Finding:
        name, cut = "cancel", calls.cancel_amid(self.question, new_run_id())
        if cut.is_completed:
            return absent(name, "The run was over before it could be cancelled; a longer video may show more.")
        if cut.status != "CANCELLED":
            return broken(name, f"The call could not be cancelled: it ended with {cut.status}.")
        after = self._run_once_free(calls)
        if not after.is_completed:
            return broken(name, f"The run after a cancelled one was not completed; it ended with {after.status}.")
        return held(name, "The call ends, and the next run is completed.")

    def _run_once_free(self, calls: EngineCalls) -> Transcript:
        """An engine with one place needs a moment until it notices that a run was cancelled."""
        deadline = time.monotonic() + _FREE_AGAIN_WITHIN_S
        while (run := self._run_alone(calls)[0]).is_refused and time.monotonic() < deadline:
            time.sleep(_ASK_AGAIN_AFTER_S)
        return run

    def _two_at_once(self, calls: EngineCalls) -> Finding:
        name, run_ids = "two at once", [new_run_id(), new_run_id()]
        expected = [self.shared.expect(run_id, self.directory) for run_id in run_ids]
        runs = calls.run_together(self.question, run_ids)
        for run, files in zip(runs, expected, strict=True):
            if not run.is_completed:
                return broken(name, f"One of them was not completed; it ended with {run.status}.")
            wrong = [
                finding
                for finding in (check_job_id(run), *check_results(run, files, self._reading))
                if finding.verdict is Verdict.BROKEN
            ]
            if wrong:
                return broken(name, f"One of them went wrong: {wrong[0].sentence}")
        return held(name, "Both are completed, each with its own results.")


def check_health(answer: str) -> tuple[Finding, Finding]:
    """Whether there is anybody, and what the health service says; having none is an answer, too."""
    if answer in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}:
        nobody = broken("reachable", f"Nobody answers there, or one side speaks TLS and the other does not ({answer}).")
        return nobody, broken("health", "Nobody answers.")
    if answer == "UNAUTHENTICATED":
        refused = broken("reachable", "The engine refuses us: the token is not the one that it asks for.")
        return refused, broken("health", "It does not talk to us.")
    reachable = held("reachable", "Somebody answers.")
    if answer == "UNIMPLEMENTED":
        return reachable, absent("health", "There is no grpc.health.v1 service; that it says so proves that it lives.")
    if answer != "SERVING":
        return reachable, broken("health", f"It says {answer}.")
    return reachable, held("health", "It says SERVING.")


def check_reflection(calls: EngineCalls) -> Finding:
    name = "reflection"
    try:
        services = calls.services()
    except ModuleNotFoundError as error:
        return absent(name, f"It cannot be asked from here: {error}.")
    if services == "UNIMPLEMENTED":
        return absent(name, "There is no reflection service.")
    if isinstance(services, str):
        return broken(name, f"It ended with {services}.")
    if SERVICE not in services:
        return broken(name, f"It does not list {SERVICE}.")
    return held(name, f"It lists {SERVICE}.")
