"""Moments, numbers, objects, long notes and keys are the same on both databases."""

import pytest

from tests.integration.conftest import Api
from tests.integration.db.same_behaviour.rows import Json, make, read

# Moments.

MOMENTS = [
    ("2026-11-14T15:00:00Z", "2026-11-14T15:00:00Z"),
    # Another zone is another way to write the same moment, beyond midnight and the end of the year, too.
    ("2026-11-14T15:00:00+05:45", "2026-11-14T09:15:00Z"),
    ("2025-12-31T23:30:00-02:00", "2026-01-01T01:30:00Z"),
    ("2026-01-01T00:15:00+14:00", "2025-12-31T10:15:00Z"),
    # The hour that summer time skips, or has twice, is a matter of zones; UTC has each hour once.
    ("2026-03-29T02:30:00+01:00", "2026-03-29T01:30:00Z"),
    ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"),
    # To the microsecond.
    ("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999Z"),
    ("2026-11-14T15:00:00.000001Z", "2026-11-14T15:00:00.000001Z"),
    # Before the epoch of Unix, and after 32 bits of seconds.
    ("1954-07-04T15:48:00Z", "1954-07-04T15:48:00Z"),
    ("2040-01-01T00:00:00Z", "2040-01-01T00:00:00Z"),
    # At the end of the calendar.
    ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ("9999-12-31T23:59:59+01:00", "9999-12-31T22:59:59Z"),
    ("1000-01-01T00:00:00Z", "1000-01-01T00:00:00Z"),
]


@pytest.mark.parametrize(("sent", "answered"), MOMENTS)
def test_a_moment_is_kept_and_found_again(api: Api, club: str, sent: str, answered: str) -> None:
    match = make(api, "/api/matches", match_date=sent, club_id=club)
    assert match["match_date"] == answered
    assert read(api, f"/api/matches/{match['id']}")["match_date"] == answered
    for operator in ("match_date", "match_date[gte]", "match_date[lte]"):
        assert [row["id"] for row in read(api, "/api/matches", club_id=club, **{operator: sent})] == [match["id"]]
    for operator in ("match_date[gt]", "match_date[lt]"):
        assert read(api, "/api/matches", club_id=club, **{operator: sent}) == []


@pytest.mark.parametrize("sent", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_that_a_zone_puts_beyond_the_calendar_is_refused(api: Api, club: str, sent: str) -> None:
    answer = api.client.post("/api/matches", json={"match_date": sent, "club_id": club})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/match_date", "message": "should be a time within the years 1 to 9999 of UTC"}
    ]
    assert api.client.get("/api/matches", params={"match_date[gte]": sent}).status_code == 422


def test_a_date_is_the_whole_of_its_day(api: Api, club: str) -> None:
    moments = [
        "2026-01-01T23:59:59.999999Z",
        "2026-01-02T00:00:00Z",
        "2026-01-02T23:59:59.999999Z",
        "2026-01-03T00:00:00Z",
    ]
    for moment in moments:
        make(api, "/api/matches", match_date=moment, club_id=club)
    found = {
        operator: read(api, "/api/matches", club_id=club, sort="match_date", **{f"match_date{operator}": "2026-01-02"})
        for operator in ("", "[gt]", "[gte]", "[lt]", "[lte]")
    }
    assert {operator: [moments.index(row["match_date"]) for row in rows] for operator, rows in found.items()} == {
        "": [1, 2],
        "[gt]": [3],
        "[gte]": [1, 2, 3],
        "[lt]": [0],
        "[lte]": [0, 1, 2],
    }


def test_null_of_two_columns_and_its_opposite_share_out_all_rows(api: Api, club: str) -> None:
    home, away = (make(api, "/api/teams", name=name, club_id=club)["id"] for name in ("Home", "Away"))
    day = "2026-11-14T15:00:00Z"
    make(api, "/api/matches", match_date=day, club_id=club)
    make(api, "/api/matches", match_date=day, home_team_id=home)
    make(api, "/api/matches", match_date=day, home_team_id=home, away_team_id=away)
    found = {word: read(api, "/api/matches", club_id=club, **{"team_id[null]": word}) for word in ("true", "false")}
    assert [len(found["true"]), [row["away_team_id"] for row in found["false"]]] == [2, [away]]


def test_matches_are_sorted_by_moment_whatever_their_zone(api: Api, club: str) -> None:
    in_order = ["2026-05-01T14:00:00+05:45", "2026-05-01T08:15:00.000001Z", "2026-05-01T06:00:00-03:00"]
    for moment in (in_order[1], in_order[2], in_order[0]):
        make(api, "/api/matches", match_date=moment, venue=moment, club_id=club)
    for sort, wanted in (("match_date", in_order), ("-match_date", in_order[::-1])):
        assert [row["venue"] for row in read(api, "/api/matches", club_id=club, sort=sort)] == wanted


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("jersey_number", [None, 1, 2, 10, 99]),
        ("birth_date", [None, "1999-12-31", "2000-01-01", "2004-02-29"]),
        ("market_value", [None, 0.0, 1e-9, 0.1, 0.30000000000000004, 1e12]),
        ("position", [None, "DEF", "FWD", "GK", "MID"]),
    ],
)
def test_what_is_not_known_comes_first_and_last_when_turned_round(
    api: Api, club: str, column: str, values: list[Json]
) -> None:
    team = make(api, "/api/teams", name="Rovers", club_id=club)["id"]
    for value in values[1::2] + values[::2]:
        make(api, "/api/players", name="Somebody", team_id=team, **({} if value is None else {column: value}))
    for sort, wanted in ((column, values), (f"-{column}", values[::-1])):
        assert [row[column] for row in read(api, "/api/players", team_id=team, sort=sort)] == wanted


# Numbers and objects.

NUMBERS = [0, 0.1, 1 / 3, 1e-9, 5e-324, 0.1 + 0.2, 99.99999999999999, 123456789.12345679, 999999999999.9999, 1e12]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_keeps_all_its_digits(api: Api, club: str, number: float) -> None:
    player = make(api, "/api/players", name="Somebody", market_value=number, club_id=club)
    assert player["market_value"] == number
    assert read(api, f"/api/players/{player['id']}")["market_value"] == number


@pytest.mark.parametrize(
    ("number", "status"), [("2147483647", 200), ("-2147483648", 200), ("2147483648", 422), ("9" * 20, 422)]
)
def test_whole_numbers_are_as_long_as_32_bits_hold(api: Api, club: str, number: str, status: int) -> None:
    answer = api.client.get("/api/players", params={"club_id": club, "jersey_number": number})
    assert answer.status_code == status
    offset = api.client.get("/api/players", params={"club_id": club, "offset": number})
    assert offset.status_code == (422 if number.startswith("-") else status)


OBJECTS: list[Json] = [
    {},
    {"z": 1, "a": {"nested": [None, True, False, [], {}, ""]}},  # keys stay in their order
    {"": "no name", "é 😀": "\\ \" ' / % \u2028 \u0007"},
    {"numbers": [0, -1, 1.5, 1e-9, 0.1 + 0.2, 2**53, 1e300]},
    {"deep": [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]},
    {"long": "🏆" * 10_000},
]


@pytest.mark.parametrize("value", OBJECTS)
def test_an_object_comes_back_as_it_went_in(api: Api, club: str, value: Json) -> None:
    team = make(api, "/api/teams", name="Rovers", club_id=club)["id"]
    match = make(api, "/api/matches", match_date="2026-11-14T15:00:00Z", home_team_id=team, club_id=club)["id"]
    made = make(api, "/api/match_team_statistics", match_id=match, team_id=team, build_up_patterns=value)
    found = read(api, f"/api/match_team_statistics/{made['id']}")["build_up_patterns"]
    assert repr(found) == repr(made["build_up_patterns"]) == repr(value)


# Long texts.


@pytest.mark.parametrize("letter", ["a", "é", "森", "🏆"])
def test_notes_have_room_for_5000_letters_of_any_size(api: Api, club: str, letter: str) -> None:
    notes = letter * 5000
    member = make(api, "/api/staff", name="Somebody", role="physio", notes=notes, club_id=club)
    assert read(api, f"/api/staff/{member['id']}")["notes"] == notes
    changed = api.client.patch(f"/api/staff/{member['id']}", json={"notes": notes + letter})
    assert (changed.status_code, changed.json()["errors"][0]["pointer"]) == (422, "/notes")


@pytest.mark.parametrize("letter", ["é", "🏆"])
def test_a_name_has_room_for_200_letters_of_any_size(api: Api, club: str, letter: str) -> None:
    assert make(api, "/api/teams", name=letter * 200, club_id=club)["name"] == letter * 200
    longer = api.client.post("/api/teams", json={"name": letter * 201, "club_id": club})
    assert (longer.status_code, longer.json()["errors"][0]["pointer"]) == (422, "/name")


# Keys.


def test_a_key_that_is_taken_is_told_with_its_field(api: Api, club: str) -> None:
    team = make(api, "/api/teams", name="Rovers", club_id=club)["id"]
    match = make(api, "/api/matches", match_date="2026-11-14T15:00:00Z", home_team_id=team, club_id=club)["id"]
    bodies = [
        ("/api/teams", "/name", {"name": "Fresh", "club_id": club}),
        ("/api/players", "/jersey_number", {"name": "Somebody", "team_id": team, "jersey_number": 7}),
        ("/api/competitions", None, {"name": "Cup", "season": "2026/27", "club_id": club}),
        ("/api/match_team_statistics", None, {"match_id": match, "team_id": team}),
    ]
    for path, field, body in bodies:
        make(api, path, **body)
        again = api.client.post(path, json=body)
        assert again.status_code == 409, (path, again.text)
        pointers = [error["pointer"] for error in again.json()["errors"]]
        assert pointers
        assert field is None or pointers == [field]


def test_a_change_into_a_key_that_is_taken_leaves_the_row_as_it_was(api: Api, club: str) -> None:
    first, second = (make(api, "/api/teams", name=name, club_id=club)["id"] for name in ("Rovers", "Wanderers"))
    changed = api.client.patch(f"/api/teams/{second}", json={"name": "Rovers", "primary_color": "#000000"})
    assert changed.status_code == 409
    assert read(api, f"/api/teams/{second}")["primary_color"] is None
    assert read(api, f"/api/teams/{first}")["name"] == "Rovers"


def test_addresses_are_one_in_any_case_and_two_with_an_accent(api: Api) -> None:
    account = {"password": "correct horse battery"}
    answers = [
        api.client.post("/api/register", json=account | {"email": email})
        for email in ("renée@example.com", "RENÉE@example.com", "renee@example.com")
    ]
    assert [answer.status_code for answer in answers] == [201, 409, 201]
