"""A page of 100 rows of any list costs at most three SQL statements, that for the account included."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.models import Club, Membership, Role
from scripts.make_openapi import render
from tests.integration.conftest import Api
from tests.populated_club import PopulatedClub, populate_club

ROWS = 101
ONE_PAGE = 100
ACCOUNT = 1  # the statement that tells who is asking
MOST_STATEMENTS = 3

Prepare = Callable[[Session, PopulatedClub], None]


def found_clubs(session: Session, club: PopulatedClub) -> None:
    """The owner owns many clubs more."""
    for number in range(ROWS):
        founded = Club(name=f"Club {number}")
        session.add(founded)
        session.flush()
        session.add(Membership(club_id=founded.id, user_id=club.owner_id, role=Role.OWNER))


# Lists of rows that belong to one other row; of all other lists the club has enough.
PREPARED: dict[str, Prepare] = {
    "/api/analysis_reports/{report_id}/ball_positions": lambda session, club: club.add(
        session, "ball_positions", report_id=club.ids("analysis_reports")[0], frame=lambda number: 1000 + number
    ),
    "/api/clubs": found_clubs,
    "/api/matches/{match_id}/player_figures": lambda session, club: club.add(
        session, "player_match_statistics", match_id=club.ids("matches")[0], report_id=None
    ),
    "/api/player_match_statistics/player/{player_id}": lambda session, club: club.add(
        session, "player_match_statistics", player_id=club.ids("players")[0], report_id=None
    ),
    "/api/webhooks/{webhook_id}/deliveries": lambda session, club: club.add(
        session, "webhook_deliveries", webhook_id=club.ids("webhooks")[0]
    ),
}


def lists() -> dict[str, bool]:
    """The paths of the document whose answer is an array, and whether it comes in pages."""
    reads = {path: item["get"] for path, item in json.loads(render())["paths"].items() if "get" in item}
    return {
        path: any(parameter["name"] == "limit" for parameter in operation.get("parameters", []))
        for path, operation in reads.items()
        if _schema(operation).get("type") == "array"
    }


def _schema(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema")
    return schema or {}


LISTS = lists()


@pytest.fixture(scope="module")
def club(shared_api: Api) -> PopulatedClub:
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        club = populate_club(session, "coach@example.com", mark="One", count=ROWS)
        for prepare in PREPARED.values():
            prepare(session, club)
    return club


@contextmanager
def counted(api: Api) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    engine = api.client.app.state.parts.database.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", LISTS)
def test_a_page_of_a_hundred_rows_costs_few_statements(shared_api: Api, club: PopulatedClub, path: str) -> None:
    query = f"?limit={ONE_PAGE}" if LISTS[path] else ""
    with counted(shared_api) as statements:
        answer = shared_api.client.get(club.path(path) + query, headers=shared_api.headers)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()) >= ONE_PAGE, "prepare rows for this list: see PREPARED"
    assert ACCOUNT < len(statements) <= MOST_STATEMENTS, statements


def test_every_preparation_is_of_a_list_that_exists() -> None:
    assert set(PREPARED) <= set(LISTS)
    assert {"/api/teams", "/api/matches", "/api/players"} <= set(LISTS)
