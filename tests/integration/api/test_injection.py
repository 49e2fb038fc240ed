"""Hundreds of strings in every parameter of every list: no fault of the server, and no row of another club.

``make fuzz`` sends every string to every parameter: ``tests/fuzz/test_every_string.py``.
"""

import itertools
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.integration.api.hostile_strings import escaped, hostile_strings
from tests.integration.api.list_parameters import List, lists
from tests.integration.conftest import Api
from tests.populated_club import PopulatedClub, populate_club

RIVAL = "Rival"  # a word in every text of the other club
STRINGS = hostile_strings()
QUARTERS = 4
PER_PARAMETER = 4  # of those that take no text: most strings are refused before they reach the database


LISTS = list(lists())


def queries(each: List) -> Iterator[str]:
    """A quarter of the strings in one of the parameters for text, and some strings in each of the others."""
    turn = LISTS.index(each)
    strings = STRINGS[turn % QUARTERS :: QUARTERS]
    width = max(len(each.texts), 1)
    for first in range(0, len(strings), width) if each.texts else ():
        pairs = zip(each.texts, strings[first : first + width], strict=False)
        yield "&".join(f"{escaped(name)}={escaped(text)}" for name, text in pairs)
    others = itertools.cycle(STRINGS[turn:] + STRINGS[:turn])
    for name in [*each.others, None]:
        for text in itertools.islice(others, PER_PARAMETER):
            yield f"{escaped(name)}={escaped(text)}" if name else f"{escaped(text)}=1"


def fill(api: Api) -> PopulatedClub:
    with api.client.app.state.parts.database.unit_of_work() as session:
        populate_club(session, "rival@example.com", mark=RIVAL, count=3)
        return populate_club(session, "coach@example.com", mark="One", count=3)


@pytest.fixture(scope="module")
def club(shared_api: Api, other_club: dict[str, str]) -> PopulatedClub:
    return fill(shared_api)


def assert_harmless(api: Api, path: str, query: str) -> httpx2.Response:
    answer = api.client.get(f"{path}?limit=20&{query}", headers=api.headers)
    assert answer.status_code in {200, 422}, (query, answer.text)
    assert RIVAL not in answer.text, query
    if answer.status_code == 422:
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert len(answer.json()["detail"].splitlines()) == 1
    return answer


def test_there_are_hundreds_of_strings_and_each_reaches_a_search() -> None:
    assert len(STRINGS) >= 500
    for each in LISTS:
        asked = "&".join(queries(each))
        assert all(f"{escaped(name)}=" in asked for name in (*each.texts, *each.others))
    searches = "&".join(query for each in LISTS if each.texts for query in queries(each))
    assert [text for text in STRINGS if f"={escaped(text)}&" not in f"{searches}&"] == []


@pytest.mark.parametrize("each", LISTS, ids=[each.path for each in LISTS])
def test_no_string_breaks_a_list_or_shows_a_row_of_another_club(
    shared_api: Api, club: PopulatedClub, each: List
) -> None:
    path = club.path(each.path)
    assert assert_harmless(shared_api, path, "").json(), "the list is empty: nothing is proven"
    answers = [assert_harmless(shared_api, path, query).status_code for query in queries(each)]
    assert 422 in answers
    assert 200 in answers or not each.texts


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
def test_strings_are_harmless_on_mariadb_too(make_api: Callable[..., Api]) -> None:
    """It reads escapes, comments and encodings in its own way."""
    api = make_api(embedded_workers=0)
    api.register("rival@example.com")
    club = fill(api)
    for text in STRINGS:
        assert_harmless(api, "/api/teams", f"q={escaped(text)}&name[in]={escaped(text)}")
    for each in LISTS:
        for query in itertools.islice(queries(each), None, None, 10):
            assert_harmless(api, club.path(each.path), query)


def tampered(cursor: str) -> Iterator[str]:
    for place in range(len(cursor)):
        yield cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        yield cursor[:place]
    yield from (cursor * 2, cursor + "=", cursor + "A", cursor.swapcase(), f" {cursor}", cursor + "\n", cursor[::-1])


def test_a_cursor_is_good_for_its_list_only_and_cannot_be_made_up(shared_api: Api, club: PopulatedClub) -> None:
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        report = club.ids("analysis_reports")[0]
        club.add(session, "ball_positions", report_id=report, frame=lambda number: 100 + number)
    path = f"/api/analysis_reports/{report}/ball_positions"
    link = shared_api.client.get(f"{path}?limit=1", headers=shared_api.headers).links["next"]["url"]
    [cursor] = parse_qs(urlsplit(link).query)["cursor"]
    assert assert_harmless(shared_api, path, f"cursor={cursor}").status_code == 200
    for bad in tampered(cursor):
        answer = assert_harmless(shared_api, path, f"cursor={escaped(bad)}")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "cursor"), bad
    other = path.replace(str(report), str(club.ids("analysis_reports")[1]))
    assert assert_harmless(shared_api, other, f"cursor={cursor}").status_code == 422
