"""Whether a second, or a stretch of seconds, lies inside the video of a match."""

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import Unprocessable
from app.models import Video

_ROUNDING_S = 0.001  # clients round to the millisecond


def check_inside_video(
    session: Session, match_id: uuid.UUID, *, last_s: float, field: str, video_id: uuid.UUID | None = None
) -> None:
    """A match without a video is not checked: the video may come later.

    Args:
        last_s: seconds from the first frame: the end of a stretch, or a single moment.
        field: JSON pointer of ``last_s`` in the request.
        video_id: a video of the match; None: any of its videos may be long enough.

    Raises:
        Unprocessable: the video, or the longest of the match, ends earlier.
    """
    videos = select(func.max(Video.duration_s)).where(Video.match_id == match_id)
    if video_id is not None:
        videos = videos.where(Video.id == video_id)
    duration_s = session.scalar(videos)
    if duration_s is None or last_s <= duration_s + _ROUNDING_S:
        return
    sentence = f"The video is {duration_s:.1f} s long."
    raise Unprocessable(sentence, code="outside_video", fields={field: f"is after the end of the video: {sentence}"})
