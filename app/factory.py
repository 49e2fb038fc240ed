"""The composition root: one application from one ``Settings``."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from app.api import published_client, webhook_messages
from app.api.body_limit import BodyLimitMiddleware
from app.api.cached_reads import CachedReadsMiddleware
from app.api.client_address import ClientAddressMiddleware
from app.api.conditional import EntityTagMiddleware
from app.api.cross_origin import RULES, CrossOriginMiddleware
from app.api.dependencies import SESSIONS_AT_ONCE, Parts
from app.api.deprecation import DeprecationMiddleware, describe_deprecations
from app.api.documentation import (
    TAGS,
    describe_entity_tags,
    describe_idempotency_keys,
    describe_parameters,
    restore_examples,
)
from app.api.endpoints import (
    accounts,
    analysis_reports,
    analyze_match,
    audit_log,
    ball_positions,
    calibrations,
    clubs,
    competitions,
    formations,
    health,
    invitations,
    job_events,
    job_previews,
    jobs,
    match_details,
    match_events,
    match_lineups,
    match_team_statistics,
    matches,
    memberships,
    personal_data,
    player_match_statistics,
    players,
    probes,
    sessions,
    squads,
    staff,
    start_page,
    teams,
    track_links,
    video_segments,
    videos,
    webhook_deliveries,
    webhooks,
)
from app.api.head_requests import HeadMiddleware
from app.api.lingering_close import LingeringCloseMiddleware
from app.api.list_documentation import describe_lists
from app.api.observation import ObservationMiddleware
from app.api.password_queue import PasswordQueue
from app.api.picture_files import PictureFiles
from app.api.picture_upload import PICTURE_BODIES
from app.api.problems import describe_problems, install_problem_handlers, problem_responses
from app.api.published_client.null_free import NullFreeMiddleware
from app.api.rate_limit import RateLimitMiddleware, describe_rate_limits
from app.api.request_id import RequestIdMiddleware
from app.api.security_headers import SecurityHeadersMiddleware
from app.api.start_failure import StartFailureMiddleware
from app.api.tracing import TracingMiddleware
from app.core.config import Settings, read_settings
from app.core.logging import configure_logging
from app.core.migrations import require_schema
from app.core.security import PASSWORDS_AT_ONCE, AccessTokens
from app.core.version import installed_version
from app.services.analysis_service import make_engine
from app.services.engine import AnalysisEngine
from app.services.forecast import Forecaster
from app.services.generations import Generations
from app.services.idempotency import sweep_idempotency_keys
from app.services.limit_attempts import AttemptLimiter
from app.services.limit_windows import MovingWindows, SlidingWindows
from app.services.picture_store import PICTURES_URL, PictureStore
from app.services.shared_answers import SharedAnswers
from app.services.sweep_storage import check_store
from app.workers.assembly import (
    artifacts_directory,
    make_backend,
    make_database,
    make_housekeeping,
    make_redis,
    make_runner,
    make_videos,
    pictures_directory,
    share_changes,
)
from app.workers.webhook_sender import WebhookSender
from contract.tracing import is_tracing, start_tracing, stop_tracing

if TYPE_CHECKING:
    from app.core.cache import RedisServer

log = structlog.get_logger(__name__)

_MOST_WAITING_LOG_INS = 100  # some seconds' worth
_KEEPERS = 8  # threads that put uploads, once judged, into their store

_ROUTERS = (
    # Routes are tried one after another, and those of a router are made ready when FastAPI first gets there: what is
    # asked at a start comes first, then what is asked for most.
    probes.router,
    health.router,
    matches.router,
    match_details.router,
    jobs.router,
    *published_client.ROUTERS,
    start_page.router,
    accounts.router,
    sessions.router,
    analyze_match.router,
    job_events.router,
    job_previews.router,
    competitions.router,
    match_events.router,
    player_match_statistics.router,
    analysis_reports.router,
    track_links.router,
    formations.router,
    match_lineups.router,
    match_lineups.match_router,
    teams.router,
    squads.router,
    players.router,
    staff.router,
    ball_positions.router,
    calibrations.router,
    match_team_statistics.router,
    player_match_statistics.match_router,
    video_segments.router,
    videos.router,
    clubs.router,
    memberships.router,
    invitations.router,
    audit_log.router,
    personal_data.router,
    webhooks.router,
    webhook_deliveries.router,
)


def create_app(settings: Settings | None = None, *, engine: AnalysisEngine | None = None) -> FastAPI:
    """An application that is ready to serve. ``engine`` takes the place of the one that ``settings`` name."""
    settings = settings or read_settings()
    configure_logging(settings)
    start_tracing("coach-pro-api", version=installed_version())
    redis = make_redis(settings)
    parts = _make_parts(settings, engine or make_engine(settings), redis)
    windows = SlidingWindows(redis)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(_prepare, parts)
        parts.workers.start()
        parts.housekeeping.start()
        parts.webhooks.start()
        yield
        await run_in_threadpool(parts.workers.stop)
        await run_in_threadpool(parts.housekeeping.stop)
        await run_in_threadpool(parts.webhooks.stop)
        parts.engine.close()
        await windows.close()
        if parts.answers is not None:
            await parts.answers.close()
        parts.database.dispose()
        await run_in_threadpool(stop_tracing)

    app = FastAPIOffline(  # its documentation pages bring their scripts along, and need no internet
        static_url="/documentation-assets",
        title="Coach Pro",
        version=installed_version(),
        description="Turns the video of a football match into numbers, pictures and clips.",
        openapi_tags=TAGS,
        lifespan=lifespan,
        strict_content_type=False,  # a body without a type may well be JSON
        redirect_slashes=False,  # a redirected POST loses its body with many clients
        responses=problem_responses(422, 500, 503),
        webhooks=webhook_messages.router,
    )
    app.state.parts = parts
    for router in _ROUTERS:
        app.include_router(router)
    app.mount(PICTURES_URL, PictureFiles(parts.pictures.directory))
    install_problem_handlers(app)
    _describe(app)
    _add_middleware(app, parts)
    _surround(app, parts, windows)
    return app


def _make_parts(settings: Settings, engine: AnalysisEngine, redis: "RedisServer | None") -> Parts:
    database = make_database(settings)
    generations = share_changes(database, redis)
    videos = make_videos(settings, keep_mb=None if settings.has_embedded_workers else 0)  # nobody opens any
    cores = os.cpu_count() or 1
    return Parts(
        settings=settings,
        database=database,
        tokens=_access_tokens(settings),
        attempts=AttemptLimiter(windows=MovingWindows(redis)),
        videos=videos,
        upload_writers=CapacityLimiter(cores),
        probes=CapacityLimiter(cores),
        keepers=CapacityLimiter(_KEEPERS),
        readers=CapacityLimiter(SESSIONS_AT_ONCE),
        artifacts=artifacts_directory(settings),
        passwords=PasswordQueue(at_once=PASSWORDS_AT_ONCE, waiting=_MOST_WAITING_LOG_INS),
        pictures=PictureStore(pictures_directory(settings)),
        engine=engine,
        forecaster=Forecaster(),
        webhooks=WebhookSender(database, settings, threads=settings.embedded_webhook_senders),
        housekeeping=make_housekeeping(database, videos),
        workers=make_backend(settings, make_runner(settings, database, engine, videos)),
        answers=_make_answers(settings, redis, generations),
        started_at=datetime.now(UTC),
    )


def _make_answers(
    settings: Settings, redis: "RedisServer | None", generations: Generations | None
) -> SharedAnswers | None:
    if redis is None or generations is None or settings.cache_life_s == 0:
        return None
    return SharedAnswers(redis, generations, life_s=settings.cache_life_s)


def _access_tokens(settings: Settings) -> AccessTokens:
    return AccessTokens(
        settings.secret_key.get_secret_value(),
        timedelta(minutes=settings.access_token_minutes),
        tuple(key.get_secret_value() for key in settings.previous_secret_keys),
    )


def _prepare(parts: Parts) -> None:
    """What must be so before the first request. A database that is away may come back; one without tables may not."""
    parts.pictures.sweep_incoming()
    check_store(parts.videos)
    try:
        require_schema(parts.database.engine)
        sweep_idempotency_keys(parts.database, parts.settings.idempotency_keep)
    except SQLAlchemyError as error:
        log.warning("started while the database is away", error=str(error))


def _add_middleware(app: FastAPI, parts: Parts) -> None:
    app.add_middleware(DeprecationMiddleware)
    app.add_middleware(NullFreeMiddleware)
    app.add_middleware(EntityTagMiddleware)
    if parts.answers is not None:
        routes = [route for router in _ROUTERS for route in router.routes]
        app.add_middleware(CachedReadsMiddleware, answers=parts.answers, database=parts.database, routes=routes)
    app.add_middleware(BodyLimitMiddleware, exempt=frozenset({analyze_match.PATH}), larger=PICTURE_BODIES)
    app.add_middleware(HeadMiddleware)


def _surround(app: FastAPI, parts: Parts, windows: SlidingWindows) -> None:
    """Middleware around everything: what ``add_middleware`` adds does not see the answer to an unexpected error."""
    build_stack, settings = app.build_middleware_stack, parts.settings

    def build_whole_stack() -> ASGIApp:
        stack = build_stack()
        if settings.rate_limits:
            stack = RateLimitMiddleware(stack, settings=settings, windows=windows)
        if settings.cors_origins:
            stack = CrossOriginMiddleware(stack, allow_origins=settings.cors_origins, **RULES)
        stack = RequestIdMiddleware(ObservationMiddleware(stack, tokens=parts.tokens))
        if is_tracing():
            stack = TracingMiddleware(stack)
        stack = StartFailureMiddleware(LingeringCloseMiddleware(SecurityHeadersMiddleware(stack)))
        return ClientAddressMiddleware(stack, trusted=settings.trusted_proxies, header=settings.forwarded_header)

    app.build_middleware_stack = build_whole_stack  # type: ignore[method-assign]


def _describe(app: FastAPI) -> None:
    """FastAPI makes its document on first use, through this attribute."""
    generate = app.openapi

    @cache
    def document() -> dict[str, Any]:
        described = describe_deprecations(describe_lists(generate(), _ROUTERS), _ROUTERS)
        described = describe_idempotency_keys(describe_entity_tags(described))
        return restore_examples(describe_parameters(describe_problems(describe_rate_limits(described))))

    app.openapi = document  # type: ignore[method-assign]
