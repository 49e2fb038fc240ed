"""People who use an installation, each over a connection of his own, with pauses for thought."""

import asyncio
import struct
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import httpx2

from tests.faults.films import CALIBRATION, make_films

_TIMEOUT_S = 60.0
_FILM_BYTES = 1024 * 1024
_MATCHES = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """``status``: None if there was none, and then ``problem`` says why."""

    what: str
    ended_at_s: float
    seconds: float
    status: int | None
    problem: str = ""

    @property
    def is_good(self) -> bool:
        return self.status is not None and self.status < 400


@dataclass(slots=True)
class Journal:
    """All answers, and the jobs that were promised.

    ``asked_again``: requests that met the end of their idle connection on the way, and went over a new one.
    """

    answers: list[Answer] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    asked_again: int = 0

    def of(self, what: str) -> list[Answer]:
        return [answer for answer in self.answers if answer.what == what]

    def failures(self) -> list[Answer]:
        return [answer for answer in self.answers if not answer.is_good]


@dataclass(frozen=True, slots=True)
class Club:
    """An account and what it has. ``films``: small videos to upload."""

    headers: Mapping[str, str]
    matches: Sequence[str]
    films: Sequence[bytes]


class User:
    """One member of a club, at one device. ``pause_s``: how long he thinks between an answer and the next question, on
    average."""

    def __init__(self, url: str, club: Club, journal: Journal, *, pause_s: float, random: Random) -> None:
        self._club = club
        self._journal = journal
        self._pause_s = pause_s
        self._random = random
        self._job: str | None = None
        # Without an SSL context: making one takes longer than all that he will ask.
        transport = httpx2.AsyncHTTPTransport(verify=False, limits=httpx2.Limits(max_connections=1))
        self._client = httpx2.AsyncClient(
            base_url=url, headers=dict(club.headers), transport=transport, timeout=_TIMEOUT_S
        )

    async def live(self, over: asyncio.Event, *, comes_within_s: float = 0.0) -> None:
        """Ask one thing after the other until ``over`` is set. Nobody comes in the same moment as all others."""
        actions, weights = zip(*self._actions(), strict=True)
        async with self._client:
            await asyncio.sleep(self._random.uniform(0, comes_within_s or self._pause_s))
            while not over.is_set():
                (action,) = self._random.choices(actions, weights)
                await action()
                await asyncio.sleep(self._random.uniform(0, 2 * self._pause_s))

    async def upload_once(self) -> str | None:
        """The id of the job, if it was promised one."""
        async with self._client:
            await self._upload()
        return self._job

    def _actions(self) -> Iterable[tuple[Callable[[], Awaitable[None]], int]]:
        yield self._list_matches, 30
        yield self._look_at_a_match, 20
        yield self._look_at_figures, 15
        yield self._poll, 20
        yield self._note_an_event, 8
        yield self._correct_a_score, 5
        yield self._upload, 2

    async def _list_matches(self) -> None:
        await self._ask("list of 20 matches", "GET", "/api/matches?limit=20&sort=-match_date")

    async def _look_at_a_match(self) -> None:
        await self._ask("details of a match", "GET", f"/api/matches/{self._a_match()}/details")

    async def _look_at_figures(self) -> None:
        await self._ask("figures of 20 tracks", "GET", "/api/player_match_statistics?limit=20")

    async def _poll(self) -> None:
        await self._ask("poll a job", "GET", f"/api/jobs/{self._job}" if self._job else "/api/jobs?limit=5")

    async def _note_an_event(self) -> None:
        event = {"match_id": self._a_match(), "event_type": "goal", "minute": self._random.randint(1, 90)}
        await self._ask("add an event", "POST", "/api/match_events", json=event)

    async def _correct_a_score(self) -> None:
        score = {"home_score": self._random.randint(0, 9)}
        await self._ask("change a match", "PATCH", f"/api/matches/{self._a_match()}", json=score)

    async def _upload(self) -> None:
        film = self._random.choice(self._club.films)
        parts = {"files": {"file": film}, "data": {"calibration": CALIBRATION}}
        answer = await self._ask("upload 1 MB", "POST", "/api/analyze_match", **parts)
        if answer is not None and answer.status_code == 202:
            self._job = answer.json()["job_id"]
            self._journal.jobs.append(self._job)

    async def _ask(self, what: str, method: str, path: str, **body: object) -> httpx2.Response | None:
        """Once; and once more, with the same key, if the server closed the connection meanwhile (RFC 9112, 9.3.1)."""
        began, headers = time.monotonic(), {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        request = partial(self._client.request, method, path, headers=headers, **body)  # type: ignore[arg-type]
        try:
            try:
                answer = await request()
            except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
                self._journal.asked_again += 1
                answer = await request()
        except httpx2.TransportError as error:
            self._note(what, began, None, f"{method} {path}: {type(error).__name__} {error}")
            return None
        problem = "" if answer.is_success else f"{method} {path}: {answer.status_code} {answer.text[:200]}"
        self._note(what, began, answer.status_code, problem)
        return answer

    def _note(self, what: str, began_s: float, status: int | None, problem: str) -> None:
        now = time.monotonic()
        self._journal.answers.append(Answer(what, now, now - began_s, status, problem))

    def _a_match(self) -> str:
        return self._random.choice(self._club.matches)


def found_clubs(url: str, count: int, directory: Path) -> list[Club]:
    """Accounts, each with a club of its own that has some matches."""
    films, _ = make_films(directory)
    padded = [_padded(film.content) for film in films]
    return [_found_club(url, f"coach{number}@example.com", padded) for number in range(count)]


def log_in_many(url: str, count: int) -> list[dict[str, str]]:
    """New accounts; the headers that speak for each."""
    with httpx2.Client(base_url=url, timeout=_TIMEOUT_S) as client:
        return [_log_in(client, f"member{number}@example.com") for number in range(count)]


def _log_in(client: httpx2.Client, email: str) -> dict[str, str]:
    account = {"email": email, "password": "correct horse"}
    registered = client.post("/api/register", json=account).raise_for_status().json()
    return {"Authorization": f"Bearer {registered['access_token']}"}


def _found_club(url: str, email: str, films: Sequence[bytes]) -> Club:
    with httpx2.Client(base_url=url, timeout=_TIMEOUT_S) as client:
        headers = _log_in(client, email)
        client.headers.update(headers)
        matches = [
            client.post("/api/matches", json={"match_date": f"2026-11-{day % 28 + 1:02}T15:00:00Z"}).raise_for_status()
            for day in range(_MATCHES)
        ]
        return Club(headers, [match.json()["id"] for match in matches], films)


def _padded(film: bytes) -> bytes:
    """With a ``free`` box (ISO 14496-12, 8.1.2) that makes it as large as a few seconds of a phone's."""
    missing = _FILM_BYTES - len(film)
    return film + struct.pack(">I4s", missing, b"free") + bytes(missing - 8)
