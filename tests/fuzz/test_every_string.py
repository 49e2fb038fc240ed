"""Every hostile string in every parameter of every list: no fault of the server, and no row of another club.

Some 400,000 requests on each database, straight into the application: about an hour. A run in parallel (``-n``) shares
out the lists.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from app.services.log_in import account_of
from tests.fuzz.fuzzed_api import FuzzedApi, fuzzed_api
from tests.integration.api.hostile_strings import escaped, hostile_strings
from tests.integration.api.list_parameters import List, lists
from tests.populated_club import populate_club

RIVAL = "Rival"  # a word in every text of the other club
STRINGS = hostile_strings()
LISTS = list(lists())


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def api(request: pytest.FixtureRequest) -> Iterator[FuzzedApi]:
    with tempfile.TemporaryDirectory() as directory, fuzzed_api(request.param, Path(directory)) as made:
        rival = {"email": "rival@example.com", "password": "correct horse"}
        assert TestClient(made.app).post("/api/register", json=rival).status_code == 201
        with made.app.state.parts.database.unit_of_work() as session:
            populate_club(session, rival["email"], mark=RIVAL, count=3)
        _log_in_once(made)
        yield made


def _log_in_once(api: FuzzedApi) -> None:
    """Who asks is found once, not half a million times: it is not what is under test, and two thirds of the time."""
    parts = api.app.state.parts
    with parts.database.reading() as session:
        api.app.state.asking = account_of(session, parts.tokens.read(api.token))


def queries(each: List) -> Iterator[str]:
    for name in (*each.texts, *each.others, "limit"):
        yield from (f"{escaped(name)}={escaped(text)}" for text in STRINGS)
    yield from (f"{escaped(text)}=1" for text in STRINGS)


async def ask(api: FuzzedApi, path: str, query: str) -> tuple[int, bytes]:
    """Status and body of a GET, without a client between."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"testserver"), (b"authorization", f"Bearer {api.token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "state": {"account": api.app.state.asking},
    }
    status, body = 0, bytearray()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = int(str(message["status"]))
        body.extend(message.get("body") or b"")  # type: ignore[arg-type]

    await api.app(scope, receive, send)
    return status, bytes(body)


@pytest.mark.parametrize("each", LISTS, ids=str)
def test_no_string_in_any_parameter_breaks_a_list_or_shows_a_foreign_row(api: FuzzedApi, each: List) -> None:
    path = api.club.path(each.path)

    async def ask_all() -> Counter[int]:
        statuses: Counter[int] = Counter()
        for query in queries(each):
            status, body = await ask(api, path, query)
            assert status in {200, 422}, (path, query, body)
            assert RIVAL.encode() not in body, (path, query)
            statuses[status] += 1
        return statuses

    assert asyncio.run(ask_all())[422] > 0


def test_the_lists_are_many() -> None:
    assert len(LISTS) > 20
