"""Where the preview of a job lies, or why there is none."""

from dataclasses import dataclass
from pathlib import Path

from app.core.errors import NotFound
from app.models import Job
from app.services.artifacts import kept_preview
from app.services.job_manager import UNDER_WAY


@dataclass(frozen=True, slots=True)
class Preview:
    """``tag`` is a strong entity tag: the film of an attempt never changes."""

    path: Path
    tag: str


def find_preview(job: Job, artifacts: Path) -> Preview:
    """
    Raises:
        NotFound: none was asked for, it is not there yet, there will be none, or its file is gone.
    """
    if not job.preview:
        raise NotFound("No preview was asked for with this analysis.", code="preview_not_requested")
    if job.preview_bytes is None:
        raise _not_there(job)
    path = kept_preview(artifacts, job.id, job.fence)
    if not path.is_file():
        raise NotFound("The file of this preview is gone.", code="preview_gone")
    return Preview(path, f'"{job.id}-{job.fence}"')


def _not_there(job: Job) -> NotFound:
    if job.status in UNDER_WAY:
        return NotFound("The preview is there when the analysis is COMPLETED; it is not yet.", code="preview_not_ready")
    return NotFound(
        "There is no preview: the analysis did not succeed, the engine draws none, or the footage was deleted.",
        code="no_preview",
    )
