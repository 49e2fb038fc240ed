"""How long an analysis will take, learned from what this installation did before."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Job, JobStatus, Video

_RECENT = 20
_FRESH_INSTALLATION_S_PER_MEGAPIXEL = 0.018
"""Cost of the bundled engine on two cores, used until there is history."""


def estimate_duration_s(session: Session, *, frames: int, width: int, height: int) -> int:
    """Whole seconds, at least 1: the median cost per megapixel of the latest analyses, times this video's."""
    history = (
        select(Job.started_at, Job.finished_at, Video.frame_count, Video.width, Video.height)
        .join(Video, Video.id == Job.video_id)
        .where(Job.status == JobStatus.COMPLETED)
        .order_by(Job.finished_at.desc())
        .limit(_RECENT)
    )
    costs = sorted(
        (finished - started).total_seconds() / (count * w * h / 1e6)
        for started, finished, count, w, h in session.execute(history).all()
        if started is not None and finished is not None
    )
    cost = costs[len(costs) // 2] if costs else _FRESH_INSTALLATION_S_PER_MEGAPIXEL
    return max(1, round(cost * frames * width * height / 1e6))
