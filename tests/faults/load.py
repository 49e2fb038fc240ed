"""Clients that use the API all the time, and note every request that is not answered as it should be."""

import threading
from collections.abc import Callable
from types import TracebackType

import httpx2

from tests.faults.coach import UnexpectedAnswer
from tests.faults.films import Film
from tests.faults.world import World

_READERS = 3
_UPLOAD_EVERY_S = 0.4


class Load:
    """Use as a context manager: readers with connections that they keep, and one that uploads, each film on a new one.

    A reader whose idle connection is closed while its question is on the way asks once more on another, as HTTP tells
    clients to (RFC 9112, 9.3.1); nothing else is repeated.
    """

    def __init__(self, world: World, url: str, films: list[Film]) -> None:
        self.failures: list[str] = []
        self.promised: dict[str, Film] = {}
        self.answered = 0
        self.asked_again = 0
        self._world = world
        self._url = url
        self._films = films
        self._lock = threading.Lock()
        self._over = threading.Event()
        works: list[Callable[[], None]] = [self._read] * _READERS + [self._upload]
        self._threads = [threading.Thread(target=work) for work in works]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        with httpx2.Client(base_url=self._url, headers=self._world.coach.headers, timeout=60) as client:
            while not self._over.is_set():
                self._ask(client)

    def _ask(self, client: httpx2.Client) -> None:
        try:
            answer = client.get("/api/jobs", params={"limit": 5})
        except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
            self._ask_once_more()
            return
        except httpx2.TransportError as error:
            self._note_failure(f"GET: {type(error).__name__} {error}")
            return
        self._note(answer)

    def _ask_once_more(self) -> None:
        with self._lock:
            self.asked_again += 1
        try:
            self._note(httpx2.get(f"{self._url}/api/jobs", headers=self._world.coach.headers, timeout=60))
        except httpx2.TransportError as error:
            self._note_failure(f"GET once more: {type(error).__name__} {error}")

    def _upload(self) -> None:
        for film in self._films:
            try:
                job_id = self._world.coach.upload(self._url, film)
            except (httpx2.TransportError, UnexpectedAnswer) as error:
                self._note_failure(f"POST: {type(error).__name__} {error}")
            else:
                with self._lock:
                    self.promised[job_id] = film
                    self.answered += 1
            if self._over.wait(_UPLOAD_EVERY_S):
                return

    def _note(self, answer: httpx2.Response) -> None:
        if not answer.is_success:
            self._note_failure(f"GET: {answer.status_code} {answer.text[:200]}")
            return
        with self._lock:
            self.answered += 1

    def _note_failure(self, sentence: str) -> None:
        with self._lock:
            self.failures.append(sentence)
