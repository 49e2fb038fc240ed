"""Every operation that writes, against every read that is kept: what was written is read at once.

The reads are asked before the write, so that their answers are kept; after it; and once more when Redis has forgotten
everything, so that they are made anew.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import event

from app.api.cached_reads import CACHED_OPERATIONS
from app.services.changes import UNSEEN_TABLES
from tests.integration.api.tenancy.document import Operation, operations_of
from tests.integration.api.tenancy.requests import Call, Caller
from tests.integration.api.tenancy.rules import RULES, Access
from tests.integration.api.tenancy.world import BYSTANDER, FIRST, FOUNDERS, World, made_world
from tests.servers.redis import PrivateRedis

FOUNDER = FOUNDERS[FIRST]
CACHED = sorted(CACHED_OPERATIONS)
READING = ("get", "list", "download", "export", "stream", "preview")
WRITES = [name for name, rule in RULES.items() if rule.least is not Access.PUBLIC and not name.startswith(READING)]
Said = tuple[int, bytes, dict[str, str]]


@pytest.fixture(scope="module")
def made(
    sqlite_template: Path, film: bytes, tmp_path_factory: pytest.TempPathFactory, shared_redis: PrivateRedis
) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("world")
    with made_world(
        directory, template=sqlite_template, film=film, redis_url=shared_redis.url, rate_limits=False
    ) as world:
        yield world


@pytest.fixture
def world(made: World, shared_redis: PrivateRedis) -> Iterator[World]:
    shared_redis.forget()
    yield made
    if made.is_changed:
        made.restore()


@pytest.fixture(scope="module")
def operations(made: World) -> dict[str, Operation]:
    return operations_of(made.client.get("/openapi.json").json())


@pytest.fixture
def reads(world: World, operations: dict[str, Operation]) -> list[Call]:
    return [Caller(operations[name], RULES[name], world.files).call(world.rows[FIRST]) for name in CACHED]


def said(answer: httpx2.Response) -> Said:
    """All but what is different in each answer, error or not."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    body = answer.content if answer.is_success else b""
    return answer.status_code, body, headers if answer.is_success else {}


def asked(world: World, reads: list[Call]) -> dict[tuple[str, str], Said]:
    """By the founder; one of them by somebody else, too, who may be shut out meanwhile."""
    answers = {(FOUNDER, read.path): said(read.by(world, FOUNDER)) for read in reads}
    return answers | {(BYSTANDER, reads[0].path): said(reads[0].by(world, BYSTANDER))}


@pytest.mark.parametrize("name", WRITES)
def test_what_a_write_changes_is_read_at_once(
    world: World, operations: dict[str, Operation], reads: list[Call], shared_redis: PrivateRedis, name: str
) -> None:
    assert {status for status, *_ in asked(world, reads).values()} == {200}
    assert len(shared_redis.keys("coach_pro:cache:answer:*")) == len(reads) + 1
    write = Caller(operations[name], RULES[name], world.files).full_call(world.known_to(FOUNDER, FIRST))
    answer = write.by(world, FOUNDER)
    assert answer.status_code < 500, answer.text
    after = asked(world, reads)
    shared_redis.forget()
    assert after == asked(world, reads)


def test_a_kept_answer_is_the_one_that_was_made(world: World, reads: list[Call]) -> None:
    first = asked(world, reads)
    assert first == asked(world, reads)
    assert all("etag" in headers for _, _, headers in first.values())


def test_kept_answers_show_no_table_whose_changes_are_not_told(world: World, reads: list[Call]) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(f"{statement} ".replace("\n", " ").replace(",", " "))

    event.listen(world.database.engine, "before_cursor_execute", note)
    asked(world, reads)
    event.remove(world.database.engine, "before_cursor_execute", note)
    assert any(" matches " in statement for statement in statements)
    assert [table for table in UNSEEN_TABLES for statement in statements if f" {table} " in statement] == []
