"""Fit a camera to the points that a person clicked in a stored video, and keep them."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.database import Database
from app.models import Calibration, Match, Video
from app.schemas.calibration import CalibrationCreate
from app.services.db_service import Repository
from app.services.roles import require_role

if TYPE_CHECKING:
    from football.camera import CameraFit


def fit_to_video(database: Database, account: Account, order: CalibrationCreate) -> "CameraFit":
    """Fit before there is a transaction that others would wait for: hundreds of points take more than a second.

    Raises:
        NotFound: the video does not exist for this account.
        Forbidden: the account may read the video only.
        Unprocessable: the points describe no camera, or do not belong to this video or pitch.
    """
    with database.reading() as session:
        video = Repository(session, account, Video).get(order.video_id)
        require_role(account, video.club_id, Calibration.written_by)
        pitch = Repository(session, account, Match).get(video.match_id).pitch
    # NumPy and SciPy are loaded by whoever fits a camera, not by every server that starts.
    from app.services.calibrate_camera import fit_calibration  # noqa: PLC0415

    return fit_calibration(order, frame_size=(video.width, video.height), pitch=pitch)


def store_calibration(session: Session, account: Account, order: CalibrationCreate, fit: "CameraFit") -> Calibration:
    """
    Raises:
        NotFound: the video is gone by now.
    """
    video = Repository(session, account, Video).get(order.video_id)
    return Repository(session, account, Calibration).add(
        Calibration(
            club_id=video.club_id,
            video_id=video.id,
            points=order.model_dump(mode="json")["points"],
            median_error_m=round(fit.median_error_m, 3),
            max_error_m=round(fit.max_error_m, 3),
        )
    )
