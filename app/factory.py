"""The composition root: one application from one ``Settings``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

import structlog
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from app.api.body_limit import BodyLimitMiddleware
from app.api.dependencies import Parts
from app.api.documentation import restore_examples
from app.api.endpoints import (
    accounts,
    analysis_reports,
    analyze_match,
    formations,
    health,
    jobs,
    match_lineups,
    matches,
    player_match_statistics,
)
from app.api.problems import describe_problems, install_problem_handlers, problem_responses
from app.api.request_id import RequestIdMiddleware
from app.core.config import Settings
from app.core.database import Database
from app.core.logging import configure_logging
from app.core.migrations import require_schema
from app.core.security import AccessTokens
from app.services.analysis_service import GrpcEngine
from app.services.attempt_keeper import KeeperLimits
from app.services.engine import AnalysisEngine
from app.services.job_manager import RetryPolicy
from app.services.run_analysis import AnalysisRunner
from app.services.sweep_storage import sweep_storage
from app.services.video_store import LocalVideoStore
from app.workers.embedded import EmbeddedWorkers

log = structlog.get_logger(__name__)

_ROUTERS = (
    health.router,
    accounts.router,
    analyze_match.router,
    jobs.router,
    matches.router,
    player_match_statistics.router,
    analysis_reports.router,
    formations.router,
    match_lineups.router,
)


def create_app(settings: Settings | None = None, *, engine: AnalysisEngine | None = None) -> FastAPI:
    """An application that is ready to serve. ``engine`` takes the place of the one that ``settings`` name."""
    settings = settings or Settings()
    configure_logging(settings)
    parts = _make_parts(settings, engine or GrpcEngine(settings.engine_target))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(_prepare, parts)
        parts.workers.start()
        yield
        await run_in_threadpool(parts.workers.stop)
        parts.engine.close()
        parts.database.dispose()

    app = FastAPIOffline(  # its documentation pages bring their scripts along, and need no internet
        static_url="/documentation-assets",
        title="Coach Pro",
        version=_version(),
        description="Turns the video of a football match into numbers, pictures and clips.",
        lifespan=lifespan,
        responses=problem_responses(422, 500, 503),
    )
    app.state.parts = parts
    for router in _ROUTERS:
        app.include_router(router)
    install_problem_handlers(app)
    _describe(app)
    _add_middleware(app, settings)
    return app


def _make_parts(settings: Settings, engine: AnalysisEngine) -> Parts:
    database = Database(settings.sqlalchemy_url, pool_size=settings.db_pool_size, max_overflow=settings.db_max_overflow)
    videos = LocalVideoStore(settings.upload_dir)
    runner = AnalysisRunner(
        database=database,
        engine=engine,
        videos=videos,
        artifacts=settings.data_dir.resolve() / "artifacts",
        limits=KeeperLimits(timedelta(seconds=settings.job_lease_s), settings.engine_idle_timeout_s),
        policy=RetryPolicy(
            settings.job_max_attempts, settings.job_retry_base_s, settings.job_retry_cap_s, settings.engine_wait_limit_s
        ),
    )
    return Parts(
        settings=settings,
        database=database,
        tokens=AccessTokens(settings.secret_key.get_secret_value(), timedelta(minutes=settings.access_token_minutes)),
        videos=videos,
        engine=engine,
        workers=EmbeddedWorkers(database, runner, threads=settings.embedded_workers, sweep_s=settings.job_sweep_s),
        started_at=datetime.now(UTC),
    )


def _prepare(parts: Parts) -> None:
    """What must be so before the first request. A database that is away may come back; one without tables may not."""
    try:
        require_schema(parts.database.engine)
        sweep_storage(parts.database, parts.videos)
    except SQLAlchemyError as error:
        log.warning("started while the database is away", error=str(error))


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["Location", "Link", "X-Total-Count", "X-Request-ID", "Retry-After"],
        )
    app.add_middleware(BodyLimitMiddleware, exempt=frozenset({analyze_match.PATH}))
    app.add_middleware(RequestIdMiddleware)


def _describe(app: FastAPI) -> None:
    """FastAPI makes its document on first use, through this attribute."""
    generate = app.openapi
    app.openapi = lambda: restore_examples(describe_problems(generate()))  # type: ignore[method-assign]


def _version() -> str:
    try:
        return version("coach-pro")
    except PackageNotFoundError:
        return "0.1.0"
