"""The one sheet of a match: eleven starters of a team, one goalkeeper, nobody twice, the right team."""

import uuid
from collections.abc import Callable

import pytest

from tests.integration.api.conftest import assert_problem
from tests.integration.api.league import Json, League, found_league
from tests.integration.conftest import Api


@pytest.fixture
def league(api: Api) -> League:
    return found_league(api)


def test_a_sheet_is_written_and_read_back_in_order(league: League) -> None:
    bench = [league.place("Reds", 12), league.place("Reds", 14, position_in_formation="FWD")]
    written = league.post_sheet(*league.eleven("Reds"), *bench, *league.eleven("Blues"))
    assert written.status_code == 201, written.text
    sheet = written.json()
    assert (sheet["complete"], sheet["missing"], sheet["substitutions"]) == (True, [], [])
    names = [entry["player_name"] for entry in sheet["entries"]]
    assert names == [f"Reds {n}" for n in (*range(1, 12), 12, 14)] + [f"Blues {n}" for n in range(1, 12)]
    assert league.api.client.get(written.headers["Location"], headers=league.api.headers).json() == sheet
    assert league.call("GET", f"/matches/{league.ids['match']}/lineup").json() == sheet


def test_the_list_has_one_row_per_player(league: League) -> None:
    league.post_sheet(*league.eleven("Reds"), league.place("Reds", 12), *league.eleven("Blues"))
    rows = league.call("GET", f"/match_lineups?match_id={league.ids['match']}").json()
    assert len(rows) == 23
    assert {row["match_id"] for row in rows} == {league.ids["match"]}
    bench = league.call("GET", f"/match_lineups?is_starting=false&team_id={league.ids['Reds']}").json()
    assert [row["player_name"] for row in bench] == ["Reds 12"]
    assert league.call("GET", f"/match_lineups?match_id={league.ids['open match']}").json() == []


def test_one_team_alone_may_have_a_sheet(league: League) -> None:
    sheet = league.post_sheet(*league.eleven("Blues")).json()
    missing = ["Reds has 0 of 11 starters.", "Reds has no goalkeeper."]
    assert (sheet["complete"], sheet["missing"]) == (False, missing)


def test_a_match_has_one_sheet(league: League) -> None:
    assert league.post_sheet(*league.eleven("Reds")).status_code == 201
    assert_problem(league.post_sheet(*league.eleven("Blues")), 409, "lineup_exists")


def test_any_team_may_play_in_a_match_whose_teams_are_not_known(league: League) -> None:
    written = league.post_sheet(*league.eleven("Reds"), match="open match")
    missing = ["The other team does not stand on the line-up."]
    assert (written.status_code, written.json()["complete"], written.json()["missing"]) == (201, False, missing)
    path, both = f"/match_lineups/{written.json()['id']}", [*league.eleven("Reds"), *league.eleven("Blues")]
    assert league.call("PUT", path, {"entries": both}).json()["complete"] is True


def test_a_sheet_is_written_anew_as_a_whole(league: League) -> None:
    first = league.post_sheet(*league.eleven("Reds"))
    path = f"/match_lineups/{first.json()['id']}"
    tag = league.call("GET", path).headers["ETag"]
    changed = league.call("PUT", path, {"entries": league.eleven("Blues")}, If_Match=tag)
    assert changed.status_code == 200, changed.text
    assert {entry["team_id"] for entry in changed.json()["entries"]} == {league.ids["Blues"]}
    assert_problem(
        league.call("PUT", path, {"entries": league.eleven("Reds")}, If_Match=tag), 412, "precondition_failed"
    )
    assert_problem(league.call("PUT", path, {"entries": league.eleven("Reds")[1:]}), 422, "starters_count")
    assert league.call("GET", path).json() == changed.json()


def test_a_sheet_is_deleted(league: League) -> None:
    path = f"/match_lineups/{league.post_sheet(*league.eleven('Reds')).json()['id']}"
    assert league.call("DELETE", path).status_code == 204
    assert_problem(league.call("GET", path), 404, "not_found")
    assert_problem(league.call("GET", f"/matches/{league.ids['match']}/lineup"), 404, "not_found")
    assert league.call("GET", "/match_lineups").json() == []


NOBODY = str(uuid.uuid4())
Changed = Callable[[League], list[Json]]


def _with(index: int, **more: object) -> Changed:
    """The eleven Reds, one of whom is changed."""

    def entries(league: League) -> list[Json]:
        eleven = league.eleven("Reds")
        named = {key: league.ids.get(str(value), value) for key, value in more.items()}
        return [place | named if place is eleven[index] else place for place in eleven]

    return entries


REFUSED: dict[str, tuple[Changed, int, str]] = {
    "ten starters": (lambda of: of.eleven("Reds")[:-1], 422, "starters_count"),
    "twelve starters": (
        lambda of: [*of.eleven("Reds"), of.place("Reds", 12, is_starting=True)],
        422,
        "starters_count",
    ),
    # The place beats the player's own role; a coordinate does not.
    "no goalkeeper": (_with(0, position_in_formation="MID"), 422, "goalkeeper_count"),
    "two goalkeepers": (_with(4, position_in_formation="GK"), 422, "goalkeeper_count"),
    "a player twice": (_with(3, player_id="Reds 3"), 422, "player_twice"),
    "a player for both teams": (
        lambda of: [*of.eleven("Reds"), *(place | {"player_id": of.ids["free"]} for place in of.eleven("Blues"))],
        422,
        "player_twice",
    ),
    "a team that does not play": (lambda of: [*of.eleven("Reds"), of.place("Greens", 1)], 422, "team_not_in_match"),
    "a player of the other team": (_with(5, player_id="Blues 6"), 422, "player_of_other_team"),
    "a third team in a match whose teams are not known": (
        lambda of: [*of.eleven("Reds"), *of.eleven("Blues"), of.place("Greens", 1)],
        422,
        "team_not_in_match",
    ),
    "an unknown player": (_with(5, player_id=NOBODY), 404, "not_found"),
    "an unknown team": (_with(5, team_id=NOBODY), 404, "not_found"),
    "an unknown formation": (_with(5, formation_id=NOBODY), 404, "not_found"),
    "nobody at all": (lambda _: [], 422, "validation_failed"),
    "an id that is none": (_with(5, player_id="17"), 422, "validation_failed"),
    "a position of 51 letters": (_with(5, position_in_formation="x" * 51), 422, "validation_failed"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sheet_against_the_rules_is_refused_and_leaves_nothing(league: League) -> None:
    for case, (make, status, code) in REFUSED.items():
        answer = league.post_sheet(*make(league))
        assert (case, answer.status_code, answer.json()["code"]) == (case, status, code), answer.text
        assert_problem(answer, status, code)
    assert league.call("GET", "/match_lineups").json() == []
    assert_problem(league.call("GET", f"/matches/{league.ids['match']}/lineup"), 404, "not_found")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_everything_that_is_wrong_with_a_sheet_is_said_at_once(league: League) -> None:
    entries = league.eleven("Reds")
    entries[3] |= {"player_id": league.ids["Reds 3"]}
    entries[5] |= {"player_id": league.ids["Blues 6"]}
    errors = {error["pointer"]: error["message"] for error in league.post_sheet(*entries).json()["errors"]}
    assert errors == {
        "/entries/3/player_id": "a player stands on it twice",
        "/entries/5/player_id": "a player on it belongs to another team",
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_numbers_that_are_wrong_are_said_beside_places_that_are(league: League) -> None:
    entries = [*league.eleven("Reds")[1:], *league.eleven("Blues"), league.place("Blues", 12, is_starting=True)]
    entries[0] |= {"player_id": league.ids["Blues 13"]}
    answer = league.post_sheet(*entries)
    assert_problem(answer, 422, "player_of_other_team")
    assert {error["pointer"]: error["message"] for error in answer.json()["errors"]} == {
        "/entries/0/player_id": "a player on it belongs to another team",
        "/entries": "Reds has 10 of 11 starters; Reds has no goalkeeper; Blues has 12 starters instead of 11",
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_bench_has_fifteen_places(league: League) -> None:
    bench = [league.make("/players", {"name": f"Sub {n}", "team_id": league.ids["Reds"]})["id"] for n in range(16)]
    places = [league.place("Reds", 12, player_id=player_id) for player_id in bench]
    assert_problem(league.post_sheet(*league.eleven("Reds"), *places), 422, "bench_full")
    assert league.post_sheet(*league.eleven("Reds"), *places[:15]).status_code == 201
    sixteenth = {"match_id": league.ids["match"], **places[15]}
    assert_problem(league.call("POST", "/match_lineups", sixteenth), 422, "bench_full")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_match_whose_teams_are_not_known_has_two(league: League) -> None:
    third = league.place("Greens", 1)
    both = [*league.eleven("Reds"), *league.eleven("Blues")]
    answer = league.post_sheet(*both, third, match="open match")
    assert_problem(answer, 422, "team_not_in_match")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/entries/22/team_id"]
    assert league.post_sheet(*both, match="open match").status_code == 201
    single = {"match_id": league.ids["open match"], **third}
    assert_problem(league.call("POST", "/match_lineups", single), 422, "team_not_in_match")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_pointer_into_a_body_of_two_kinds_names_no_kind(league: League) -> None:
    answer = league.call("POST", "/match_lineups", {"match_id": league.ids["match"], "entries": [{}]})
    assert "/entries/0/team_id" in {error["pointer"] for error in answer.json()["errors"]}
    answer = league.call("POST", "/match_lineups", {"player_id": league.ids["free"]})
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/match_id", "/team_id"}


def test_a_sheet_grows_place_by_place_and_goes_with_its_last(league: League) -> None:
    body = league.place("Reds", 1, match_id=league.ids["match"], position_in_formation="0.5000,0.9000", id="")
    first = league.call("POST", "/match_lineups", body)
    assert (first.status_code, first.json()["position_in_formation"]) == (201, "0.5000,0.9000")
    for number in range(2, 12):
        league.make("/match_lineups", league.place("Reds", number, match_id=league.ids["match"]))
    sheet = league.call("GET", f"/matches/{league.ids['match']}/lineup").json()
    nobody = ["Blues has 0 of 11 starters.", "Blues has no goalkeeper."]
    assert (sheet["missing"], len(sheet["entries"])) == (nobody, 11)

    assert league.call("DELETE", f"/match_lineups/{first.json()['id']}").status_code == 204
    sheet = league.call("GET", f"/matches/{league.ids['match']}/lineup").json()
    assert sheet["missing"] == ["Reds has 10 of 11 starters.", "Reds has no goalkeeper.", *nobody]
    for entry in sheet["entries"]:
        assert league.call("DELETE", f"/match_lineups/{entry['id']}").status_code == 204
    assert_problem(league.call("GET", f"/match_lineups/{sheet['id']}"), 404, "not_found")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_single_place_keeps_the_rules_that_no_other_place_can_mend(league: League) -> None:
    match = {"match_id": league.ids["match"]}
    for number in range(1, 12):
        league.make("/match_lineups", league.place("Reds", number, **match))
    for place, code in (
        (league.place("Reds", 12, is_starting=True, **match), "starters_count"),
        (league.place("Reds", 11, is_starting=False, **match), "player_twice"),
        (league.place("Greens", 1, **match), "team_not_in_match"),
        (league.place("Blues", 2, team_id=league.ids["Reds"], is_starting=False, **match), "player_of_other_team"),
    ):
        assert_problem(league.call("POST", "/match_lineups", place), 422, code)
    assert len(league.call("GET", "/match_lineups").json()) == 11


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_single_place_is_judged_by_what_is_said_about_it(league: League) -> None:
    """The published client sends coordinates only, and keepers play in the field at times."""
    here = {"match_id": league.ids["match"], "position_in_formation": "0.5000,0.9000"}
    league.make("/match_lineups", league.place("Reds", 1, **here))
    keeper = league.make("/players", {"name": "Second", "position": "GK", "team_id": league.ids["Reds"]})
    league.make("/match_lineups", league.place("Reds", 2, **here, player_id=keeper["id"]))
    league.make("/match_lineups", league.place("Reds", 3, **here | {"position_in_formation": "GK"}))
    second = league.place("Reds", 4, **here | {"position_in_formation": "gk"})
    assert_problem(league.call("POST", "/match_lineups", second), 422, "goalkeeper_count")
    league.make("/match_lineups", second | {"is_starting": False})
    assert league.make("/match_lineups", league.place("Reds", 5, **here, is_starting=None))["is_starting"] is True


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_place_that_stands_is_no_reason_to_refuse_another(league: League) -> None:
    """A player may change teams after the match."""
    here = {"match_id": league.ids["match"]}
    league.make("/match_lineups", league.place("Reds", 2, **here))
    moved = league.call("PATCH", f"/players/{league.ids['Reds 2']}", {"team_id": league.ids["Greens"]})
    assert moved.status_code == 200
    league.make("/match_lineups", league.place("Reds", 3, **here))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sheet_tells_when_it_was_last_written_on(league: League) -> None:
    first = league.make("/match_lineups", league.place("Reds", 1, match_id=league.ids["match"]))
    path = f"/match_lineups/{first['lineup_id']}"
    times = [league.call("GET", path).json()["updated_at"]]
    second = league.make("/match_lineups", league.place("Reds", 2, match_id=league.ids["match"]))
    times.append(league.call("GET", path).json()["updated_at"])
    assert league.call("DELETE", f"/match_lineups/{second['id']}").status_code == 204
    times.append(league.call("GET", path).json()["updated_at"])
    times.append(league.call("PUT", path, {"entries": league.eleven("Reds")}).json()["updated_at"])
    assert times == sorted(set(times))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sheet_whose_players_are_gone_is_not_complete(league: League) -> None:
    league.make("/match_lineups", league.place("Reds", 1, match_id=league.ids["match"]))
    assert league.call("DELETE", f"/players/{league.ids['Reds 1']}").status_code == 204
    sheet = league.call("GET", f"/matches/{league.ids['match']}/lineup").json()
    assert (sheet["complete"], sheet["missing"]) == (False, ["Nobody stands on the line-up."])


def test_substitutions_are_paired_by_team_and_minute(league: League) -> None:
    league.post_sheet(*league.eleven("Reds"), league.place("Reds", 12), league.place("Reds", 13))
    for kind, number, minute in (("sub_out", 5, 60), ("sub_in", 12, 60), ("sub_in", 13, 75)):
        event = {"event_type": kind, "minute": minute, "player_id": league.ids[f"Reds {number}"]}
        league.make("/match_events", event | {"match_id": league.ids["match"]})
    found = league.call("GET", f"/matches/{league.ids['match']}/lineup").json()["substitutions"]
    pairs = [(one["minute"], one["player_out_id"], one["player_in_id"]) for one in found]
    ids = league.ids
    assert pairs == [(60, ids["Reds 5"], ids["Reds 12"]), (75, None, ids["Reds 13"])]


def test_a_sheet_of_an_unknown_match_is_refused(league: League) -> None:
    answer = league.call("POST", "/match_lineups", {"match_id": NOBODY, "entries": league.eleven("Reds")})
    assert_problem(answer, 404, "not_found")
