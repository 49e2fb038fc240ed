"""Who builds on what will go one day is told in every answer, and in the document."""

from datetime import date
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.testclient import TestClient

from app.api.deprecation import Deprecation, DeprecationMiddleware, deprecated, describe_deprecations
from tests.integration.conftest import Api

OLD = ["createEvent", "deleteEvent", "getAnalysisStatus", "getAnalyzeStatus", "getStatusOfAnalysis", "getTeamByName",
       "listEvents"]  # fmt: skip
DOCUMENTATION = '</docs>; rel="deprecation"; type="text/html"'


@pytest.fixture
def client() -> TestClient:
    """An application of its own, with what goes and what stays."""
    router = APIRouter()

    @router.get("/old", operation_id="getOld")
    @deprecated(Deprecation(since=date(2026, 1, 1), sunset=date(2026, 12, 31), successor="/new"))
    def get_old(word: int = 0) -> str:
        """Something old."""
        if word:
            raise HTTPException(404)
        return "old"

    @router.get("/new", operation_id="getNew")
    def get_new() -> str:
        """Something new."""
        return "new"

    app = FastAPI()
    app.include_router(router)
    app.add_middleware(DeprecationMiddleware)
    document = describe_deprecations(app.openapi(), [router])
    app.openapi = lambda: document  # type: ignore[method-assign]
    return TestClient(app)


@pytest.mark.parametrize(("query", "status"), [("", 200), ("?word=1", 404), ("?word=no", 422)])
def test_every_answer_of_a_deprecated_route_says_so(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"/old{query}")
    assert answer.status_code == status
    assert answer.headers["Deprecation"] == "@1767225600"  # 2026-01-01 00:00 UTC
    assert answer.headers["Sunset"] == "Thu, 31 Dec 2026 00:00:00 GMT"
    assert answer.headers.get_list("Link") == [DOCUMENTATION, '</new>; rel="successor-version"']


def test_what_stays_says_nothing(client: TestClient) -> None:
    for path in ("/new", "/nowhere"):
        assert not {"deprecation", "sunset", "link"} & set(client.get(path).headers)


def test_the_document_says_it_too(client: TestClient) -> None:
    paths: dict[str, Any] = client.get("/openapi.json").json()["paths"]
    old, new = paths["/old"]["get"], paths["/new"]["get"]
    assert (old["deprecated"], "deprecated" in new) == (True, False)
    assert old["description"].endswith("Deprecated since 2026-01-01, gone from 2026-12-31 on: use `/new`.")
    assert set(old["responses"]["200"]["headers"]) == {"Deprecation", "Sunset", "Link"}


def test_what_only_the_published_client_needs_is_deprecated_without_an_end(shared_api: Api) -> None:
    paths = shared_api.client.get("/openapi.json").json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert sorted(operation["operationId"] for operation in operations if operation.get("deprecated")) == OLD
    answer = shared_api.client.get("/api/events", headers=shared_api.headers)
    assert answer.headers["Deprecation"] == "@1795824000"
    assert "Sunset" not in answer.headers
    assert DOCUMENTATION in answer.headers.get_list("Link")
    assert any('rel="first"' in link for link in answer.headers.get_list("Link"))  # of the list, still there


def test_an_answer_that_is_not_sent_again_says_so_as_well(shared_api: Api) -> None:
    tag = shared_api.client.get("/api/events", headers=shared_api.headers).headers["ETag"]
    again = shared_api.client.get("/api/events", headers=shared_api.headers | {"If-None-Match": tag})
    assert (again.status_code, "Deprecation" in again.headers) == (304, True)
