"""What the published client says in other words: feet in three languages, times without zone, names of its own."""

from datetime import datetime
from typing import Any

import pytest

from tests.integration.api.conftest import assert_problem
from tests.integration.api.published_client.phone import Phone
from tests.integration.conftest import Api

Json = Any

FEET: dict[str, str | None] = {
    "left": "left",
    "right": "right",
    "both": "both",
    "gauche": "left",
    "droit": "right",
    "يسرى": "left",
    "يمنى": "right",
    "izquierdo": None,
    "Left": None,
    "": None,
}


@pytest.mark.parametrize("word", FEET)
def test_one_word_too_many_does_not_cost_the_whole_player(phone: Phone, word: str) -> None:
    player = phone.post("/players", {"name": "Ada", "dominant_foot": word}, "Player")
    assert player["dominant_foot"] == FEET[word]
    put = phone.put(f"/players/{player['id']}", player | {"dominant_foot": word}, "Player")
    assert put["dominant_foot"] == player["dominant_foot"]


def test_a_change_that_names_an_unknown_foot_is_refused(phone: Phone) -> None:
    """Reading the word as null would empty what is known."""
    player = phone.post("/players", {"name": "Ada", "dominant_foot": "left"}, "Player")
    answer = phone.client.patch(f"/api/players/{player['id']}", json={"dominant_foot": "lft"}, headers=phone.headers)
    assert_problem(answer, 422, "validation_failed")
    translated = phone.client.patch(
        f"/api/players/{player['id']}", json={"dominant_foot": "droit"}, headers=phone.headers
    )
    assert translated.json()["dominant_foot"] == "right"


# Dates


MOMENTS = {
    "2027-12-24T20:45:00.000": "2027-12-24T20:45:00.000",
    "2027-12-24T20:45:00": "2027-12-24T20:45:00.000",
    "2027-12-24T20:45": "2027-12-24T20:45:00.000",
    "2027-12-24T20:45:00.123456": "2027-12-24T20:45:00.123456",
    "2027-12-24T20:45:00Z": "2027-12-24T20:45:00.000",
    "2027-12-24T00:30:00+01:00": "2027-12-23T23:30:00.000",
}
NO_MOMENTS = [
    "",
    "2027-12-24",
    "24.12.2027 20:45",
    "2027-13-24T20:45:00",
    "2027-02-30T20:45:00",
    1830000000,
    None,
    True,
]


@pytest.mark.parametrize("sent", MOMENTS)
def test_a_time_without_zone_comes_back_as_it_was_sent(phone: Phone, sent: str) -> None:
    form = {"title": "Bilan", "date": sent, "location": "", "icon_name": "groups"}
    assert phone.post("/reunions", form, "Reunion")["date"] == MOMENTS[sent]
    match = phone.ask("POST", "/matches", {"date_time": sent, "status": "upcoming"}).json()
    assert match["date_time"] == MOMENTS[sent]
    assert datetime.fromisoformat(match["match_date"]) == datetime.fromisoformat(f"{MOMENTS[sent]}Z")


@pytest.mark.parametrize("sent", NO_MOMENTS)
def test_a_time_that_is_none_is_refused(phone: Phone, sent: Json) -> None:
    answer = phone.ask("POST", "/training_sessions", {"title": "Mardi", "date": sent})
    assert_problem(answer, 422, "validation_failed")


@pytest.mark.parametrize("sent", NO_MOMENTS)
def test_a_match_needs_a_time(phone: Phone, sent: Json) -> None:
    assert_problem(phone.ask("POST", "/matches", {"date_time": sent}), 422, "validation_failed")


def test_the_names_of_the_api_win_over_those_of_the_client(phone: Phone) -> None:
    event = phone.post("/events", {"name": "Cup"}, "Event")
    both = {"date_time": "2027-01-01T00:00:00", "match_date": "2027-06-01T00:00:00Z"}
    match = phone.ask("POST", "/matches", both | {"event_id": event["id"], "competition_id": None}).json()
    assert (match["date_time"], match["event_id"]) == ("2027-06-01T00:00:00.000", None)
    # What was read, with one change, is a sound body.
    path = f"/api/matches/{match['id']}"
    changed = phone.client.patch(path, json=match | {"match_date": "2027-07-01T00:00:00Z"}, headers=phone.headers)
    assert changed.json()["date_time"] == "2027-07-01T00:00:00.000"


@pytest.mark.parametrize(("path", "word"), [("/reunions", "location"), ("/training_sessions", "focus")])
def test_an_entry_of_the_calendar_is_read_changed_and_deleted(
    shared_api: Api, phone: Phone, other_club: dict[str, str], path: str, word: str
) -> None:
    kind = {"/reunions": "Reunion", "/training_sessions": "TrainingSession"}[path]
    entry = phone.post(path, {"title": "Plan", "date": "2027-01-01T10:00:00.000", word: None, "icon_name": None}, kind)
    assert (entry[word], entry["icon_name"]) == ("", "")
    one = f"{path}/{entry['id']}"
    changes = {"date": "2027-01-02T10:00:00.000", word: "Club house"}
    answer = phone.client.patch(f"/api{one}", json=changes, headers=phone.headers)
    assert answer.status_code == 200, answer.text
    assert answer.json() == entry | changes | {"updated_at": answer.json()["updated_at"]}
    emptied = phone.client.patch(f"/api{one}", json={word: None}, headers=phone.headers)
    assert (emptied.json()[word], emptied.json()["title"]) == ("", "Plan")
    assert phone.get(one, kind) == emptied.json()
    stranger = Phone(shared_api.client, other_club)
    for method in ("GET", "DELETE"):
        assert_problem(stranger.ask(method, one), 404, "not_found")
    phone.delete(one)
    assert_problem(phone.ask("GET", one), 404, "not_found")
