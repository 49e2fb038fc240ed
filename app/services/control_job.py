"""What people do to jobs: cancel one, or have it tried again. Who did it stands in the audit log."""

from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Gone
from app.models import AuditAction, Job, JobStatus, Video
from app.services import job_manager
from app.services.audit import record_event
from app.services.job_manager import Wake

_DELETED = "footage_deleted"


def cancel_job(session: Session, account: Account, job: Job) -> None:
    """Cancel a job of ``Repository.get_to_change``; one that is cancelled already stays so.

    Raises:
        InvalidTransition: it is completed, or has failed.
    """
    if job.status is JobStatus.CANCELLED:
        return
    before = job.status
    job_manager.cancel(session, job)
    _record(session, account, job, before=before)


def try_job_again(session: Session, account: Account, job: Job, *, wake: Wake) -> None:
    """Queue a job of ``Repository.get_to_change`` again.

    Raises:
        InvalidTransition: it waits, runs, or is completed.
        Gone: the club keeps footage no longer than it did.
    """
    # Locked: the sweep that deletes footage must not come in between.
    video = session.get_one(Video, job.video_id, with_for_update=True)
    if video.footage_deleted_at is not None:
        deleted = f"{video.footage_deleted_at:%Y-%m-%d}"
        raise Gone(f"The footage was deleted on {deleted}, as the club wants it; only figures are left.", code=_DELETED)
    before = job.status
    job_manager.try_again(session, job, wake=wake)
    _record(session, account, job, before=before)


def _record(session: Session, account: Account, job: Job, *, before: JobStatus) -> None:
    session.refresh(job)
    row_id = (Job.__tablename__, job.id, job.club_id)
    values = ({"status": before}, {"status": job.status})
    record_event(session, account, AuditAction.UPDATE, row_id=row_id, values=values)
