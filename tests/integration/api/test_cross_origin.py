"""What a page of another origin gets to read."""

from collections.abc import Callable

import pytest

from tests.integration.api.conftest import assert_problem
from tests.integration.conftest import Api

PAGE = "https://app.example.com"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    return make_api(cors_origins=(PAGE,), log_level="ERROR")


def break_down() -> None:
    raise RuntimeError("the password is 12345")


def test_a_page_reads_the_answer_to_an_unexpected_error(api: Api) -> None:
    api.client.app.add_api_route("/broken", break_down)
    answer = api.client.get("/broken", headers={"Origin": PAGE, "X-Request-ID": "fault-1"})
    assert_problem(answer, 500, "internal_error")
    assert answer.json()["request_id"] == "fault-1"
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"]


def test_a_page_reads_what_a_file_is_called(api: Api) -> None:
    team = api.client.post("/api/teams", json={"name": "Reds"}, headers=api.headers).headers["Location"]
    answer = api.client.get(f"{team}/squad.csv", headers=api.headers | {"Origin": PAGE})
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Content-Disposition", "ETag", "X-Total-Count"} <= set(exposed)
    assert "Content-Disposition" in answer.headers


@pytest.mark.parametrize(
    ("origin", "method", "refused"),
    [(PAGE, "DELETE", None), (PAGE, "TRACE", "method"), ("https://evil.example", "GET", "origin")],
)
def test_a_preflight_is_granted_or_refused_with_a_problem(
    api: Api, origin: str, method: str, refused: str | None
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "X-Request-ID": "ask-1"}
    answer = api.client.options("/api/teams", headers=asked)
    if refused is None:
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, PAGE)
        return
    assert_problem(answer, 400, "cross_origin_refused")
    assert answer.json()["request_id"] == "ask-1"
    assert refused in answer.json()["detail"]
    assert answer.headers.get("Access-Control-Allow-Origin") == (PAGE if refused == "method" else None)
