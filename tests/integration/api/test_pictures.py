"""Pictures of teams and players: judged by content, shown to everybody, and gone with their rows."""

import io
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pymysql
import pytest
from PIL import Image
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.api import transaction_retry
from app.core.account import Role
from app.models import AuditEntry, Team
from app.services.replace_picture import forget_pictures_of_club
from tests.files import files_below
from tests.integration.api.conftest import LiveServer, assert_problem, rows
from tests.integration.api.played_match import as_role
from tests.integration.conftest import Api
from tests.waiting import PATIENCE_S

DEADLOCK = 1213


def picture(colour: str = "red", *, size: tuple[int, int] = (1600, 900), kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


def stored(api: Api) -> list[Path]:
    return files_below(api.settings.data_dir / "pictures")


def add(api: Api, kind: str, **values: object) -> dict[str, Any]:
    answer = api.client.post(f"/api/{kind}", headers=api.headers, json=values)
    assert answer.status_code == 201, answer.text
    return answer.json()


# Resource, the routes of its picture, the field that shows it.
OWNERS = [("teams", "upload_logo", "logo", "logo_url"), ("players", "upload_image", "image", "image_url")]
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(("kind", "upload", "remove", "field"), OWNERS)
def test_a_picture_is_shown_to_everybody_until_it_is_replaced_or_deleted(
    api: Api, kind: str, upload: str, remove: str, field: str
) -> None:
    owner = add(api, kind, name="Reds")
    path = f"/api/{kind}/{owner['id']}"

    def send(content: bytes) -> str:
        # The mobile client declares every part so.
        part = ("IMG_0001.HEIC", content, "application/octet-stream")
        answer = api.client.post(f"{path}/{upload}", headers=api.headers, files={"file": part})
        assert answer.status_code == 200, answer.text
        assert answer.json() == api.client.get(path, headers=api.headers).json()
        url: str = answer.json()[field]
        return url

    first = send(picture("red"))
    shown = api.client.get(first)
    assert shown.status_code == 200
    assert shown.headers["Content-Type"] == "image/webp"
    assert shown.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(shown.content)).size == (1024, 576)
    again = api.client.get(first, headers={"If-None-Match": shown.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    second = send(picture("blue", kind="JPEG"))
    assert second != first
    assert_problem(api.client.get(first), 404, "not_found")
    assert [path.name for path in stored(api)] == [second.rpartition("/")[2]]

    for _ in range(2):  # also when there is none
        assert api.client.delete(f"{path}/{remove}", headers=api.headers).status_code == 204
        assert api.client.get(path, headers=api.headers).json()[field] is None
        assert stored(api) == []
    assert rows(api.client.app, AuditEntry) >= 4


@pytest.mark.parametrize(("kind", "upload", "remove", "field"), OWNERS)
@one_database
def test_a_picture_goes_with_its_row(api: Api, kind: str, upload: str, remove: str, field: str) -> None:
    path = f"/api/{kind}/{add(api, kind, name='Reds')['id']}"
    api.client.post(f"{path}/{upload}", headers=api.headers, files={"file": picture()})
    assert len(stored(api)) == 1
    assert api.client.delete(path, headers=api.headers).status_code == 204
    assert stored(api) == []


def test_there_is_no_way_to_pictures_but_their_names(shared_api: Api) -> None:
    directory = shared_api.settings.data_dir / "pictures"
    (directory / "notes.txt").write_text("secret")
    (directory / ".incoming" / f"{'a' * 32}.webp").write_text("half")
    name = f"{'a' * 32}.webp"
    for path in ("", "/", "/notes.txt", "/.incoming", f"/.incoming/{name}", f"/{name}", "/%2e%2e/coach_pro.db"):
        answer = shared_api.client.get(f"/static/pictures{path}")
        assert_problem(answer, 404, "not_found")
    answer = shared_api.client.post(f"/static/pictures/{'a' * 32}.webp")
    assert_problem(answer, 405, "method_not_allowed")


GARBAGE = b"\x00not a picture"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
END = b"\r\n--x--\r\n"
FIELD = b'--x\r\nContent-Disposition: form-data; name="field"\r\n\r\nvalue\r\n'
TEXT = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\npicture'

# What httpx sends, the answer.
REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "garbage that is declared as PNG": (
        {"files": {"file": ("a.png", GARBAGE, "image/png")}},
        415,
        "picture_unreadable",
    ),
    "half a picture": ({"files": {"file": picture(size=(300, 300), kind="JPEG")[:700]}}, 415, "picture_unreadable"),
    "an empty file": ({"files": {"file": ("a.png", b"")}}, 415, "picture_unreadable"),
    "a GIF": ({"files": {"file": picture(size=(8, 8), kind="GIF")}}, 415, "picture_unreadable"),
    "5 MB and more": ({"files": {"file": picture() + bytes(5 * 1024 * 1024)}}, 413, "picture_too_large"),
    "6 MB and more": ({"files": {"file": bytes(7 * 1024 * 1024)}}, 413, "request_entity_too_large"),
    "another part": ({"files": {"picture": picture()}}, 422, "file_missing"),
    "a text instead of a file": ({"content": TEXT + END, "headers": MULTIPART}, 422, "file_missing"),
    "two files": ({"files": [("file", picture()), ("file", picture())]}, 422, "multipart_malformed"),
    "a body that breaks off": ({"content": PART + picture(), "headers": MULTIPART}, 422, "multipart_incomplete"),
    "no multipart": ({"content": b"nothing of it", "headers": MULTIPART}, 422, "multipart_malformed"),
    "many other parts": ({"content": FIELD * 21 + PART + END, "headers": MULTIPART}, 422, "multipart_malformed"),
    "no boundary": (
        {"content": PART, "headers": {"Content-Type": "multipart/form-data"}},
        422,
        "multipart_malformed",
    ),
    "the picture as it is": ({"content": picture(), "headers": {"Content-Type": "image/png"}}, 415, "not_multipart"),
    "JSON": ({"json": {"file": "a.png"}}, 415, "not_multipart"),
    "nothing": ({}, 415, "not_multipart"),
}


@pytest.fixture(scope="module")
def shared_team(shared_api: Api) -> str:
    return f"/api/teams/{add(shared_api, 'teams', name='Reds')['id']}"


@pytest.fixture(scope="module")
def shared_player(shared_api: Api) -> str:
    return f"/api/players/{add(shared_api, 'players', name='Ada')['id']}"


@pytest.fixture
def nothing_is_kept(shared_api: Api) -> Iterator[None]:
    before = stored(shared_api)
    yield
    assert stored(shared_api) == before


@pytest.mark.usefixtures("nothing_is_kept")
@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_upload_leaves_nothing(shared_api: Api, shared_team: str, shared_player: str, case: str) -> None:
    sent, status, code = REFUSED[case]
    headers = sent.get("headers", {}) | shared_api.headers
    for path in (f"{shared_team}/upload_logo", f"{shared_player}/upload_image"):
        assert_problem(shared_api.client.post(path, **(sent | {"headers": headers})), status, code)


@pytest.mark.usefixtures("nothing_is_kept")
def test_only_coaches_of_the_club_change_pictures(shared_api: Api, shared_team: str) -> None:
    club_id = shared_api.client.get(shared_team, headers=shared_api.headers).json()["club_id"]
    stranger, analyst = (
        shared_api.register("stranger@example.com"),
        as_role(shared_api, Role.ANALYST, uuid.UUID(club_id)),
    )
    for headers, status, code in (
        ({}, 401, "unauthenticated"),
        (stranger, 404, "not_found"),
        (analyst, 403, "forbidden"),
    ):
        sent = shared_api.client.post(f"{shared_team}/upload_logo", headers=headers, files={"file": picture()})
        assert_problem(sent, status, code)
        assert_problem(shared_api.client.delete(f"{shared_team}/logo", headers=headers), status, code)


@pytest.mark.usefixtures("nothing_is_kept")
@pytest.mark.parametrize("team_id", [uuid.uuid4(), "Reds"])
def test_a_picture_of_nobody_is_not_kept(shared_api: Api, team_id: object) -> None:
    path = f"/api/teams/{team_id}/upload_logo"
    answer = shared_api.client.post(path, headers=shared_api.headers, files={"file": picture()})
    assert answer.status_code == (422 if team_id == "Reds" else 404)


@pytest.fixture
def api_without_workers(make_api: Callable[..., Api]) -> Api:
    """Nobody writes but the requests of the test."""
    return make_api(embedded_workers=0)


def fail_at_commit(api: Api, error: Exception) -> None:
    """The next transaction that writes fails at its end."""
    waiting = [error]

    def stumble(*_: object) -> None:
        if waiting:
            raise waiting.pop()

    event.listen(api.client.app.state.parts.database.writing, "before_commit", stumble)


def test_a_transaction_that_fails_keeps_the_old_picture(api_without_workers: Api) -> None:
    api = api_without_workers
    path = f"/api/teams/{add(api, 'teams', name='Reds')['id']}"
    team = api.client.post(f"{path}/upload_logo", headers=api.headers, files={"file": picture("red")}).json()
    before = stored(api)
    for method, end, sent in (
        ("POST", "/upload_logo", {"files": {"file": picture("blue")}}),
        ("DELETE", "/logo", {}),
        ("DELETE", "", {}),
    ):
        fail_at_commit(api, OperationalError("COMMIT", {}, Exception("the disk is full")))
        answer = api.client.request(method, path + end, headers=api.headers, **sent)
        assert_problem(answer, 503, "database_unavailable")
        assert stored(api) == before
        assert api.client.get(path, headers=api.headers).json() == team


@one_database
def test_an_upload_whose_transaction_is_given_up_is_tried_again(
    api_without_workers: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body was read already, and is read again."""
    api = api_without_workers
    team_path = f"/api/teams/{add(api, 'teams', name='Reds')['id']}"
    monkeypatch.setattr(transaction_retry, "_PAUSE_S", 0.0)
    fail_at_commit(api, OperationalError("COMMIT", {}, pymysql.err.OperationalError(DEADLOCK, "Deadlock found")))
    answer = api.client.post(f"{team_path}/upload_logo", headers=api.headers, files={"file": picture()})
    assert answer.status_code == 200
    assert [path.name for path in stored(api)] == [answer.json()["logo_url"].rpartition("/")[2]]


@one_database
def test_two_uploads_after_each_other_over_a_socket(live: LiveServer, live_headers: dict[str, str]) -> None:
    """4.9 MB, in pieces and without an announced length: over the limit of other bodies, under that of pictures."""
    content = picture() + bytes(4_900_000)
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + content + b"\r\n--x--\r\n"

    def pieces(data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), 100_000):
            yield data[start : start + 100_000]

    with httpx2.Client(base_url=live.url, headers=live_headers, timeout=PATIENCE_S) as client:
        path = f"/api/teams/{client.post('/api/teams', json={'name': 'Reds'}).json()['id']}/upload_logo"
        answers = [client.post(path, content=pieces(body), headers=MULTIPART) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 200]
        try:
            status = client.post(path, content=pieces(body * 2), headers=MULTIPART).status_code
        except httpx2.WriteError:  # the server closed the connection while we were still sending
            status = 413
        assert status == 413
    assert rows(live.app, Team) == 1


@one_database
def test_pictures_outlive_the_server(make_api: Callable[..., Api]) -> None:
    api = make_api()
    path = f"/api/teams/{add(api, 'teams', name='Reds')['id']}"
    url = api.client.post(f"{path}/upload_logo", headers=api.headers, files={"file": picture()}).json()["logo_url"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Api, "register", lambda _: {})  # the account is there already
        restarted = make_api()
    assert restarted.client.get(url).status_code == 200


@one_database
def test_a_club_that_goes_takes_its_pictures_along(api_without_workers: Api) -> None:
    api = api_without_workers
    for kind, upload, _, _ in OWNERS:
        owner = add(api, kind, name="Reds")
        sent = api.client.post(f"/api/{kind}/{owner['id']}/{upload}", headers=api.headers, files={"file": picture()})
        assert sent.status_code == 200
    add(api, "teams", name="Without a logo")
    parts, club_id = api.client.app.state.parts, uuid.UUID(owner["club_id"])
    with parts.database.reading() as session:  # never committed
        forget_pictures_of_club(session, parts.pictures, club_id)
    with parts.database.unit_of_work() as session:
        forget_pictures_of_club(session, parts.pictures, uuid.uuid4())
    assert len(stored(api)) == 2
    with parts.database.unit_of_work() as session:
        forget_pictures_of_club(session, parts.pictures, club_id)
        assert len(stored(api)) == 2
    assert stored(api) == []
