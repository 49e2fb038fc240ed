"""A formation whose name tells its lines has ten outfield players in such lines."""

from typing import Any

import pytest

from app.services.check_formation import complete_formation
from app.services.standard_formations import STANDARD_FORMATIONS
from tests.integration.api.conftest import assert_problem
from tests.integration.api.league import League
from tests.integration.conftest import Api

Json = dict[str, Any]


def slots(**counts: int) -> list[Json]:
    """So many players of each role, each on a spot of his own."""
    words = [word for word, count in counts.items() for _ in range(count)]
    return [{"position": word, "x": round(index / 20, 2), "y": 0.5} for index, word in enumerate(words)]


DIAMOND = slots(GK=1, DEF=4, CDM=1, LM=1, RM=1, CAM=1, FWD=2)
GOOD: dict[str, Json] = {
    "lines that add up": {"name": "4-3-3", "positions": slots(GK=1, DEF=4, MID=3, FWD=3)},
    "four lines": {"name": "4-2-3-1", "positions": slots(GK=1, DEF=4, MID=5, FWD=1)},
    "a name with a word behind it": {"name": "4-4-2 Diamond", "positions": slots(GK=1, DEF=4, MID=4, FWD=2)},
    "words for single places": {"name": "4-4-2", "positions": slots(GK=1, LB=1, CB=2, RB=1, CM=4, ST=2)},
    "wing-backs in midfield": {"name": "3-5-2", "positions": slots(GK=1, CB=3, LWB=1, RWB=1, CM=3, ST=2)},
    "wing-backs in defence": {"name": "5-3-2", "positions": slots(GK=1, CB=3, LWB=1, RWB=1, CM=3, ST=2)},
    "wingers in midfield": {"name": "4-2-3-1", "positions": slots(GK=1, DEF=4, CDM=2, LW=1, CAM=1, RW=1, ST=1)},
    "wingers in attack": {"name": "4-3-3", "positions": slots(gk=1, LB=1, LCB=1, RCB=1, RB=1, CM=3, lw=1, RW=1, CF=1)},
    "words that tell nothing": {"name": "4-3-3", "positions": slots(GK=1, DEF=4, libero=2, FWD=3, MID=1)},
    "long dashes": {"name": "4–3—3", "positions": slots(GK=1, DEF=4, MID=3, FWD=3)},
    "blanks": {"name": "4 - 3 - 3", "positions": slots(GK=1, DEF=4, MID=3, FWD=3)},
    "no dashes": {"name": "433", "positions": slots(GK=1, DEF=4, MID=3, FWD=3)},
    "a free name": {"name": "Diamond", "positions": DIAMOND},
    "a free name in whatever lines": {"name": "All out", "positions": slots(GK=1, FWD=10)},
    "a free name without players": {"name": "Diamond"},
    "a year is no formation": {"name": "2026 special"},
}
_TEN = "10 outfield players"
BAD: dict[str, tuple[Json, str, str]] = {
    "nine in the name": ({"name": "4-3-2"}, "/name", "add up to 9 outfield players instead of 10"),
    "eleven in the name": ({"name": "4-4-3 (wide)"}, "/name", "add up to 11"),
    "nine behind long dashes": ({"name": "4 – 3 − 2"}, "/name", "add up to 9"),
    "nine without dashes": ({"name": "432"}, "/name", "add up to 9"),
    "a line of nobody": ({"name": "4-3-3-0"}, "/name", "a line without players"),
    "two lines of nobody": ({"name": "0-10-0"}, "/name", "a line without players"),
    "a line left out": ({"name": "4-3-3-"}, "/name", "a line without players"),
    "nine players": ({"name": "4-3-3", "positions": slots(GK=1, DEF=4, MID=3, FWD=2)}, "/positions", _TEN),
    "no goalkeeper": ({"name": "4-3-3", "positions": slots(DEF=4, MID=4, FWD=3)}, "/positions", "a goalkeeper"),
    "no goalkeeper of a free name": ({"name": "Diamond", "positions": slots(FWD=11)}, "/positions", "a goalkeeper"),
    "two players of a free name": ({"name": "Fir tree", "positions": slots(GK=1, FWD=1)}, "/positions", _TEN),
    "other lines": (
        {"name": "4-3-3", "positions": slots(GK=1, DEF=3, MID=4, FWD=3)},
        "/positions",
        "has 4 MID, but the name says 4 DEF, 3 MID, 3 FWD",
    ),
    "one back and nine forwards": (
        {"name": "4-3-3", "positions": slots(GK=1, LB=1, FWD=9)},
        "/positions",
        "has 9 FWD",
    ),
    "other lines behind long dashes": (
        {"name": "4–3–3", "positions": slots(GK=1, DEF=5, MID=3, FWD=2)},
        "/positions",
        "has 5 DEF",
    ),
    "too many for the two lines where they can stand": (
        {"name": "4-3-3", "positions": slots(GK=1, DEF=3, MID=1, CAM=3, FWD=3)},
        "/positions",
        "has 7 MID and FWD",
    ),
    "two goalkeepers": ({"name": "Chaos", "positions": slots(GK=2)}, "/positions", "more than one goalkeeper"),
    "two on one spot": (
        {"name": "Chaos", "positions": [*slots(GK=1, DEF=9), {"position": "MID", "x": 0.05, "y": 0.5}]},
        "/positions",
        "two players on the same spot",
    ),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_names_and_positions_are_checked_against_each_other(api: Api) -> None:
    league = League(api)
    for case, body in GOOD.items():
        made = league.make("/formations", body)
        assert [slot["position"] for slot in made["positions"]] == [
            slot["position"] for slot in body.get("positions", [])
        ], case
    count = len(league.call("GET", "/formations").json())
    for case, (body, pointer, words) in BAD.items():
        answer = league.call("POST", "/formations", body)
        assert_problem(answer, 422, "formation_invalid")
        (error,) = answer.json()["errors"]
        assert (case, error["pointer"]) == (case, pointer)
        assert words in error["message"], case
    assert len(league.call("GET", "/formations").json()) == count


@pytest.mark.parametrize("name", STANDARD_FORMATIONS)
def test_the_shapes_that_every_club_gets_keep_to_the_rules(name: str) -> None:
    slots = STANDARD_FORMATIONS[name]
    assert complete_formation(name, slots) == slots
    xs = [slot.x for slot in slots]
    assert sorted(xs) == pytest.approx(sorted(1 - x for x in xs))  # as many on the left as on the right
    assert all(slot.y < 0.8 for slot in slots if slot.position != "GK")


def test_every_club_gets_the_shapes_that_the_published_client_can_draw(api: Api) -> None:
    drawn = {
        *("4-3-3", "4-4-2", "3-4-3", "3-5-2", "4-2-4", "4-2-3-1", "4-4-1-1", "4-2-2-2 (Narrow)", "5-3-2", "5-4-1"),
        *("4-5-1", "4-1-4-1", "4-2-2-2 (Brazil)", "3-2-2-3", "3-3-1-3", "4-4-2 Diamond"),
    }
    assert {row["name"] for row in League(api).call("GET", "/formations").json()} == drawn


def test_a_name_is_kept_as_it_was_typed(api: Api) -> None:
    made = League(api).make("/formations", {"name": "4 – 3 – 3"})
    assert (made["name"], len(made["positions"])) == ("4 – 3 – 3", 11)


def test_a_name_alone_gets_the_positions_that_it_tells(api: Api) -> None:
    positions = League(api).make("/formations", {"name": "3-1-4-2"})["positions"]
    roles = [slot["position"] for slot in positions]
    assert {role: roles.count(role) for role in roles} == {"GK": 1, "DEF": 3, "MID": 5, "FWD": 2}


def test_a_change_is_checked_as_a_whole(api: Api) -> None:
    league = League(api)
    path = f"/formations/{league.make('/formations', {'name': '4-3-3'})['id']}"
    assert_problem(league.call("PATCH", path, {"name": "4-4-2"}), 422, "formation_invalid")
    both = {"name": "4-4-2", "positions": slots(GK=1, DEF=4, MID=4, FWD=2)}
    assert league.call("PATCH", path, both).json()["name"] == "4-4-2"
    assert league.call("PATCH", path, {"description": "Compact."}).json()["positions"] == both["positions"]
    assert league.call("DELETE", path).status_code == 204
    assert_problem(league.call("GET", path), 404, "not_found")
