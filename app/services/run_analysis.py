"""The use case that a worker runs: video -> scan -> engine -> ingest -> statistics -> COMPLETED, or a diagnosis."""

import threading
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from app.core.database import Database
from app.core.errors import (
    AnalysisError,
    InvalidTransition,
    PartUnavailable,
    PermanentFailure,
    StoreUnavailable,
    TransientFailure,
)
from app.services import job_manager
from app.services.artifacts import AttemptArtifacts
from app.services.attempt_keeper import KeeperLimits
from app.services.engine import AnalysisEngine
from app.services.engine_files import SharedDirectory
from app.services.job_manager import Claim, RetryPolicy
from app.services.screen_video import VideoScreening
from app.services.video_store import VideoDamaged, VideoMissing, VideoStore
from contract import tracing

log = structlog.get_logger(__name__)

_HINT_STORE = "Tell the operator of the server: S3_BUCKET and S3_ENDPOINT_URL name a store that does not answer."


@dataclass(frozen=True, slots=True)
class AnalysisRunner:
    """Runs claimed jobs. ``artifacts`` is the directory for what engines send, ``shared`` where they leave files."""

    database: Database
    engine: AnalysisEngine
    videos: VideoStore
    artifacts: Path
    limits: KeeperLimits
    policy: RetryPolicy
    jobs_per_account: int
    shared: SharedDirectory
    screening: VideoScreening

    def run(self, claim: Claim, shutdown: threading.Event) -> None:
        """Work on a claimed job until it is in another state; errors end up on the job."""
        # FFmpeg, NumPy and Polars are loaded by whoever has a job, not by every server that starts.
        from app.services.attempt import Attempt  # noqa: PLC0415

        artifacts = AttemptArtifacts.fresh(self.artifacts, claim)
        try:
            Attempt(self, claim, artifacts).run(shutdown)
        except InvalidTransition:
            artifacts.remove()
            log.warning("attempt lost its job", job_id=str(claim.job_id), attempt=claim.attempt)
        except AnalysisError as error:
            artifacts.remove()
            self.settle(claim, error)
        except StoreUnavailable as error:
            artifacts.remove()
            away = "The store of the videos is away; the analysis waits for it."
            self.settle(claim, PartUnavailable(away, code=error.code, hint=_HINT_STORE))
        except VideoMissing as error:
            artifacts.remove()
            log.error("a video is not as it came", job_id=str(claim.job_id), exc_info=error)
            self.settle(claim, _missing(error))
        except (InterfaceError, OperationalError) as error:  # connection lost, deadlock, lock time-out: may heal
            log.warning("database failed the attempt", job_id=str(claim.job_id), exc_info=error)
            lost = TransientFailure("The database was away for a moment.", code="database_unavailable")
            # Only now: when the connection broke during the commit, the job may be completed, and need its files.
            if self.settle(claim, lost):
                artifacts.remove()

    def settle(self, claim: Claim, error: AnalysisError) -> bool:
        """Decide what becomes of a job whose attempt failed; whether the job was still this attempt's."""
        tracing.fail_current_span(error.code)
        log.warning("attempt failed", job_id=str(claim.job_id), attempt=claim.attempt, code=error.code)
        try:
            with self.database.unit_of_work() as session:
                match error:
                    case PartUnavailable():
                        job_manager.postpone(session, claim, error, self.policy)
                    case TransientFailure():
                        job_manager.retry_or_fail(session, claim, error, self.policy)
                    case _:
                        job_manager.fail(session, claim, error)
        except InvalidTransition:
            log.warning("attempt lost its job", job_id=str(claim.job_id), attempt=claim.attempt)
            return False
        return True


def _missing(error: VideoMissing) -> AnalysisError:
    if isinstance(error, VideoDamaged):
        return PermanentFailure("The store has something else in place of this video.", code="video_damaged")
    return PermanentFailure("The video is not in the store any more.", code="video_missing")
