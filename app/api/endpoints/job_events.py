import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, Response
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from app.api.dependencies import CurrentBearer, Parts, PartsDep
from app.api.problems import problem_responses
from app.core.errors import CoachProError
from app.core.security import Bearer
from app.models import Job, JobEvent, JobStatus
from app.schemas.job_event import JobEventRead
from app.services.db_service import Repository
from app.services.job_events import events_after, latest_event
from app.services.job_manager import FINAL
from app.services.log_in import account_of

router = APIRouter(prefix="/api/jobs", tags=["analysis"])

_LOOK_EVERY_S = 0.5
_TIME_TO_LEAVE_S = 5  # for a look that has begun; a server that stops then cuts the stream off
_HEARTBEAT_S = 15
_RECONNECT_AFTER_MS = 2000
_EVENT: dict[str, Any] = {
    "type": "object",
    "description": "One event of the stream.",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "event": {"type": "string", "enum": ["progress", "completed", "failed", "cancelled"]},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"type": "object", "required": list(JobEventRead.model_fields)},
        },
        "retry": {"type": "integer", "description": "Milliseconds to wait before connecting again."},
    },
}
_EXAMPLE = """\
id: 4711
event: progress
data: {"status":"PROCESSING","phase":"analysing","progress_percent":38, and so on}
retry: 2000

"""
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events `progress`, and at the end `completed`, `failed` or `cancelled`. The `data` "
        f"of each is JSON with {', '.join(f'`{name}`' for name in JobEventRead.model_fields)}.",
        "content": {"text/event-stream": {"schema": _EVENT, "example": _EXAMPLE}},
    },
    204: {"description": "The job is over, and `Last-Event-ID` was its last event: do not connect again."},
}


@router.get(
    "/{job_id}/events",
    operation_id="followJob",
    summary="Follow an analysis",
    response_class=EventSourceResponse,
    responses=_ANSWERS | problem_responses(401, 404),
)
def follow_job(
    job_id: uuid.UUID,
    bearer: CurrentBearer,
    parts: PartsDep,
    last_event_id: Annotated[
        int | None, Header(alias="Last-Event-ID", ge=0, le=2**63 - 1, description="Goes on after this event.")
    ] = None,
) -> Response:
    """Server-sent events: first what the job is now, or what came after `Last-Event-ID`; then each change, to the end.

    Whichever process works on the job. The stream ends with the job; a client that was cut off connects again, and
    misses nothing.
    """
    follower = _Follower(parts, bearer, job_id, after=last_event_id or 0)
    is_over = follower.check() in FINAL
    first = follower.look() if last_event_id is not None else follower.look_at_now()
    if is_over and not first:
        return Response(status_code=204)
    stopping = anyio.Event()
    stream = _stream(follower, first, stopping)
    return EventSourceResponse(
        stream, ping=_HEARTBEAT_S, shutdown_event=stopping, shutdown_grace_period=_TIME_TO_LEAVE_S
    )


async def _stream(
    follower: "_Follower", events: Sequence[JobEvent], stopping: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    """The events of a job until its end, or until the client shall connect again: the stream is old, or the server
    stops. Then it ends as an answer does, and is not torn off in the middle, which proxies log as an error."""
    seen = time.monotonic()
    ends = seen + follower.parts.settings.event_stream_limit_s
    while True:
        for event in events:
            yield _written(event)
            follower = replace(follower, after=event.id)
        if events and events[-1].status in FINAL:
            return
        if time.monotonic() > ends:
            return
        with anyio.move_on_after(_LOOK_EVERY_S):
            await stopping.wait()
            return
        try:
            events = await run_in_threadpool(follower.look)
            if time.monotonic() - seen > _HEARTBEAT_S:
                await run_in_threadpool(follower.check)
                seen = time.monotonic()
        except (CoachProError, SQLAlchemyError):
            return  # logged out, out of the club, deleted, or the database is away: connecting again tells


def _written(event: JobEvent) -> ServerSentEvent:
    data = JobEventRead.of(event).model_dump_json()
    return ServerSentEvent(data, event=_name(event.status), id=str(event.id), retry=_RECONNECT_AFTER_MS)


def _name(status: JobStatus) -> str:
    return status.lower() if status in FINAL else "progress"


@dataclass(frozen=True, slots=True)
class _Follower:
    """Somebody who follows a job, and the last event that he knows. Holds no session between two looks."""

    parts: Parts
    bearer: Bearer
    job_id: uuid.UUID
    after: int

    def look_at_now(self) -> Sequence[JobEvent]:
        with self.parts.database.reading() as session:
            event = latest_event(session, self.job_id)
            return [event] if event else []

    def look(self) -> Sequence[JobEvent]:
        with self.parts.database.reading() as session:
            return events_after(session, self.job_id, self.after)

    def check(self) -> JobStatus:
        """The status of the job, if whoever follows it still may.

        Raises:
            Unauthenticated: the log-in has ended.
            NotFound: the job is deleted, or in none of the account's clubs.
        """
        with self.parts.database.reading() as session:
            return Repository(session, account_of(session, self.bearer), Job).get(self.job_id).status
