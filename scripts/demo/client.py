"""The public REST API, as a client sees it."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx2
from pydantic import BaseModel, TypeAdapter, ValidationError

from scripts.demo.errors import DemoFailed, ServerGone
from scripts.demo.findings import Accepted, Findings, Job, Match, Report, Token, TrackFigures

_TIMEOUT = httpx2.Timeout(30.0, write=300.0)  # an upload may be long; an answer to it may not
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 30.0
_TRACKS = TypeAdapter(list[TrackFigures])

Content = TypeVar("Content", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Credentials:
    email: str
    password: str


class ApiClient:
    """Speaks for one account, once :meth:`sign_in` was called. Every method raises DemoFailed on a refusal."""

    def __init__(
        self,
        url: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        # A proxy from the environment is for the way out, not for this machine.
        is_remote = httpx2.URL(url).host not in _LOOPBACK
        self._http = httpx2.Client(base_url=url, timeout=_TIMEOUT, trust_env=is_remote, transport=transport)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def sign_in(self, credentials: Credentials) -> None:
        """Make the account, or log in to it where it exists."""
        registration = {"email": credentials.email, "password": credentials.password}
        answer = self._send(self._http.build_request("POST", "/api/register", json=registration))
        if answer.status_code == httpx2.codes.CONFLICT:
            form = {"username": credentials.email, "password": credentials.password}
            answer = self._send(self._http.build_request("POST", "/api/token", data=form))
        token = _read(answer, Token).access_token
        self._http.headers["Authorization"] = f"Bearer {token}"

    def upload(self, video: Path, *, calibration: str | None) -> Accepted:
        """Send a video for analysis. ``calibration`` is JSON as the API describes it; without it no metres."""
        fields = {"calibration": calibration} if calibration is not None else {}
        with video.open("rb") as file:
            request = self._http.build_request(
                "POST", "/api/analyze_match", files={"file": (video.name, file)}, data=fields
            )
            return _read(self._send(request), Accepted)

    def follow(self, job_id: uuid.UUID, on_news: Callable[[Job], None]) -> Job:
        """Ask for the job until it is over, as often as the server likes to be asked; the job that succeeded.

        Raises:
            DemoFailed: the job failed or was cancelled; the message is what the server says about it.
        """
        while True:
            answer = self._get(f"/api/jobs/{job_id}")
            job = _read(answer, Job)
            on_news(job)
            if job.is_over:
                return _succeeded(job)
            self._sleep(_pause_s(answer))

    def findings(self, job: Job) -> Findings:
        """What a job that succeeded found."""
        if job.result is None:
            raise DemoFailed("The server calls the job completed, but names no result.")
        match_id = str(job.result.match_id)
        rows = self._get("/api/player_match_statistics", match_id=match_id)
        report = _read(self._get(f"/api/analysis_reports/{job.result.report_id}"), Report)
        return Findings(
            match=_read(self._get(f"/api/matches/{match_id}"), Match),
            report=report,
            tracks=tuple(row for row in _read_tracks(rows) if row.report_id == report.id),
        )

    def _get(self, path: str, **query: str) -> httpx2.Response:
        return self._send(self._http.build_request("GET", path, params=query))

    def _send(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return self._http.send(request)
        except httpx2.TransportError as error:
            raise ServerGone(f"The server at {self._http.base_url} cannot be reached: {error}.") from error


def _read(answer: httpx2.Response, kind: type[Content]) -> Content:
    if not answer.is_success:
        raise DemoFailed(_refusal(answer))
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError as error:
        raise DemoFailed(_strange(answer)) from error


def _read_tracks(answer: httpx2.Response) -> list[TrackFigures]:
    if not answer.is_success:
        raise DemoFailed(_refusal(answer))
    try:
        return _TRACKS.validate_json(answer.content)
    except ValidationError as error:
        raise DemoFailed(_strange(answer)) from error


class _Problem(BaseModel):
    """RFC 9457, as far as it is shown."""

    detail: str
    code: str


def _refusal(answer: httpx2.Response) -> str:
    request = f"{answer.request.method} {answer.request.url.path}"
    try:
        problem = _Problem.model_validate_json(answer.content)
    except ValidationError:
        return f"The server answered {request} with status {answer.status_code}."
    return f"The server refused {request}: {problem.detail} ({problem.code})"


def _strange(answer: httpx2.Response) -> str:
    request = f"{answer.request.method} {answer.request.url.path}"
    return f"The answer to {request} is not what Coach Pro's API describes; is this a Coach Pro server?"


def _succeeded(job: Job) -> Job:
    if job.status == "COMPLETED":
        return job
    if job.error is None:
        raise DemoFailed(f"The analysis ended as {job.status}, without a reason.")
    hint = f" {job.error.hint}" if job.error.hint else ""
    raise DemoFailed(f"The analysis failed ({job.error.code}): {job.error.detail}{hint}")


def _pause_s(answer: httpx2.Response) -> float:
    """Seconds to wait as ``Retry-After`` says; one where it is absent, or a date."""
    wanted = answer.headers.get("retry-after", "")
    pause_s = float(wanted) if wanted.isdecimal() else 1.0
    return min(max(pause_s, _SHORTEST_PAUSE_S), _LONGEST_PAUSE_S)
