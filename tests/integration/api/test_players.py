"""Players: made, listed, changed and deleted; a shirt is worn once in a team, on both databases."""

import uuid
from typing import Any

import pytest

from app.core.account import Role
from app.models import AuditEntry, Player
from tests.integration.api.conftest import assert_problem, rows
from tests.integration.api.played_match import as_role
from tests.integration.conftest import Api

WHOLE = {
    "name": "Zoë 张伟 ⚽",
    "position": "MID",
    "jersey_number": 8,
    "birth_date": "2001-05-17",
    "dominant_foot": "left",
    "height_cm": 172,
    "weight_kg": 64,
    "nationality": "Côte d'Ivoire",
    "country_code": "CI",
    "market_value": 1500000.0,
}
EMPTY = dict.fromkeys(set(WHOLE) - {"name"} | {"team_id", "image_url"})


def add(api: Api, kind: str, **values: object) -> dict[str, Any]:
    answer = api.client.post(f"/api/{kind}", headers=api.headers, json=values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_player_lives_from_the_creation_to_the_deletion(api: Api) -> None:
    team = add(api, "teams", name="Reds")
    answer = api.client.post("/api/players", headers=api.headers, json=WHOLE | {"team_id": team["id"]})
    assert answer.status_code == 201
    path, player = answer.headers["Location"], answer.json()
    assert {key: player[key] for key in WHOLE} == WHOLE
    assert (player["team_id"], player["club_id"], player["image_url"]) == (team["id"], team["club_id"], None)
    assert api.client.get(path, headers=api.headers).json() == player

    change = {"name": "Zoë", "jersey_number": 10, "height_cm": None, "nationality": " ", "country_code": ""}
    changed = api.client.patch(path, headers=api.headers, json=change).json()
    assert changed == player | change | {"nationality": None, "country_code": None, "updated_at": changed["updated_at"]}
    emptied = api.client.patch(path, headers=api.headers, json=EMPTY).json()
    assert {key: emptied[key] for key in EMPTY} == EMPTY

    assert api.client.delete(path, headers=api.headers).status_code == 204
    assert_problem(api.client.get(path, headers=api.headers), 404, "not_found")
    assert rows(api.client.app, AuditEntry) >= 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_player_is_taken_as_the_mobile_client_sends_it(api: Api) -> None:
    sent = dict.fromkeys(WHOLE) | {
        "id": "",
        "name": " Ana ",
        "team_id": None,
        "birth_date": "2000-05-01T00:00:00.000",
        "dominant_foot": "droit",
        "height_cm": 180.0,
        "image_url": "",
        "nationality": "",
        "country_code": "",
        "market_value": 5000000.0,
    }
    player = add(api, "players", **sent)
    assert {key: value for key, value in player.items() if value is not None} == {
        "id": player["id"],
        "club_id": player["club_id"],
        "name": "Ana",
        "birth_date": "2000-05-01",
        "dominant_foot": "right",
        "height_cm": 180,
        "market_value": 5000000.0,
        "created_at": player["created_at"],
        "updated_at": player["updated_at"],
    }


# The word of the phone's language, what it means.
FEET = [("left", "left"), ("both", "both"), ("gauche", "left"), ("droit", "right"), ("يسرى", "left"), ("يمنى", "right")]


@pytest.mark.parametrize(("word", "foot"), FEET)
def test_a_foot_is_understood_in_the_languages_of_the_mobile_client(shared_api: Api, word: str, foot: str) -> None:
    player = add(shared_api, "players", name="Ana", dominant_foot=word)
    assert player["dominant_foot"] == foot
    path = f"/api/players/{player['id']}"
    refused = shared_api.client.patch(path, headers=shared_api.headers, json={"dominant_foot": "none"})
    assert_problem(refused, 422, "validation_failed")
    assert refused.json()["errors"][0]["pointer"] == "/dominant_foot"


# What is changed about a player that could be, the field that is to blame.
REFUSED = [
    ({"name": " "}, "/name"),
    ({"name": None}, "/name"),
    ({"team_id": "Reds"}, "/team_id"),
    ({"position": "ST"}, "/position"),
    ({"jersey_number": 0}, "/jersey_number"),
    ({"jersey_number": 100}, "/jersey_number"),
    ({"jersey_number": "8"}, "/jersey_number"),
    ({"jersey_number": True}, "/jersey_number"),
    ({"jersey_number": 10**30}, "/jersey_number"),
    ({"birth_date": "1899-12-31"}, "/birth_date"),
    ({"birth_date": "2999-01-01"}, "/birth_date"),
    ({"birth_date": "2001-02-29"}, "/birth_date"),
    ({"birth_date": "2001-05-17T10:00:00"}, "/birth_date"),
    ({"birth_date": 990057600}, "/birth_date"),
    ({"birth_date": "990057600"}, "/birth_date"),
    ({"height_cm": 99}, "/height_cm"),
    ({"height_cm": 251}, "/height_cm"),
    ({"height_cm": 172.5}, "/height_cm"),
    ({"weight_kg": 29}, "/weight_kg"),
    ({"weight_kg": 201}, "/weight_kg"),
    ({"nationality": "x" * 101}, "/nationality"),
    ({"country_code": "c1"}, "/country_code"),
    ({"country_code": "CIV"}, "/country_code"),
    ({"market_value": -1}, "/market_value"),
    ({"market_value": 1e13}, "/market_value"),
    ({"market_value": "1"}, "/market_value"),
]


@pytest.mark.parametrize(("change", "field"), REFUSED)
def test_a_player_who_cannot_be_is_refused_with_the_field(
    shared_api: Api, change: dict[str, object], field: str
) -> None:
    before = rows(shared_api.client.app, Player)
    answer = shared_api.client.post("/api/players", headers=shared_api.headers, json=WHOLE | change)
    assert_problem(answer, 422, "validation_failed")
    assert [error["pointer"] for error in answer.json()["errors"]] == [field]
    assert rows(shared_api.client.app, Player) == before


def test_a_number_is_worn_once_in_a_team(api: Api) -> None:
    reds, blues = (add(api, "teams", name=name)["id"] for name in ("Reds", "Blues"))
    add(api, "players", name="Ada", team_id=reds, jersey_number=8)
    bea = add(api, "players", name="Bea", team_id=reds, jersey_number=9)
    cyd = add(api, "players", name="Cyd", team_id=blues, jersey_number=8)
    add(api, "players", name="Dee", jersey_number=8)
    add(api, "players", name="Eve", jersey_number=8)  # who is in no team wears what they like

    twin = {"name": "Twin", "team_id": reds, "jersey_number": 8}
    for answer in (
        api.client.post("/api/players", headers=api.headers, json=twin),
        api.client.patch(f"/api/players/{bea['id']}", headers=api.headers, json={"jersey_number": 8}),
        api.client.patch(f"/api/players/{cyd['id']}", headers=api.headers, json={"team_id": reds}),
    ):
        assert_problem(answer, 409, "already_exists")
        assert answer.json()["errors"] == [{"pointer": "/jersey_number", "message": "is taken already"}]
    assert api.client.get(f"/api/players/{bea['id']}", headers=api.headers).json() == bea
    assert rows(api.client.app, Player) == 5


def test_players_stay_when_their_team_goes(api: Api) -> None:
    team = add(api, "teams", name="Reds")
    player = add(api, "players", name="Ada", team_id=team["id"], jersey_number=8)
    assert api.client.delete(f"/api/teams/{team['id']}", headers=api.headers).status_code == 204
    left = api.client.get(f"/api/players/{player['id']}", headers=api.headers).json()
    assert (left["team_id"], left["jersey_number"]) == (None, 8)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_player_plays_for_teams_of_the_own_club_only(api: Api) -> None:
    own, rival = add(api, "teams", name="Reds"), api.register("rival@example.com")
    foreign = api.client.post("/api/teams", headers=rival, json={"name": "Blues"}).json()
    player = add(api, "players", name="Ada", team_id=own["id"])
    path = f"/api/players/{player['id']}"
    for answer in (
        api.client.post("/api/players", headers=api.headers, json={"name": "Bea", "team_id": foreign["id"]}),
        api.client.post("/api/players", headers=api.headers, json={"name": "Bea", "club_id": foreign["club_id"]}),
        api.client.patch(path, headers=api.headers, json={"team_id": foreign["id"]}),
        api.client.get(path, headers=rival),
        api.client.delete(path, headers=rival),
    ):
        assert_problem(answer, 404, "not_found")
    assert api.client.get(path, headers=api.headers).json() == player


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_member_of_two_clubs_does_not_move_players_between_them(api: Api) -> None:
    """Who sees both clubs still ties no row of the one to a row of the other."""
    own, rival = add(api, "teams", name="Reds"), api.register("rival@example.com")
    foreign = api.client.post("/api/teams", headers=rival, json={"name": "Blues"}).json()
    both = as_role(api, Role.COACH, uuid.UUID(own["club_id"]), uuid.UUID(foreign["club_id"]))
    player = add(api, "players", name="Ada", team_id=own["id"])
    mixed = {"name": "Bea", "team_id": foreign["id"], "club_id": own["club_id"]}
    path = f"/api/players/{player['id']}"
    assert_problem(api.client.patch(path, headers=both, json={"team_id": foreign["id"]}), 404, "not_found")
    assert_problem(api.client.post("/api/players", headers=both, json=mixed), 404, "not_found")
    bea = api.client.post("/api/players", headers=both, json={"name": "Bea", "team_id": foreign["id"]}).json()
    assert bea["club_id"] == foreign["club_id"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_viewers_and_analysts_read_players_and_change_none(api: Api) -> None:
    player = add(api, "players", **WHOLE)
    path = f"/api/players/{player['id']}"
    for role in (Role.VIEWER, Role.ANALYST):
        headers = as_role(api, role, uuid.UUID(player["club_id"]))
        new = {"name": "Bea", "club_id": player["club_id"]}
        assert api.client.get(path, headers=headers).json() == player
        assert_problem(api.client.post("/api/players", headers=headers, json=new), 403, "forbidden")
        assert_problem(api.client.patch(path, headers=headers, json={"name": "Bea"}), 403, "forbidden")
        assert_problem(api.client.delete(path, headers=headers), 403, "forbidden")


# Query, the names that it finds, in order.
LISTS = [
    ("", ["Åsa", "Bea", "Cyd"]),
    ("sort=name", ["Åsa", "Bea", "Cyd"]),
    ("sort=-jersey_number", ["Cyd", "Bea", "Åsa"]),
    ("sort=position,-birth_date", ["Cyd", "Bea", "Åsa"]),
    ("q=as", ["Åsa"]),
    ("position=MID", ["Åsa"]),
    ("position[in]=DEF,MID&sort=jersey_number", ["Åsa", "Bea", "Cyd"]),
    ("jersey_number[gte]=9", ["Bea", "Cyd"]),
    ("jersey_number=9", ["Bea"]),
    ("birth_date[lt]=2001-01-01", ["Bea"]),
    ("birth_date[null]=true", []),
    ("dominant_foot=left", ["Åsa"]),
    ("nationality=Norge", ["Cyd"]),
    ("team_id=00000000-0000-0000-0000-000000000000", []),
    ("team_id[null]=true", ["Åsa", "Bea", "Cyd"]),
    ("created_at[gt]=2020-01-01T00:00:00Z", ["Åsa", "Bea", "Cyd"]),
]


def test_lists_are_filtered_searched_and_sorted(api: Api) -> None:
    mid = {"position": "MID", "jersey_number": 8, "birth_date": "2001-01-01", "dominant_foot": "left"}
    old = {"position": "DEF", "jersey_number": 9, "birth_date": "2000-12-31"}
    new = {"position": "DEF", "jersey_number": 10, "birth_date": "2003-01-01", "nationality": "Norge"}
    for name, values in (("Åsa", mid), ("Bea", old), ("Cyd", new)):
        add(api, "players", name=name, **values)
    for query, names in LISTS:
        answer = api.client.get(f"/api/players?{query}", headers=api.headers)
        assert [row["name"] for row in answer.json()] == names, query
        assert answer.headers["X-Total-Count"] == str(len(names))
    assert_problem(api.client.get("/api/players?image_url=x", headers=api.headers), 422, "parameter_unknown")
