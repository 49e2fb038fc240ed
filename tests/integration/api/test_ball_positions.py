"""The ball frame by frame: a cursor reads every row once, whatever is written meanwhile, and cannot be made up."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from app.api.cursor import Seal
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import PlayedMatch, add_ball, counted_statements, play_match
from tests.integration.conftest import Api

Json = Any


@pytest.fixture
def match(shared_api: Api) -> PlayedMatch:
    match = play_match(shared_api.client.app)
    add_ball(shared_api.client.app, match.report_id, range(10, 100, 10))
    return match


def path_of(match: PlayedMatch) -> str:
    return f"/api/analysis_reports/{match.report_id}/ball_positions"


def frames_of(answer: Json) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [row["frame"] for row in answer.json()]


def links_of(answer: Json) -> dict[str, str]:
    return {relation: url for url, relation in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])}


def cursor_of(api: Api, match: PlayedMatch) -> str:
    link = links_of(api.client.get(f"{path_of(match)}?limit=2", headers=api.headers))["next"]
    found = re.search(r"cursor=([\w-]+)", link)
    assert found is not None
    return found[1]


def test_paging_over_five_thousand_rows_gives_each_row_once(make_api: Callable[..., Api]) -> None:
    api = make_api(embedded_workers=0)
    match, other = play_match(api.client.app), play_match(api.client.app)
    add_ball(api.client.app, match.report_id, range(1, 5001))
    add_ball(api.client.app, other.report_id, range(1, 20))
    pages: list[list[int]] = []
    link: str | None = path_of(match)
    while link is not None:
        with counted_statements(api.client.app) as statements:
            answer = api.client.get(link, headers=api.headers)
        assert len(statements) == 2  # the report, and its rows
        assert not any("count(" in statement for statement in statements)
        assert "X-Total-Count" not in answer.headers
        pages.append(frames_of(answer))
        link = links_of(answer).get("next")
    assert [len(page) for page in pages] == [1000] * 5
    assert [frame for page in pages for frame in page] == list(range(1, 5001))


def test_rows_that_are_written_before_the_cursor_do_not_shift_it(shared_api: Api, match: PlayedMatch) -> None:
    first = shared_api.client.get(f"{path_of(match)}?limit=3", headers=shared_api.headers)
    assert frames_of(first) == [10, 20, 30]
    add_ball(shared_api.client.app, match.report_id, range(1, 9))
    add_ball(shared_api.client.app, match.report_id, range(31, 32))
    second = shared_api.client.get(links_of(first)["next"], headers=shared_api.headers)
    assert frames_of(second) == [31, 40, 50]


def test_the_links_name_the_first_page_and_the_next_as_long_as_there_is_one(
    shared_api: Api, match: PlayedMatch
) -> None:
    path = f"{path_of(match)}?limit=5&frame%5Bgte%5D=20"
    first = shared_api.client.get(path, headers=shared_api.headers)
    last = shared_api.client.get(links_of(first)["next"], headers=shared_api.headers)
    assert (frames_of(first), frames_of(last)) == ([20, 30, 40, 50, 60], [70, 80, 90])
    assert set(links_of(first)) == {"first", "next"}
    assert set(links_of(last)) == {"first"}
    assert frames_of(shared_api.client.get(links_of(last)["first"], headers=shared_api.headers)) == frames_of(first)


def test_a_page_that_ends_with_the_last_row_has_no_next(shared_api: Api, match: PlayedMatch) -> None:
    answer = shared_api.client.get(f"{path_of(match)}?limit=9", headers=shared_api.headers)
    assert len(frames_of(answer)) == 9
    assert set(links_of(answer)) == {"first"}


@pytest.mark.parametrize(
    ("query", "frames"),
    [
        ("frame[gte]=80", [80, 90]),
        ("frame[lte]=20", [10, 20]),
        ("frame[gte]=30&frame[lte]=40", [30, 40]),
        ("time_s[gte]=3.5", [90]),
        ("time_s[lte]=0.36", [10]),
        ("frame[gte]=91", []),
        ("interpolated=true", []),
        ("interpolated=false&frame[gte]=80", [80, 90]),
    ],
)
def test_frames_can_be_chosen_by_number_and_time(
    shared_api: Api, match: PlayedMatch, query: str, frames: list[int]
) -> None:
    assert frames_of(shared_api.client.get(f"{path_of(match)}?{query}", headers=shared_api.headers)) == frames


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("offset=3", "parameter_unknown"),
        ("sort=frame", "parameter_unknown"),
        ("x_m[gte]=1", "parameter_unknown"),
        ("frame[like]=1", "parameter_unknown"),
        ("frame[gte]=one", "validation_failed"),
        ("frame[gte]=1&frame[gte]=2", "validation_failed"),
        ("limit=0", "validation_failed"),
        ("limit=1001", "validation_failed"),
        ("cursor=", "cursor_invalid"),
        ("cursor=" + "A" * 201, "validation_failed"),
    ],
)
def test_parameters_that_are_unknown_or_unsound_are_refused(
    shared_api: Api, match: PlayedMatch, query: str, code: str
) -> None:
    assert_problem(shared_api.client.get(f"{path_of(match)}?{query}", headers=shared_api.headers), 422, code)


def test_every_tampered_cursor_is_refused(shared_api: Api, match: PlayedMatch) -> None:
    cursor = cursor_of(shared_api, match)
    path = path_of(match)
    tampered = [
        cursor[:place] + ("B" if letter == "A" else "A") + cursor[place + 1 :] for place, letter in enumerate(cursor)
    ]
    tampered += [
        cursor[:-1],
        cursor + "A",
        cursor + "=",
        cursor[::-1],
        "ö",
        "%00",
        " ",
        "not a cursor",
        "e30",
        "W10",
        "WzFd",
    ]
    for text in tampered:
        answer = shared_api.client.get(path, headers=shared_api.headers, params={"cursor": text})
        assert_problem(answer, 422, "cursor_invalid")
        assert answer.json()["errors"][0]["pointer"] == "cursor"
    answer = shared_api.client.get(path, headers=shared_api.headers, params={"cursor": cursor})
    assert frames_of(answer)[0] == 30


def test_a_cursor_that_a_client_makes_up_is_refused(shared_api: Api, match: PlayedMatch) -> None:
    for content in ([1], 1, None, {"frame": 1}, [1, 2], ["1"], [1.5], [10**30], [float("nan")]):
        body = json.dumps(content).encode()
        text = base64.urlsafe_b64encode(body + b"\0" * 16).decode().rstrip("=")
        answer = shared_api.client.get(path_of(match), headers=shared_api.headers, params={"cursor": text})
        assert_problem(answer, 422, "cursor_invalid")


def test_the_cursor_of_one_report_is_none_of_another(shared_api: Api, match: PlayedMatch) -> None:
    other = play_match(shared_api.client.app)
    cursor = cursor_of(shared_api, match)
    answer = shared_api.client.get(path_of(other), headers=shared_api.headers, params={"cursor": cursor})
    assert_problem(answer, 422, "cursor_invalid")


def test_a_cursor_opens_no_report_of_another_club(
    shared_api: Api, other_club: dict[str, str], match: PlayedMatch
) -> None:
    cursor = cursor_of(shared_api, match)
    for parameters in ({}, {"cursor": cursor}, {"cursor": "made up"}):
        answer = shared_api.client.get(path_of(match), headers=other_club, params=parameters)
        assert_problem(answer, 404, "not_found")
    assert_problem(shared_api.client.get(path_of(match), params={"cursor": cursor}), 401, "unauthenticated")


def test_another_secret_makes_other_cursors() -> None:
    assert Seal("one", "/path").read(Seal("one", "/path").write(7)) == 7
    cursors = {Seal(secret, path).write(7) for secret in ("one", "two") for path in ("/path", "/other")}
    assert len(cursors) == 4
