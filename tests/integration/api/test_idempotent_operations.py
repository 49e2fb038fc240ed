"""Every POST of the OpenAPI document that creates something honours ``Idempotency-Key``, and says so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.models import Role
from scripts.make_openapi import render
from tests.integration.api.tenancy.document import operations_of
from tests.integration.api.tenancy.requests import Caller
from tests.integration.api.tenancy.rules import RULES
from tests.integration.api.tenancy.world import FIRST, World, made_world

DOCUMENT: dict[str, Any] = json.loads(render())
POSTS = {item["post"]["operationId"]: item["post"] for item in DOCUMENT["paths"].values() if "post" in item}
CREATING = [
    name
    for name, operation in POSTS.items()
    if {"201", "202"} & set(operation["responses"]) and "security" in operation
]
HONOURING = [
    name
    for name, operation in POSTS.items()
    if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
]
KEYED = "the owner, with a key"


@pytest.fixture(scope="module")
def world(sqlite_template: Path, film: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made_world(tmp_path_factory.mktemp("world"), template=sqlite_template, film=film) as world:
        yield world


def test_every_post_that_creates_something_takes_a_key() -> None:
    assert set(CREATING) <= set(HONOURING)
    assert {"analyzeMatch", "createTeam", "createInvitation"} <= set(CREATING)
    # They create or change rows, and answer 200.
    assert set(HONOURING) - set(CREATING) == {
        *("acceptInvitation", "importSquad", "cancelJob", "rotateWebhookSecret"),
        *("erasePlayer", "eraseStaffMember"),
    }


@pytest.mark.parametrize("name", HONOURING)
def test_a_repeated_request_gets_the_same_answer_and_changes_nothing(world: World, name: str) -> None:
    call = Caller(operations_of(DOCUMENT)[name], RULES[name], world.files).call(world.known_to(Role.OWNER, FIRST))
    world.headers[KEYED] = world.headers[Role.OWNER] | {"Idempotency-Key": f"for {name}".join('""')}
    first = call.by(world, KEYED)
    assert first.is_success, first.text
    with world.unchanged():
        repeated = call.by(world, KEYED)
    assert (repeated.status_code, repeated.content) == (first.status_code, first.content)
    assert repeated.headers.get("Location") == first.headers.get("Location")
    assert ("Idempotency-Replayed" in first.headers, repeated.headers["Idempotency-Replayed"]) == (False, "true")
    world.restore()


@pytest.mark.parametrize("name", HONOURING)
def test_what_may_come_of_a_key_is_documented(name: str) -> None:
    answers = POSTS[name]["responses"]
    (success,) = (status for status in answers if status.startswith("2"))
    assert "Idempotency-Replayed" in answers[success]["headers"]
    assert "Retry-After" in answers["409"]["headers"]
    assert "application/problem+json" in answers["409"]["content"]
    assert "application/problem+json" in answers["422"]["content"]
