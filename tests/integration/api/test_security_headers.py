"""What browsers are told about every answer."""

import re
from collections.abc import Callable

import httpx2
import pytest
from fastapi.testclient import TestClient

from tests.integration.conftest import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def policy(answer: httpx2.Response) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in parts}


def test_every_answer_has_them_and_may_do_nothing_in_a_browser(make_api: Callable[..., Api]) -> None:
    api = make_api(rate_limit_per_account="3 per day", cors_origins=("https://app.example.com",))
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    answers = [
        api.client.get("/api/teams", headers=api.headers),
        api.client.get("/api/teams"),
        api.client.get("/nothing"),
        api.client.options("/api/teams", headers=preflight),
        api.client.get("/health"),
        *[api.client.get("/api/teams", headers=api.headers) for _ in range(3)],
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 404, 400, 200, 200, 200, 429]
    for answer in answers:
        assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
        assert policy(answer)["default-src"] == ["'none'"]
        assert policy(answer)["frame-ancestors"] == ["'none'"]
        assert "script-src" not in policy(answer)


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_documentation_pages_may_do_what_they_need(make_api: Callable[..., Api], page: str) -> None:
    answer = make_api().client.get(page)
    allowed = policy(answer)
    assert allowed["default-src"] == ["'none'"]
    assert allowed["frame-ancestors"] == ["'none'"]
    assert "'self'" in allowed["script-src"]
    assert "'unsafe-inline'" in allowed["script-src"]
    assert not any("http" in source or source == "*" for sources in allowed.values() for source in sources)
    loaded = re.findall(r'<(?:script|link)[^>]+(?:src|href)="([^"]+)"', answer.text)
    assert loaded
    assert all(url.startswith("/") for url in loaded)


@pytest.mark.parametrize(
    ("peer", "proto", "expected"),
    [
        ("10.0.0.1", "https", "max-age=31536000"),
        ("10.0.0.1", "http", None),
        ("192.0.2.1", "https", None),  # no proxy of ours: it may say what it likes
    ],
)
def test_browsers_are_told_to_stay_with_tls_where_there_is_some(
    make_api: Callable[..., Api], peer: str, proto: str, expected: str | None
) -> None:
    api = make_api(trusted_proxies=("10.0.0.0/8",))
    client = TestClient(api.client.app, client=(peer, 50000))
    answer = client.get("/livez", headers={"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": proto})
    assert answer.headers.get("Strict-Transport-Security") == expected


@pytest.mark.parametrize("origins", [(), ("https://app.example.com",)])
def test_only_the_origins_that_were_configured_may_read(make_api: Callable[..., Api], origins: tuple[str, ...]) -> None:
    api = make_api(cors_origins=origins)
    for origin in ("https://app.example.com", "https://evil.example", "null"):
        answer = api.client.get("/health", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if origin in origins else None)
