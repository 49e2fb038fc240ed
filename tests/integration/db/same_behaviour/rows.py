"""Make rows through the API, and read them."""

from typing import Any

from tests.integration.conftest import Api

Json = Any


def make(api: Api, path: str, **body: Json) -> Json:
    answer = api.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def read(api: Api, path: str, **query: str) -> Json:
    answer = api.client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(api: Api, club: str, **query: str) -> list[str]:
    return [row["name"] for row in read(api, "/api/teams", club_id=club, **query)]
