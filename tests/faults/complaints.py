"""What is wrong with the books of an installation, in sentences; no sentence, no fault."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from app.models import JobStatus
from tests.faults.evidence import Evidence, Findings
from tests.waiting import wait_until

_SETTLING_S = 20.0
_KEPT = ("calibration.yaml", "positions.parquet")
Complaints = tuple[str, ...]


def against_completed(evidence: Evidence, expected: Mapping[str, Findings]) -> Complaints:
    """What speaks against these jobs being completed once, each with these findings and their file."""
    return _that_stay(lambda: [line for job in expected.items() for line in _against_completed(evidence, *job)])


def against_unwritten(evidence: Evidence, job_ids: Iterable[str], status: JobStatus) -> Complaints:
    """What speaks against these jobs being in ``status`` and having left neither rows nor files."""
    return _that_stay(lambda: [line for job_id in job_ids for line in _against_unwritten(evidence, job_id, status)])


def against_stored(evidence: Evidence) -> Complaints:
    """Video files without a row, rows without their file, and what is left of uploads."""
    rows, files = evidence.videos(), evidence.stored()
    return (
        *(f"the video file {name} has no row" for name in files - rows),
        *(f"the video {name} has no file" for name in rows - files),
        *(f"an upload left {name}" for name in evidence.incoming()),
    )


def _that_stay(look: Callable[[], Sequence[str]]) -> Complaints:
    """An attempt that lost its job removes its files a moment later."""
    try:
        wait_until(lambda: not look(), patience_s=_SETTLING_S)
    except TimeoutError:
        return tuple(look())
    return ()


def _against_completed(evidence: Evidence, job_id: str, expected: Findings) -> Sequence[str]:
    job = evidence.jobs([job_id]).get(job_id)
    if job is None:
        return [f"job {job_id} is lost"]
    if job.status is not JobStatus.COMPLETED:
        return [f"job {job_id} is {job.status} ({job.error_code}, attempt {job.attempt})"]
    files = evidence.artifacts(job_id)
    wrong = {
        "was not completed exactly once": evidence.completions(job_id) != 1,
        "has other findings than an undisturbed run": evidence.findings(job_id) != expected,
        "has the figures of another attempt": evidence.attempt_of_report(job_id) != job.attempt,
        f"has the files {files}": files != [f"{job.fence}/{name}" for name in _KEPT],
    }
    return [f"job {job_id} {what}" for what, is_so in wrong.items() if is_so]


def _against_unwritten(evidence: Evidence, job_id: str, status: JobStatus) -> Sequence[str]:
    job = evidence.jobs([job_id]).get(job_id)
    if job is None:
        return [f"job {job_id} is lost"]
    files = evidence.artifacts(job_id)
    wrong = {
        f"is {job.status}, and not {status}": job.status is not status,
        "was completed": evidence.completions(job_id) != 0,
        "has figures": evidence.figures_of_match(job.match_id) != 0,
        f"has left {files}": files != [],
    }
    return [f"job {job_id} {what}" for what, is_so in wrong.items() if is_so]
