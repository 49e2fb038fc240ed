"""The published client's way to ask: its headers, its bodies, and what it takes for success."""

import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import httpx2
from fastapi.testclient import TestClient

from tests.integration.api.published_client.dart import read

Json = Any

PHONE = {"User-Agent": "Dart/3.9 (dart:io)", "Accept-Encoding": "gzip"}
JSON_CONTENT = {"Content-Type": "application/json; charset=UTF-8"}  # with every request, content or not


@dataclass
class Phone:
    """One installation of the client, which keeps its token for ever."""

    client: TestClient
    headers: dict[str, str] = field(default_factory=dict)

    def log_in(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: Json = None) -> httpx2.Response:
        """A POST or PUT without data sends the text ``null``."""
        content = {"content": json.dumps(body)} if method in {"POST", "PUT"} else {}
        headers = PHONE | JSON_CONTENT | self.headers
        answer: httpx2.Response = self.client.request(
            method, f"/api{path}", headers=headers, follow_redirects=False, **content
        )
        return answer

    def get(self, path: str, kind: str) -> Json:
        return _success(self.ask("GET", path), kind)

    def post(self, path: str, body: Json, kind: str) -> Json:
        return _success(self.ask("POST", path, body), kind)

    def put(self, path: str, body: Json, kind: str) -> Json:
        return _success(self.ask("PUT", path, body), kind)

    def delete(self, path: str) -> None:
        answer = self.ask("DELETE", path)
        assert 200 <= answer.status_code < 300, answer.text
        assert not answer.content or answer.json() is not None

    def failure(self, method: str, path: str, body: Json = None) -> tuple[int, str]:
        """Status, and the text that the client shows."""
        answer = self.ask(method, path, body)
        assert answer.status_code >= 400, answer.text
        detail = answer.json()["detail"]
        assert isinstance(detail, str)
        return answer.status_code, detail

    def upload(self, path: str, name: str, content: bytes, fields: dict[str, str] | None = None) -> httpx2.Response:
        """The client never says what kind of file it sends."""
        files = {"file": (name, content, "application/octet-stream")}
        answer: httpx2.Response = self.client.post(
            f"/api{path}", headers=PHONE | self.headers, files=files, data=fields or {}, follow_redirects=False
        )
        return answer


def _success(answer: httpx2.Response, kind: str) -> Json:
    assert 200 <= answer.status_code < 300, answer.text
    # With another type, or another charset, the client reads accents wrongly.
    assert answer.headers["Content-Type"].replace(" ", "") in {"application/json", "application/json;charset=utf-8"}
    value = json.loads(answer.content.decode("utf-8"))
    read(kind, value)
    return value


def picture() -> bytes:
    """A PNG of 8 x 8 red pixels."""
    rows = b"".join(b"\x00" + b"\xc8\x10\x2e" * 8 for _ in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
