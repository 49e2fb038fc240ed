"""Which parameters a list takes, how it documents them, and what it answers to all others."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import Request, Response
from sqlalchemy.dialects import mysql, sqlite

from app.api import listing
from app.api.listing import Filter, Listing, ListRules, by_column, sortable
from app.core.errors import Unprocessable
from app.models import Match, MatchEvent, MatchLineupEntry, Player

RULES = ListRules(
    [
        *by_column(Player.name, Player.team_id, Player.position, Player.jersey_number, Player.birth_date),
        *by_column(Player.market_value, Player.created_at, MatchLineupEntry.is_starting),
        Filter("club_id", (Match.home_team_id, Match.away_team_id)),
        Filter("shirt", (Player.jersey_number,), make=lambda number: Player.jersey_number == number),
    ],
    search=[Player.name, Player.nationality],
    sort=sortable(Player.name, Player.position, Player.birth_date, Player.created_at),
    default_sort="name",
)
ORDERED = ["", "[gt]", "[gte]", "[lt]", "[lte]"]
OPERATORS: dict[str, list[str]] = {
    "name": ["", "[in]"],
    "team_id": ["", "[in]", "[null]"],
    "position": ["", "[in]", "[null]"],
    "jersey_number": [*ORDERED, "[null]"],
    "birth_date": [*ORDERED, "[null]"],
    "market_value": [*ORDERED, "[null]"],
    "created_at": ORDERED,
    "is_starting": [""],
    "club_id": ["", "[in]", "[null]"],
    "shirt": [""],
}
ALLOWED = [name + operator for name, operators in OPERATORS.items() for operator in operators]


def ask(query: str | list[tuple[str, str]], rules: ListRules = RULES) -> Listing:
    text = query if isinstance(query, str) else urlencode(query)
    return asyncio.run(rules(Request({"type": "http", "query_string": text.encode(), "headers": []}), Response()))


def sql(*expressions: Any, dialect: Any = None) -> str:
    return " | ".join(
        str(expression.compile(dialect=dialect or sqlite.dialect(), compile_kwargs={"literal_binds": True}))
        for expression in expressions
    )


def parameters() -> dict[str, Any]:
    return {parameter["name"]: parameter for parameter in RULES.parameters()}


def test_each_kind_of_column_has_its_operators() -> None:
    assert list(parameters()) == [*ALLOWED, "q", "sort", "limit", "offset"]


SCHEMAS: dict[str, dict[str, Any]] = {
    "name": {"type": "string", "maxLength": 200},
    "name[in]": {"type": "array", "items": {"type": "string", "maxLength": 200}, "minItems": 1, "maxItems": 100},
    "team_id": {"type": "string", "format": "uuid"},
    "team_id[null]": {"type": "boolean"},
    "position": {"type": "string", "enum": ["GK", "DEF", "MID", "FWD"]},
    "jersey_number[gt]": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "birth_date": {"type": "string", "format": "date"},
    "market_value": {"type": "number"},
    "created_at[lte]": {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]},
    "is_starting": {"type": "boolean"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 1000},
    "offset": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_document_says_what_a_value_looks_like(name: str) -> None:
    assert parameters()[name]["schema"] == SCHEMAS[name]


def test_lists_of_words_and_orders_name_their_words() -> None:
    assert parameters()["position[in]"]["schema"]["items"] == {"type": "string", "enum": ["GK", "DEF", "MID", "FWD"]}
    sort = parameters()["sort"]
    assert sort["schema"]["items"]["enum"][:4] == ["name", "-name", "position", "-position"]
    for name in ("sort", "name[in]"):
        assert (parameters()[name]["style"], parameters()[name]["explode"]) == ("form", False)


def test_the_document_is_json_and_every_parameter_explains_itself() -> None:
    for parameter in json.loads(json.dumps(RULES.parameters())):
        assert parameter["in"] == "query"
        assert parameter["description"].endswith(".")
        assert parameter["required"] is False


REFUSED: dict[str, tuple[str, str, str]] = {
    "an unknown name": ("colour=red", "colour", "is unknown; allowed are name, name[in],"),
    "a column that is no filter": ("height_cm=180", "height_cm", "is unknown"),
    "an operator that the kind lacks": ("name[gt]=a", "name[gt]", "is unknown"),
    "an operator that is none": ("name[like]=a", "name[like]", "is unknown"),
    "null of what is never null": ("created_at[null]=true", "created_at[null]", "is unknown"),
    "an open bracket": ("name[in=a", "name[in", "is unknown"),
    "a stray bracket": ("name]=a", "name]", "is unknown"),
    "brackets without an operator": ("name[]=a", "name[]", "is unknown"),
    "an operator of a page parameter": ("limit[gt]=1", "limit[gt]", "is unknown"),
    "an empty name": ("=1", "", "is unknown"),
    "a parameter twice": ("name=a&name=a", "name", "is given twice"),
    "a page parameter twice": ("limit=1&limit=2", "limit", "is given twice"),
    "no id": ("team_id=reds", "team_id", "should be written like 0d9b2f7a-"),
    "an empty id": ("team_id=", "team_id", "should be written like 0d9b2f7a-"),
    "an empty list of ids": ("team_id[in]=", "team_id[in]", "should be written like 0d9b2f7a-"),
    "one bad id among good ones": (f"team_id[in]={'0' * 32},x", "team_id[in]", "should be written like 0d9b2f7a-"),
    "no word": ("position=LIBERO", "position", "Input should be 'GK', 'DEF', 'MID' or 'FWD'"),
    "a word in another case": ("position=gk", "position", "Input should be 'GK'"),
    "no number": ("jersey_number=ten", "jersey_number", "should be written like 42"),
    "a number with a fraction": ("jersey_number=1.0", "jersey_number", "should be written like 42"),
    "a number as Python writes it": ("jersey_number=1_0", "jersey_number", "should be written like 42"),
    "other scripts' digits": ("jersey_number=٣", "jersey_number", "should be written like 42"),
    "a number with a line feed": ("jersey_number=1%0A", "jersey_number", "should be written like 42"),
    "an integer beyond the column": (f"jersey_number={2**31}", "jersey_number", "less than or equal to 2147483647"),
    "a very long integer": (f"jersey_number={'9' * 5000}", "jersey_number", "should be written like 42"),
    "not a number": ("market_value=nan", "market_value", "should be written like 1.5"),
    "infinity": ("market_value=1e999", "market_value", "finite"),
    "no date": ("birth_date=yesterday", "birth_date", "should be written like 2026-11-15"),
    "a date that is not": ("birth_date=2026-02-30", "birth_date", "day value is outside"),
    "seconds since 1970": ("birth_date=0", "birth_date", "should be written like 2026-11-15"),
    "a moment without a zone": ("created_at=2026-11-15T10:00:00", "created_at", "like 2026-11-15T09:30:00Z"),
    "a moment that leaves the calendar": (
        "created_at=9999-12-31T23:59:59-12:00",
        "created_at",
        "should be a time within the years 1 to 9999 of UTC",
    ),
    "a moment before the calendar": ("created_at=0001-01-01T00:00:00%2B14:00", "created_at", "years 1 to 9999"),
    "a day that is not": ("created_at=2026-02-30", "created_at", "day value is outside"),
    "another spelling of equality": ("name[eq]=a", "name[eq]", "is unknown"),
    "a moment as a number": ("created_at=1700000000", "created_at", "like 2026-11-15T09:30:00Z"),
    "the plus of a zone unescaped": ("created_at=2026-11-15T10:00:00+01:00", "created_at", "2026-11-15T09:30:00Z"),
    "the hour 25": ("created_at=2026-11-15T25:00:00Z", "created_at", "valid datetime"),
    "a boolean as a digit": ("is_starting=1", "is_starting", "should be written like true or false"),
    "a boolean as a word": ("team_id[null]=yes", "team_id[null]", "should be written like true or false"),
    "a text that is too long": (f"name={'x' * 201}", "name", "at most 200 characters"),
    "a search that is too long": (f"q={'x' * 201}", "q", "has more than 200 characters"),
    "too many choices": (f"name[in]={'x,' * 100}", "name[in]", "at most 100 items"),
    "an order by what cannot order": ("sort=team_id", "sort", "may name name, position, birth_date, created_at"),
    "an order with two minuses": ("sort=--name", "sort", "may name"),
    "an empty order": ("sort=", "sort", "may name"),
    "an order with an empty key": ("sort=name,", "sort", "may name"),
    "too many orders": (f"sort={'name,' * 10}name", "sort", "has more than 10 keys"),
    "no rows at all": ("limit=0", "limit", "greater than or equal to 1"),
    "too many rows": ("limit=1001", "limit", "less than or equal to 1000"),
    "an empty limit": ("limit=", "limit", "should be written like 42"),
    "a page before the first": ("offset=-1", "offset", "greater than or equal to 0"),
    "a page behind the last": (f"offset={2**31}", "offset", "less than or equal to"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_allowed_is_refused_and_named(case: str) -> None:
    query, name, why = REFUSED[case]
    with pytest.raises(Unprocessable) as refused:
        ask(query)
    assert list(refused.value.fields) == [name]
    assert why in refused.value.fields[name]
    assert repr(name) in refused.value.detail
    assert refused.value.detail.endswith(".")
    assert not refused.value.detail.endswith("..")
    assert refused.value.code == ("parameter_unknown" if "is unknown" in why else "validation_failed")


def test_an_unknown_parameter_gets_the_list_of_those_that_are_allowed() -> None:
    with pytest.raises(Unprocessable) as refused:
        ask("nme=x")
    for name in (*ALLOWED, "q", "sort", "limit", "offset"):
        assert f" {name}," in refused.value.detail or refused.value.detail.endswith(f" {name}.")


def test_a_list_without_an_order_knows_no_sort() -> None:
    rules = ListRules(by_column(Player.name), sort={}, default_sort="")
    assert [item["name"] for item in rules.parameters()] == ["name", "name[in]", "limit", "offset"]
    assert ask("", rules).selection.order_by == ()
    with pytest.raises(Unprocessable, match="'sort' is unknown"):
        ask("sort=name", rules)


def test_the_document_says_what_a_date_means() -> None:
    described = parameters()
    assert described["created_at[lte]"]["description"].endswith("A date: until the end of that day, in UTC.")
    assert "A date" not in described["birth_date[lte]"]["description"]


def test_a_list_without_search_knows_no_q() -> None:
    rules = ListRules(by_column(Player.name), sort=sortable(Player.name), default_sort="name")
    with pytest.raises(Unprocessable, match="'q' is unknown"):
        ask("q=x", rules)


ALLOWED_SPELLINGS = [
    "created_at=2026-11-15T10:00:00Z",
    "created_at=2026-11-15t10:00:00z",
    "created_at=2026-11-15T10:00:00.123456%2B01:00",
    "created_at=0001-01-01T00:00:00Z",
    "created_at=9999-12-31T23:59:59Z",
    "created_at=2026-11-15",
    "created_at[lte]=9999-12-31",
    "market_value=-1e3",
    "market_value=0",
    "birth_date=0001-01-01",
    f"jersey_number={-(2**31)}",
    "is_starting=false",
    "name=",
    "name[in]=,",
    "q=",
    f"q={'x' * 200}",
    "shirt=7",
]


@pytest.mark.parametrize("query", ALLOWED_SPELLINGS)
def test_sound_values_are_taken_at_their_edges(query: str) -> None:
    assert len(ask(query).selection.where) == 1


CONDITIONS: dict[str, str] = {
    "jersey_number[gte]=7": "players.jersey_number >= 7",
    "position[in]=GK,DEF": "players.position IN ('GK', 'DEF')",
    "team_id[null]=true": "players.team_id IS NULL",
    "team_id[null]=false": "players.team_id IS NOT NULL",
    "shirt=7": "players.jersey_number = 7",
    "club_id[null]=true": "matches.home_team_id IS NULL OR matches.away_team_id IS NULL",
    "club_id[null]=false": "NOT (matches.home_team_id IS NULL OR matches.away_team_id IS NULL)",
    "created_at[gt]=2026-11-15": "players.created_at > '2026-11-15 23:59:59.999999'",
    "created_at[gte]=2026-11-15": "players.created_at >= '2026-11-15 00:00:00.000000'",
    "created_at[lt]=2026-11-15": "players.created_at < '2026-11-15 00:00:00.000000'",
    "created_at[lte]=2026-11-15": "players.created_at <= '2026-11-15 23:59:59.999999'",
}


@pytest.mark.parametrize("query", CONDITIONS)
def test_a_parameter_becomes_a_condition(query: str) -> None:
    assert sql(*ask(query).selection.where) == CONDITIONS[query]


def test_several_parameters_must_all_be_satisfied() -> None:
    assert len(ask("name=x&jersey_number[gt]=1&jersey_number[lt]=9&q=y").selection.where) == 4


ORDERS: dict[str, str] = {
    "": "search_fold(players.name) ASC",
    "sort=-name": "search_fold(players.name) DESC",
    "sort=-birth_date,position,name": "players.birth_date DESC | players.position ASC | search_fold(players.name) ASC",
    "sort=name,-name": "search_fold(players.name) ASC",
}


@pytest.mark.parametrize("query", ORDERS)
def test_an_order_has_its_keys_in_turn_each_once(query: str) -> None:
    assert sql(*ask(query).selection.order_by) == ORDERS[query]


def test_a_page_without_parameters_is_the_first_thousand_rows() -> None:
    page = ask("").selection.page
    assert (page.limit, page.offset) == (1000, 0)
    page = ask("limit=7&offset=14").selection.page
    assert (page.limit, page.offset) == (7, 14)


def test_wildcards_of_a_search_are_ordinary_letters() -> None:
    [condition] = ask([("q", r"50%_/\x")]).selection.where
    assert "'%50/%/_//" in sql(condition, dialect=mysql.dialect(paramstyle="named"))
    assert "LIKE" not in sql(condition)


def test_a_condition_of_several_columns_is_met_by_any_of_them() -> None:
    rules = ListRules(
        [Filter("x", (MatchEvent.x_m, MatchEvent.y_m))], sort=sortable(MatchEvent.minute), default_sort="minute"
    )
    [condition] = ask("x[lt]=2.5", rules).selection.where
    assert sql(condition) == "match_events.x_m < 2.5 OR match_events.y_m < 2.5"


def test_validators_are_compiled_once_for_each_kind_of_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take a millisecond each, for each parameter of each request, and for hundreds of parameters at the start."""
    query = "limit=5&offset=1&jersey_number[gte]=3&name[in]=a,b&birth_date=2001-02-03"
    ask(query)
    before = parameters()

    def compile_again(kind: object) -> None:
        raise AssertionError(f"compiled again: {kind}")

    monkeypatch.setattr(listing, "TypeAdapter", compile_again)
    ask(query)
    assert parameters() == before
