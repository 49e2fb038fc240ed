import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.api.dependencies import CurrentAccount, Parts, PartsDep
from app.api.documentation import LOCATION, RETRY_AFTER, answer_headers
from app.api.idempotency import KEY_PARAMETER, answer_of, answer_once, fingerprint, read_key
from app.api.multipart_upload import MultipartForm, receive_upload
from app.api.problems import problem_responses
from app.api.transaction_retry import try_again_blocking
from app.core.account import Account
from app.core.errors import Unprocessable
from app.core.violations import is_retryable
from app.models import Job, Match
from app.schemas.calibration import CalibrationPoints
from app.schemas.job import AnalysisAccepted
from app.services.db_service import Repository
from app.services.idempotency import KeyClaim, KeyedRequest, keep_answer, require_idle_key
from app.services.incoming_videos import IncomingVideo
from app.services.submit_analysis import AnalysisOrder, StoredVideo, submit_analysis
from app.services.video_probe import probe_video
from app.services.video_store import VideoStore
from football.pitch import STANDARD_PITCH, Pitch
from probe.findings import VideoFacts

PATH = "/api/analyze_match"

router = APIRouter(tags=["analysis"])

_POLL_AFTER_S = "2"
_MAX_STRIDE = 25
_CALIBRATION_EXAMPLE = (
    '{"points": [{"pixel": [1586.5, 789.6], "pitch": [0, 0]}, {"pixel": [128.3, 1141.1], "pitch": [0, 68]}, '
    '{"pixel": [2768.6, 747.3], "pitch": [52.5, 0]}, {"pixel": [2871.4, 1568.4], "pitch": [52.5, 68]}]}'
)
_BODY: dict[str, Any] = {
    "parameters": [KEY_PARAMETER],
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "The video."},
                        "match_id": {
                            "type": "string",
                            "format": "uuid",
                            "description": "The match that the video shows; a new one is made when it is absent.",
                        },
                        "calibration": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "description": "Point pairs, pixel to metre, of a fixed camera, whose metre figures need "
                            "them, or of the first frame of one that moves, from which the pitch is followed.",
                            "examples": [_CALIBRATION_EXAMPLE],
                        },
                        "confidence_threshold": {
                            "type": "number",
                            "minimum": 0,
                            "maximum": 1,
                            "description": "Less sure detections are dropped; 0 stands for the engine's own threshold.",
                        },
                        "frame_stride": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": _MAX_STRIDE,
                            "description": "Only each n-th frame is analysed: faster, and less true. Where it is "
                            "absent, the engine chooses.",
                        },
                        "preview": {
                            "type": "boolean",
                            "description": "Whether to draw what was found into the video, to look at. It is at "
                            "`/api/jobs/{job_id}/preview` when the job is COMPLETED, which takes longer.",
                        },
                    },
                }
            }
        },
    },
}


@router.post(
    PATH,
    status_code=202,
    response_model=AnalysisAccepted,
    operation_id="analyzeMatch",
    summary="Upload a match video and have it analysed",
    openapi_extra=_BODY,
    responses=answer_headers(LOCATION, RETRY_AFTER, status=202) | problem_responses(401, 404, 413, 415, 422, 507),
)
async def analyze_match(request: Request, account: CurrentAccount, parts: PartsDep) -> Response:
    """Upload a match video; its analysis starts at once. Poll the job at ``Location``."""
    key = read_key(request)
    if key is not None:
        await run_in_threadpool(require_idle_key, parts.database, account.user_id, key)
    incoming = await run_in_threadpool(parts.videos.begin)
    try:
        form = await receive_upload(
            request, incoming, max_bytes=parts.settings.max_upload_bytes, writers=parts.upload_writers
        )
        accept = partial(_accept, parts, account, form, incoming)
        if key is None:
            return await accept()
        # Claimed now, not before: the connection of an upload that broke off may be open for minutes yet, and must not
        # keep the client's next attempt waiting.
        keyed = KeyedRequest(account.user_id, key, _fingerprint(request, form, incoming))
        return await answer_once(parts, keyed, lambda claim: accept(claim=claim))
    except ClientDisconnect:
        raise Unprocessable("The upload broke off before its end.", code="multipart_incomplete") from None
    finally:
        await run_in_threadpool(incoming.discard)


def _fingerprint(request: Request, form: MultipartForm, incoming: IncomingVideo) -> str:
    """Of the parts, whatever their order and the boundary between them."""
    fields = (text for field in sorted(form.fields.items()) for text in field)
    return fingerprint(request, *(text.encode() for text in (incoming.sha256, form.filename or "", *fields)))


async def _accept(
    parts: Parts, account: Account, form: MultipartForm, incoming: IncomingVideo, claim: KeyClaim | None = None
) -> Response:
    """Judge what arrived, cheapest check first, then store file, rows and answer together or none of them."""
    if form.filename is None:
        raise Unprocessable("The upload has no part called file.", code="file_missing")
    order = _read_order(form.fields)
    pitch = await run_in_threadpool(_pitch_of, parts, account, order.match_id)
    await run_in_threadpool(incoming.finish)
    # Threads of their own: who waits for his turn takes none from other requests.
    facts = await anyio.to_thread.run_sync(probe_video, incoming.path, limiter=parts.probes)
    judged = _Judged(order, form.filename, facts, pitch)
    return await anyio.to_thread.run_sync(_keep, parts, account, judged, incoming, claim, limiter=parts.keepers)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A whole upload that can be analysed."""

    order: AnalysisOrder
    filename: str
    facts: VideoFacts
    pitch: Pitch


def _keep(parts: Parts, account: Account, judged: _Judged, incoming: IncomingVideo, claim: KeyClaim | None) -> Response:
    order, facts = judged.order, judged.facts
    fit = None
    if order.calibration is not None:
        # NumPy and SciPy are loaded with the first calibration, in its thread, and not by every server that starts.
        from app.services.calibrate_camera import fit_calibration  # noqa: PLC0415

        fit = fit_calibration(order.calibration, frame_size=(facts.width, facts.height), pitch=judged.pitch)
    video = StoredVideo(uuid.uuid4(), judged.filename[-255:], incoming.size_bytes, incoming.sha256, facts, fit)
    with incoming.in_use(), _kept(parts.videos, incoming, video.video_id):
        return try_again_blocking(partial(_submit, parts, account, order, video, claim))


def _submit(
    parts: Parts, account: Account, order: AnalysisOrder, video: StoredVideo, claim: KeyClaim | None
) -> Response:
    facts = video.facts
    with parts.database.unit_of_work() as session:
        job = submit_analysis(session, account, order, video=video, wake=parts.workers.wake)
        forecast = parts.forecaster.latest(session)
        estimate = forecast.duration_s(frames=facts.frame_count, width=facts.width, height=facts.height)
        response = _answer(job, estimate)
        if claim is not None:
            keep_answer(session, claim, answer_of(response))
    return response


def _answer(job: Job, estimate_s: int) -> Response:
    accepted = AnalysisAccepted(
        job_id=job.id, status=job.status, match_id=job.match_id, estimated_duration_seconds=estimate_s
    )
    headers = {"Location": f"/api/jobs/{job.id}", "Retry-After": _POLL_AFTER_S}
    return Response(accepted.model_dump_json(by_alias=True), 202, headers, media_type="application/json")


def _pitch_of(parts: Parts, account: Account, match_id: uuid.UUID | None) -> Pitch:
    """The pitch of a match that the account sees; the standard one for a match that is yet to be made."""
    if match_id is None:
        return STANDARD_PITCH
    with parts.database.reading() as session:
        return Repository(session, account, Match).get(match_id).pitch


@contextmanager
def _kept(videos: VideoStore, incoming: IncomingVideo, video_id: uuid.UUID) -> Iterator[None]:
    """Keep the file if the block commits its rows, and only then.

    When the connection to the database fails, nobody knows whether the commit arrived: the video stays unsettled, and
    a later sweep asks the database.
    """
    videos.keep(incoming, video_id)
    conclude: Callable[[uuid.UUID], None] | None = videos.delete
    try:
        yield
        conclude = videos.settle
    except (InterfaceError, OperationalError) as error:
        if not is_retryable(error):
            conclude = None
            incoming.leave_in_doubt()
        raise
    finally:
        if conclude is not None:
            conclude(video_id)


def _read_order(fields: dict[str, str]) -> AnalysisOrder:
    """The optional fields; an empty one counts as absent, as HTML forms send it."""
    return AnalysisOrder(
        match_id=_read_match_id(fields.get("match_id", "").strip()),
        calibration=_read_calibration(fields.get("calibration", "").strip()),
        confidence_threshold=_read_threshold(fields.get("confidence_threshold", "").strip()),
        frame_stride=_read_stride(fields.get("frame_stride", "").strip()),
        preview=_read_preview(fields.get("preview", "").strip()),
    )


def _read_match_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise Unprocessable("The match_id is not a UUID.", code="match_id_invalid") from None


def _read_calibration(text: str) -> CalibrationPoints | None:
    if not text:
        return None
    try:
        return CalibrationPoints.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "json_invalid":
            raise Unprocessable("The calibration is not JSON.", code="calibration_invalid") from None
        where = "/".join(str(part) for part in first["loc"]) or "calibration"
        raise Unprocessable(
            f"The calibration is not valid: {where}: {first['msg']}.", code="calibration_invalid"
        ) from None


def _read_threshold(text: str) -> float | None:
    try:
        threshold = float(text) if text else None
    except ValueError:
        threshold = float("nan")
    if threshold is not None and not 0 <= threshold <= 1:
        raise Unprocessable("The confidence_threshold must be a number from 0 to 1.", code="threshold_invalid")
    return threshold


def _read_stride(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= _MAX_STRIDE):
        sentence = f"The frame_stride must be a whole number from 1 to {_MAX_STRIDE}."
        raise Unprocessable(sentence, code="frame_stride_invalid")
    return int(text)


def _read_preview(text: str) -> bool:
    if text not in {"", "true", "false"}:
        raise Unprocessable("The preview must be true or false.", code="preview_invalid")
    return text == "true"
