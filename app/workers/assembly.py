"""Puts the parts together that run jobs: the same ones for the API process and for ``coach-pro worker``."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.config import Settings
from app.core.database import Database
from app.services.attempt_keeper import KeeperLimits
from app.services.backup.stored_files import StoredFiles
from app.services.changes import watch_changes
from app.services.clamav import ClamAv
from app.services.deliver_webhooks import sweep_deliveries
from app.services.engine import AnalysisEngine
from app.services.engine_files import SharedDirectory
from app.services.generations import Generations
from app.services.idempotency import sweep_idempotency_keys
from app.services.job_manager import RetryPolicy
from app.services.run_analysis import AnalysisRunner
from app.services.screen_video import VideoScreening
from app.services.sweep_footage import sweep_footage
from app.services.sweep_invitations import sweep_invitations
from app.services.sweep_storage import sweep_storage
from app.services.video_store import LocalVideoStore, VideoStore
from app.workers.backend import JobBackend
from app.workers.chores import Chore, ChoreThread
from app.workers.embedded import EmbeddedWorkers
from app.workers.job_worker import JobWorker

if TYPE_CHECKING:
    from app.core.cache import RedisServer

_HOUR_S = 3600.0
_LOOK_S = 5.0


def make_database(settings: Settings) -> Database:
    return Database(settings.sqlalchemy_url, pool_size=settings.db_pool_size, max_overflow=settings.db_max_overflow)


def share_changes(database: Database, redis: "RedisServer | None") -> Generations | None:
    """Let answers that are kept in Redis end with the commit that makes them void."""
    if redis is None:
        return None
    generations = Generations(redis)
    watch_changes(database, generations.end)
    return generations


def make_redis(settings: Settings) -> "RedisServer | None":
    if settings.redis_url is None:
        return None
    from app.core.cache import RedisServer  # noqa: PLC0415 - loaded only where there is a Redis

    return RedisServer(settings.redis_url.get_secret_value())


def make_videos(settings: Settings, *, keep_mb: int | None = None) -> VideoStore:
    """
    Args:
        keep_mb: of copies of what lies in a bucket; None: as the setting says.
    """
    if settings.s3_bucket is None:
        return LocalVideoStore(settings.upload_dir)
    # Only where it is asked for: boto3 is an extra, and takes its time to load.
    from app.services.s3_video_store import BucketAddress, S3VideoStore  # noqa: PLC0415

    key, secret = settings.s3_access_key_id, settings.s3_secret_access_key
    address = BucketAddress(
        settings.s3_bucket,
        prefix=settings.s3_prefix,
        endpoint_url=settings.s3_endpoint_url,
        region=settings.s3_region,
        access_key_id=key,
        secret_access_key=secret.get_secret_value() if secret else None,
    )
    keep_mb = settings.s3_keep_mb if keep_mb is None else keep_mb
    return S3VideoStore(address, settings.upload_dir, keep_bytes=keep_mb * 1024 * 1024)


def artifacts_directory(settings: Settings) -> Path:
    """Where lies what engines sent."""
    return settings.data_dir.resolve() / "artifacts"


def pictures_directory(settings: Settings) -> Path:
    return settings.data_dir.resolve() / "pictures"


def stored_files(settings: Settings) -> StoredFiles:
    """All files that a backup has to have."""
    return StoredFiles(make_videos(settings), pictures_directory(settings), artifacts_directory(settings))


def make_runner(settings: Settings, database: Database, engine: AnalysisEngine, videos: VideoStore) -> AnalysisRunner:
    return AnalysisRunner(
        database=database,
        engine=engine,
        videos=videos,
        artifacts=artifacts_directory(settings),
        limits=KeeperLimits(timedelta(seconds=settings.job_lease_s), settings.engine_idle_timeout_s),
        policy=RetryPolicy(
            settings.job_max_attempts, settings.job_retry_base_s, settings.job_retry_cap_s, settings.engine_wait_limit_s
        ),
        jobs_per_account=settings.jobs_per_account,
        shared=SharedDirectory(settings.engine_output_dir),
        screening=VideoScreening(database, videos, make_scanner(settings), settings.virus_scan_policy),
    )


def make_scanner(settings: Settings) -> ClamAv | None:
    """The virus scanner that is configured, if one is."""
    if settings.clamav_host is None:
        return None
    max_bytes = settings.clamav_max_file_mb * 1024 * 1024
    return ClamAv(settings.clamav_host, settings.clamav_port, settings.clamav_timeout_s, max_bytes)


def make_threads(settings: Settings, runner: AnalysisRunner, worker: JobWorker) -> EmbeddedWorkers:
    """As many threads as ``worker`` has slots, and what is done again and again beside the jobs."""
    database = runner.database
    clear_log = partial(sweep_deliveries, database, timedelta(days=settings.webhook_log_days))
    forget_keys = partial(sweep_idempotency_keys, database, settings.idempotency_keep)
    forget_invitations = partial(sweep_invitations, database, timedelta(days=settings.invitation_keep_days))
    chores = (
        Chore("recover expired jobs", settings.job_sweep_s, worker.recover_expired),
        Chore("forget old idempotency keys", _HOUR_S, forget_keys),
        Chore("forget old invitations", _HOUR_S, forget_invitations),
        Chore("clear the delivery log", _HOUR_S, clear_log),
        Chore("delete old footage", _HOUR_S, partial(sweep_footage, database, runner.videos, runner.artifacts)),
        Chore("sweep artifacts", _HOUR_S, worker.sweep_artifacts),
    )
    return EmbeddedWorkers(worker, sweep_s=settings.job_sweep_s, chores=chores)


def make_housekeeping(database: Database, videos: VideoStore) -> ChoreThread:
    """What every process does that has videos on its disk, whether it runs jobs or not."""
    sweep = Chore("sweep storage", _HOUR_S, partial(sweep_storage, database, videos))
    return ChoreThread([sweep], look_s=_LOOK_S)


def make_backend(settings: Settings, runner: AnalysisRunner) -> JobBackend:
    """What the API process wakes: threads of its own, or workers elsewhere."""
    if settings.job_backend == "embedded":
        worker = JobWorker(runner.database, runner, slots=settings.embedded_workers)
        return make_threads(settings, runner, worker)
    # Only where it is asked for: Celery is an extra, and need not be installed.
    from app.workers.celery_app import make_celery  # noqa: PLC0415
    from app.workers.celery_backend import CeleryBackend  # noqa: PLC0415

    return CeleryBackend(make_celery(settings))
