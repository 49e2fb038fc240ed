"""Every operation of the OpenAPI document, tried by every role, by other clubs and by nobody.

The rows of another club do not exist: 404, and never in a list, a count or an error text. Too low a role is 403.
"""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import httpx2
import pytest

from app.models import Role
from tests.integration.api.conftest import assert_problem
from tests.integration.api.tenancy.document import Json, Operation, operations_of
from tests.integration.api.tenancy.requests import Call, Caller, filtered_calls, unknown
from tests.integration.api.tenancy.rules import RULES, Access
from tests.integration.api.tenancy.world import EMPTY, FIRST, FOUNDERS, MEMBERS, RIVAL, TRAVELLER, World, made_world

RESTRICTED = [name for name, rule in RULES.items() if rule.least is not Access.PUBLIC]
LISTS = [name for name in RULES if name.startswith("list")]
OTHERS = (FOUNDERS[RIVAL], FOUNDERS[EMPTY])
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def made(sqlite_template: Path, film: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with made_world(tmp_path_factory.mktemp("world"), template=sqlite_template, film=film) as world:
        yield world


@pytest.fixture
def world(made: World) -> Iterator[World]:
    yield made
    if made.is_changed:
        made.restore()


@pytest.fixture(scope="module")
def operations(made: World) -> dict[str, Operation]:
    return operations_of(made.client.get("/openapi.json").json())


@pytest.fixture
def operation(operations: dict[str, Operation], name: str) -> Operation:
    if name not in operations:
        pytest.fail(f"the document has no operation {name}")
    return operations[name]


@pytest.fixture
def caller(world: World, operation: Operation, name: str) -> Caller:
    return Caller(operation, RULES[name], world.files)


def assert_hidden(world: World, call: Call, answer: httpx2.Response) -> None:
    """The answer tells nothing about the first club that the request did not say itself."""
    told = f"{answer.text} {dict(answer.headers)}".lower()
    assert [secret for secret in world.secrets if secret in told and secret not in call.sent] == [], call.aim


def refusal(world: World, who: str, call: Call) -> Json:
    """A 404 that changes nothing and tells nothing; what is left of it without what the request named."""
    with world.unchanged() if call.method != "GET" else nullcontext():
        answer = call.by(world, who)
    assert answer.status_code == 404, (who, call, answer.text)
    assert_problem(answer, 404, "not_found")
    assert_hidden(world, call, answer)
    problem = answer.json()
    return [_ID.sub("", problem["detail"]).replace(call.path.rpartition("/")[2], ""), problem.get("errors")]


def page_of(world: World, who: str, call: Call) -> list[Json]:
    """The rows of a list, which is complete on this page."""
    answer = call.by(world, who)
    assert answer.status_code == 200, (who, call, answer.text)
    rows: list[Json] = answer.json()
    assert answer.headers.get("X-Total-Count", str(len(rows))) == str(len(rows)), call
    if who not in MEMBERS:
        assert_hidden(world, call, answer)
    return rows


def test_the_table_has_a_line_for_every_operation_of_the_document(operations: dict[str, Operation]) -> None:
    assert sorted(operations) == sorted(RULES)


def test_an_operation_is_public_exactly_where_the_table_says_so(operations: dict[str, Operation]) -> None:
    assert {name for name, operation in operations.items() if operation.is_public} == set(RULES) - set(RESTRICTED)


def test_lists_are_called_so(operations: dict[str, Operation]) -> None:
    assert [name for name in RULES if operations[name].is_list] == LISTS


@pytest.mark.parametrize("name", RESTRICTED)
def test_nobody_gets_anything_without_a_token(world: World, caller: Caller) -> None:
    call = caller.call(world.known_to(Role.OWNER, FIRST))
    with world.unchanged():
        answer = call.by(world, None)
    assert_problem(answer, 401, "unauthenticated")
    assert_hidden(world, call, answer)


@pytest.mark.parametrize("name", RESTRICTED)
def test_each_role_may_do_what_the_table_says(world: World, caller: Caller, operation: Operation, name: str) -> None:
    for member in MEMBERS:
        call = caller.call(world.known_to(member, FIRST))
        if not RULES[name].allows(member):
            with world.unchanged():
                assert_problem(call.by(world, member), 403, "forbidden")
            continue
        answer = call.by(world, member)
        assert answer.is_success, (member, call, answer.text)
        assert not operation.is_list or answer.json(), f"the {member} sees no row: add one to the world"
        if world.is_changed:
            world.restore()


@pytest.mark.parametrize("name", RESTRICTED)
def test_rows_of_another_club_cannot_be_told_from_rows_that_do_not_exist(world: World, caller: Caller) -> None:
    if not caller.references:
        return
    foreign = world.known_to(Role.OWNER, FIRST)
    call, control = caller.full_call(foreign), caller.full_call(unknown(foreign))
    for who in OTHERS:
        assert refusal(world, who, call) == refusal(world, who, control)


@pytest.mark.parametrize("name", RESTRICTED)
def test_no_row_of_another_club_goes_in_among_own_ones(world: World, caller: Caller) -> None:
    """Each id of a path and of a body in turn is a foreign one, and all others are own ones."""
    who = FOUNDERS[RIVAL]
    own, foreign = world.known_to(who, RIVAL), world.known_to(Role.OWNER, FIRST)
    calls, controls = (list(caller.mixed_calls(own, other)) for other in (foreign, unknown(foreign)))
    for call, control in zip(calls, controls, strict=True):
        assert refusal(world, who, call) == refusal(world, who, control)


@pytest.mark.parametrize("name", RESTRICTED)
def test_who_is_in_both_clubs_does_not_tie_their_rows_together(world: World, caller: Caller) -> None:
    """Else the members of one club would see, through its rows, those of the other."""
    if caller.references < 2:
        return
    own, foreign = world.known_to(TRAVELLER, RIVAL), world.known_to(TRAVELLER, FIRST)
    control = caller.full_call(own).by(world, TRAVELLER)
    assert control.is_success, f"what follows proves nothing: {control.text}"
    if world.is_changed:
        world.restore()
    for call in caller.mixed_calls(own, foreign):
        with world.unchanged():
            answer = call.by(world, TRAVELLER)
        assert answer.status_code in {404, 409, 422}, (call, answer.text)


@pytest.mark.parametrize("name", LISTS)
def test_lists_hold_nothing_of_another_club_whatever_is_asked_of_them(
    world: World, caller: Caller, operation: Operation, name: str
) -> None:
    """A list is tried as it is, and with each filter and order; an owner finds rows with the same."""
    own = world.known_to(Role.OWNER, FIRST)
    plain = caller.call(own)
    rows = page_of(world, Role.OWNER, plain)
    if not operation.path_parameters:
        assert "X-Total-Count" in plain.by(world, Role.OWNER).headers
    for call, finds in [(plain, True), *filtered_calls(operation, plain, rows[0], own)]:
        assert not finds or page_of(world, Role.OWNER, call), f"{call.aim} does not find what is there"
        if operation.path_parameters:
            refusal(world, FOUNDERS[RIVAL], call)
            continue
        assert len(page_of(world, FOUNDERS[EMPTY], call)) <= RULES[name].own_rows, call
        if call is plain or call.names_any_of(own):
            page_of(world, FOUNDERS[RIVAL], call)
