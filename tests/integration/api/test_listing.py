"""Filters, searches, orders and pages of a list: real rows, and the same answers from both databases."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import pytest
from fastapi import APIRouter, Depends
from sqlalchemy import select

from app.api.dependencies import CurrentAccount, SessionDep
from app.api.listing import Listing, ListRules, by_column, sortable
from app.models import Foot, Membership, Player, Position, Team
from app.services.db_service import Repository
from tests.integration.conftest import Api

RULES = ListRules(
    [
        *by_column(Player.name, Player.team_id, Player.position, Player.jersey_number, Player.birth_date),
        *by_column(Player.market_value, Player.created_at),
    ],
    search=[Player.name, Player.nationality],
    sort=sortable(Player.name, Player.position, Player.jersey_number, Player.birth_date, Player.market_value),
    default_sort="jersey_number",
)
router = APIRouter()


@router.get("/squad")
def list_squad(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(RULES)]
) -> list[dict[str, Any]]:
    return [{"name": row.name} for row in listing.rows_of(Repository(session, account, Player))]


def moment(day: int) -> datetime:
    return datetime(2026, 11, day, 12, 0, 0, 250_000, tzinfo=UTC)


def squad(team: Team) -> list[Player]:
    """Eight players; by their shirts in the order of this list."""
    rows: list[dict[str, Any]] = [
        {"name": "Özil", "position": Position.MIDFIELDER, "birth_date": date(1988, 10, 15), "market_value": 1.5},
        {"name": "Ødegaard", "position": Position.MIDFIELDER, "nationality": "Norge", "team_id": None},
        {"name": "Großkreutz", "position": Position.DEFENDER, "birth_date": date(1988, 7, 19), "market_value": -0.0},
        {"name": "100% Fit", "position": Position.FORWARD, "market_value": 1e300},
        {"name": "O'Neil; DROP TABLE players --", "dominant_foot": Foot.BOTH},
        {"name": r"back\slash_under", "position": Position.GOALKEEPER, "birth_date": date(2010, 1, 1)},
        {"name": "⚽ Андрей", "nationality": "Łódź", "market_value": 1e-300},
        {"name": "özil", "position": Position.FORWARD, "birth_date": date(1988, 10, 15), "market_value": 1.5},
    ]
    return [
        Player(**({"team_id": team.id} | row), club_id=team.club_id, jersey_number=number, created_at=moment(number))
        for number, row in enumerate(rows, start=1)
    ]


@pytest.fixture
def squad_api(make_api: Callable[..., Api]) -> Api:
    api = make_api(embedded_workers=0)
    app = api.client.app
    app.include_router(router)
    rival = api.register("rival@example.com")
    assert api.client.get("/squad", headers=rival).json() == []
    with app.state.parts.database.unit_of_work() as session:
        for club_id in session.scalars(select(Membership.club_id)):
            team = Team(name="One", club_id=club_id)
            session.add(team)
            session.flush()
            session.add_all(squad(team))
    return api


def shirts(api: Api, query: dict[str, str]) -> str:
    """The players of an answer by their shirts, in its order."""
    answer = api.client.get(f"/squad?{urlencode(query)}", headers=api.headers)
    assert answer.status_code == 200, answer.text
    numbers = {player.name: str(player.jersey_number) for player in squad(Team())}
    return "".join(numbers[row["name"]] for row in answer.json())


FOUND: list[tuple[dict[str, str], str]] = [
    # Filters compare exactly, letter by letter; only blanks at the end do not count.
    ({}, "12345678"),
    ({"name": "Özil"}, "1"),
    ({"name": "ÖZIL"}, ""),
    ({"name": ""}, ""),
    ({"name": "Özil "}, "1"),
    ({"name": " Özil"}, ""),
    ({"name[in]": "Özil,özil,nobody"}, "18"),
    ({"name": "O'Neil; DROP TABLE players --"}, "5"),
    ({"name": r"back\slash_under"}, "6"),
    ({"name": "⚽ Андрей"}, "7"),
    ({"position": "MID"}, "12"),
    ({"position[in]": "GK,DEF"}, "36"),
    ({"position[null]": "true"}, "57"),
    ({"position[null]": "false"}, "123468"),
    ({"team_id[null]": "true"}, "2"),
    ({"jersey_number": "3"}, "3"),
    ({"jersey_number[gt]": "6"}, "78"),
    ({"jersey_number[gte]": "6", "jersey_number[lt]": "8"}, "67"),
    ({"jersey_number[lte]": "-2147483648"}, ""),
    ({"birth_date": "1988-10-15"}, "18"),
    ({"birth_date[lt]": "1988-10-15"}, "3"),
    ({"birth_date[gte]": "0001-01-01", "birth_date[lte]": "9999-12-31"}, "1368"),
    ({"market_value": "1.5"}, "18"),
    ({"market_value": "0"}, "3"),
    ({"market_value[gte]": "1e300"}, "4"),
    ({"market_value[gt]": "0", "market_value[lt]": "1e-299"}, "7"),
    # Times are moments, whatever the zone they are written in.
    ({"created_at": "2026-11-03T12:00:00.25Z"}, "3"),
    ({"created_at": "2026-11-03T14:00:00.250000+02:00"}, "3"),
    ({"created_at[lt]": "2026-11-03T12:00:00.25Z"}, "12"),
    ({"created_at[gt]": "2026-11-03T12:00:00.249999Z", "created_at[lte]": "2026-11-05T12:00:00.250001Z"}, "345"),
    ({"created_at[gte]": "0001-01-01T00:00:00Z", "created_at[lte]": "9999-12-31T23:59:59.999999Z"}, "12345678"),
    # A date is the whole of its day.
    ({"created_at": "2026-11-03"}, "3"),
    ({"created_at[gt]": "2026-11-03"}, "45678"),
    ({"created_at[gte]": "2026-11-03"}, "345678"),
    ({"created_at[lt]": "2026-11-03"}, "12"),
    ({"created_at[lte]": "2026-11-03"}, "123"),
    ({"created_at[gte]": "0001-01-01", "created_at[lte]": "9999-12-31"}, "12345678"),
    # A search knows neither case nor accents nor wildcards.
    ({"q": ""}, "12345678"),
    ({"q": "OZIL"}, "18"),
    ({"q": "özil"}, "18"),
    ({"q": "o\N{COMBINING DIAERESIS}zil"}, "18"),
    ({"q": "odegaard"}, "2"),
    ({"q": "ØDEGAARD"}, "2"),
    ({"q": "grosskreutz"}, "3"),
    ({"q": "Großkreutz"}, "3"),
    ({"q": "GROẞK"}, "3"),
    ({"q": "%"}, "4"),
    ({"q": "％"}, "4"),
    ({"q": "0%f"}, ""),
    ({"q": "_"}, "6"),
    ({"q": "\\"}, "6"),
    ({"q": "\\\\"}, ""),
    ({"q": "/"}, ""),
    ({"q": "'"}, "5"),
    ({"q": "' OR 1=1 --"}, ""),
    ({"q": "⚽"}, "7"),
    ({"q": "⚾"}, ""),
    ({"q": "Андрей"}, "7"),
    ({"q": "АНДРЕЙ"}, "7"),
    ({"q": "lodz"}, "7"),
    ({"q": "norge"}, "2"),
    ({"q": "\0"}, ""),
    ({"q": "Özil\0"}, ""),
    ({"q": "\ufffd"}, ""),
    ({"q": "x" * 200}, ""),
    # Rows without the figure come first; equal names are one, and the next key decides.
    ({"sort": "-jersey_number"}, "87654321"),
    ({"sort": "position,-jersey_number"}, "75384621"),
    ({"sort": "birth_date,-jersey_number"}, "75423816"),
    ({"sort": "-birth_date,jersey_number"}, "61832457"),
    ({"sort": "-market_value,jersey_number"}, "41873256"),
    ({"sort": "name,-jersey_number", "name[in]": "Özil,Ødegaard,Großkreutz,özil"}, "3281"),
    ({"sort": "-name,jersey_number", "name[in]": "Özil,Ødegaard,Großkreutz,özil"}, "1823"),
    # Pages cut the order.
    ({"limit": "3"}, "123"),
    ({"limit": "3", "offset": "6"}, "78"),
    ({"offset": "2147483647"}, ""),
    ({"q": "il", "sort": "-jersey_number", "limit": "2", "offset": "1"}, "51"),
]


def test_both_databases_find_the_same_rows_in_the_same_order(squad_api: Api) -> None:
    found = [(query, shirts(squad_api, query)) for query, _ in FOUND]
    assert [pair for pair in found if pair not in FOUND] == []


ORDERED = [
    *("7 Zwerge", "Aal", "ähre", "Albers 10", "Albers 2", "De Vries", "Deák", "đoković", "Lodi", "Łuk", "Lyn", "ñandu"),
    *("Ørsted", "Oster", "Özil", "Ozon", "Šik", "Sim", "Straße", "Strasse 1", "Zoë", "Zoé 2", "Παππάς", "Яшин", "王"),
]


def test_both_databases_sort_names_alike(make_api: Callable[..., Api]) -> None:
    """Space, digits, Latin, Greek, Cyrillic, Han; accents and case do not count."""
    api = make_api(embedded_workers=0)
    for name in sorted(ORDERED, key=lambda name: name[::-1]):
        assert api.client.post("/api/teams", json={"name": name}, headers=api.headers).status_code == 201
    answer = api.client.get("/api/teams?sort=name", headers=api.headers).json()
    assert [row["name"] for row in answer] == ORDERED
    answer = api.client.get("/api/teams?sort=-name", headers=api.headers).json()
    assert [row["name"] for row in answer] == ORDERED[::-1]


def test_the_total_counts_what_the_filters_leave_and_links_keep_them(squad_api: Api) -> None:
    answer = squad_api.client.get("/squad?q=il&jersey_number[gt]=0&limit=1&offset=1", headers=squad_api.headers)
    assert answer.headers["X-Total-Count"] == "3"
    for link in answer.headers["Link"].split(", "):
        assert "q=il&jersey_number%5Bgt%5D=0&limit=1&offset=" in link
    empty = squad_api.client.get("/squad?q=il&offset=100", headers=squad_api.headers)
    assert (empty.json(), empty.headers["X-Total-Count"]) == ([], "3")
