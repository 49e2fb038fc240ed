"""Squads from CSV: a preview, then all rows or none; and an export that imports again."""

import csv
import io
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from app.core.account import Role
from app.models import AuditAction, AuditEntry, Player
from tests.integration.api.conftest import assert_problem, rows
from tests.integration.api.played_match import as_role, counted_statements
from tests.integration.conftest import Api

CSV = {"Content-Type": "text/csv"}
SQUAD = """\
jersey_number,name,position,birth_date,dominant_foot,height_cm,weight_kg,nationality,country_code
1,Bea Okafor,GK,1999-02-11,right,185,,Nigeria,NG
8,Åda Marinho,MID,2001-05-17,left,172,64,Brazil,BR
,"Müller, Gerd",,,,,,,
"""
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def add_team(api: Api, headers: dict[str, str] | None = None, name: str = "Reds") -> dict[str, Any]:
    answer = api.client.post("/api/teams", headers=headers or api.headers, json={"name": name})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def squad(api: Api) -> str:
    """The path of the squad of a team."""
    return f"/api/teams/{add_team(api)['id']}/squad"


def send(api: Api, path: str, text: str) -> Any:
    return api.client.post(path, headers=api.headers | CSV, content=text.encode())


def players(api: Api) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in api.client.get("/api/players", headers=api.headers).json()}


def counts(summary: dict[str, Any]) -> tuple[int, int, int, int]:
    return summary["creates"], summary["updates"], summary["unchanged"], summary["errors"]


def test_a_preview_tells_what_an_import_then_does(api: Api, squad: str) -> None:
    preview = send(api, f"{squad}/preview", SQUAD)
    assert preview.status_code == 200, preview.text
    assert counts(preview.json()) == (3, 0, 0, 0)
    assert preview.json()["rows"][1] == {
        "row": 3,
        "action": "create",
        "player_id": None,
        "player": {
            "jersey_number": 8,
            "name": "Åda Marinho",
            "position": "MID",
            "birth_date": "2001-05-17",
            "dominant_foot": "left",
            "height_cm": 172,
            "weight_kg": 64,
            "nationality": "Brazil",
            "country_code": "BR",
        },
        "changes": [
            {"field": field, "before": None, "after": value}
            for field, value in preview.json()["rows"][1]["player"].items()
        ],
        "errors": [],
    }
    assert players(api) == {}

    audited = rows(api.client.app, AuditEntry)
    imported = send(api, f"{squad}/import", SQUAD).json()
    there = players(api)
    assert {row["player"]["name"]: row["player_id"] for row in imported["rows"]} == {
        name: player["id"] for name, player in there.items()
    }
    assert imported | {"rows": [row | {"player_id": None} for row in imported["rows"]]} == preview.json()
    assert there["Åda Marinho"]["height_cm"] == 172
    assert there["Müller, Gerd"]["team_id"] == squad.split("/")[3]
    assert rows(api.client.app, AuditEntry) == audited + 3


def test_an_import_changes_who_is_there_and_adds_who_is_not(api: Api, squad: str) -> None:
    send(api, f"{squad}/import", SQUAD)
    before, audited = players(api), rows(api.client.app, AuditEntry)
    text = "name;jersey_number;height_cm\nBea Okafor;1;185\nAda Marinho;8;\nmüller, gerd;13;180\nDee;4;\n"
    summary = send(api, f"{squad}/import", text).json()
    assert [row["action"] for row in summary["rows"]] == ["unchanged", "update", "update", "create"]
    assert counts(summary) == (1, 2, 1, 0)
    after = players(api)
    assert after["Bea Okafor"] == before["Bea Okafor"]
    ada = after["Ada Marinho"]
    assert ada == before["Åda Marinho"] | {"name": "Ada Marinho", "height_cm": None, "updated_at": ada["updated_at"]}
    assert after["müller, gerd"]["id"] == before["Müller, Gerd"]["id"]
    assert after["müller, gerd"]["jersey_number"] == 13
    assert summary["rows"][1]["player"]["weight_kg"] == 64  # the file has no such column
    assert [row["changes"] for row in summary["rows"][:2]] == [
        [],
        [
            {"field": "name", "before": "Åda Marinho", "after": "Ada Marinho"},
            {"field": "height_cm", "before": 172, "after": None},
        ],
    ]
    assert rows(api.client.app, AuditEntry) == audited + 3


def test_one_error_keeps_all_rows_out(api: Api, squad: str) -> None:
    send(api, f"{squad}/import", SQUAD)
    before, audited = players(api), rows(api.client.app, AuditEntry)
    text = (
        "jersey_number,name,height_cm,position,birth_date\n"
        "1,Bea OKAFOR,180,GK,\n"  # sound
        "4,New,180,DEF,\n"  # sound
        "4,Twin,99,DEF,\n"
        "8,new,180,DEF,\n"
        "6,,18O,ST,17/05/2001\n"
        "7,Gil,180,DEF,,,x\n"
    )
    wrong = {
        "/rows/4/jersey_number": "is also in row 3",
        "/rows/4/height_cm": "must be between 100 and 250 centimetres",
        "/rows/5/jersey_number": "number 8 belongs to Åda Marinho; give that player another one in the file",
        "/rows/6/name": "must have at least one character that can be seen",
        "/rows/6/height_cm": "must be a whole number",
        "/rows/6/position": "must be GK, DEF, MID or FWD",
        "/rows/6/birth_date": "must be a date such as 2000-05-31, between 1900-01-01 and today",
        "/rows/7": "has more cells than the header has names",
    }
    preview = send(api, f"{squad}/preview", text)
    assert preview.status_code == 200
    assert counts(preview.json()) == (1, 1, 0, 4)
    told = {
        f"/rows/{row['row']}" + (f"/{error['column']}" if error["column"] else ""): error["message"]
        for row in preview.json()["rows"]
        for error in row["errors"]
    }
    assert told == wrong
    refused = send(api, f"{squad}/import", text)
    assert_problem(refused, 422, "squad_invalid")
    assert {error["pointer"]: error["message"] for error in refused.json()["errors"]} == wrong
    assert refused.json()["detail"] == "4 of 6 rows cannot be used, so nothing was imported."
    assert players(api) == before
    assert rows(api.client.app, AuditEntry) == audited


NAMES = [
    "=HYPERLINK(1)",
    "'=x",
    "'t Hooft",
    'Ann "Q", Lee',
    "Danilo",
    "Danilo",
    "Zoë;張偉 ⚽",
    "Ada",
    "ADA",
    "Ådà",
    " x ",
]


def test_an_export_imports_again_without_a_change(api: Api, squad: str) -> None:
    team_id = squad.split("/")[3]
    for number, name in enumerate(NAMES, start=1):
        body = {"name": name, "team_id": team_id, "jersey_number": number if number % 3 else None, "position": "FWD"}
        assert api.client.post("/api/players", headers=api.headers, json=body).status_code == 201
    audited = rows(api.client.app, AuditEntry)
    exported = api.client.get(f"{squad}.csv", headers=api.headers)
    assert exported.status_code == 200
    assert exported.headers["Content-Type"] == "text/csv; charset=utf-8"
    cells = [cell for line in csv.reader(io.StringIO(exported.text, newline="")) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    for step in ("preview", "import"):
        answer = api.client.post(f"{squad}/{step}", headers=api.headers | CSV, content=exported.content)
        assert answer.status_code == 200, answer.text
        assert counts(answer.json()) == (0, 0, len(NAMES), 0)
    assert rows(api.client.app, AuditEntry) == audited
    elsewhere = f"/api/teams/{add_team(api, name='Blues')['id']}/squad/import"
    assert counts(send(api, elsewhere, exported.text).json()) == (len(NAMES), 0, 0, 0)


def test_numbers_change_hands_and_nobody_becomes_somebody_else(api: Api, squad: str) -> None:
    """Row after row is written, and no two players of a team may wear one number meanwhile."""
    send(api, f"{squad}/import", "name,jersey_number\nMatthias Ödegrund,1\nSøren Vinterholt,2\nCyd,3\n")
    before = players(api)
    text = "name,jersey_number\nNew,1\nMatthias Ödegrund,2\nSøren Vinterholt,3\nCyd,\n"
    assert counts(send(api, f"{squad}/import", text).json()) == (1, 3, 0, 0)
    after = players(api)
    assert {name: row["jersey_number"] for name, row in after.items()} == {
        "New": 1,
        "Matthias Ödegrund": 2,
        "Søren Vinterholt": 3,
        "Cyd": None,
    }
    assert {name: row["id"] for name, row in before.items()}.items() < {n: r["id"] for n, r in after.items()}.items()
    with api.client.app.state.parts.database.reading() as session:
        logged = session.scalars(select(AuditEntry).where(AuditEntry.action == AuditAction.UPDATE)).all()
    assert {(entry.before["jersey_number"], entry.after["jersey_number"]) for entry in logged} == {
        (1, 2),
        (2, 3),
        (3, None),
    }


def test_a_number_of_somebody_else_renames_nobody(api: Api, squad: str) -> None:
    send(api, f"{squad}/import", "name,jersey_number\nAda,1\n")
    before = players(api)
    refused = send(api, f"{squad}/import", "name,jersey_number\nCleo,1\n")
    assert_problem(refused, 422, "squad_invalid")
    assert players(api) == before


@one_database
def test_an_export_is_ordered_by_number_and_named_after_the_team(api: Api) -> None:
    team = add_team(api, name='Réd "Stars"; x/y')
    path = f"/api/teams/{team['id']}/squad"
    send(api, f"{path}/import", "name,jersey_number\nNobody,\nTen,10\nTwo,2\n")
    answer = api.client.get(f"{path}.csv", headers=api.headers)
    assert [line.split(",")[:2] for line in answer.content.decode("utf-8-sig").splitlines()[1:]] == [
        ["2", "Two"],
        ["10", "Ten"],
        ["", "Nobody"],
    ]
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"squad.csv\"; filename*=UTF-8''R%C3%A9d%20%22Stars%22%3B%20x%2Fy.csv"
    )
    empty = api.client.get(f"/api/teams/{add_team(api, name='New')['id']}/squad.csv", headers=api.headers)
    assert len(empty.text.splitlines()) == 1
    assert counts(send(api, f"{path}/import", empty.text).json()) == (0, 0, 0, 0)


# How the file comes.
WAYS: dict[str, dict[str, Any]] = {
    "as CSV": {"content": SQUAD.encode(), "headers": CSV},
    "as a file of a form": {"files": {"file": ("squad.csv", SQUAD.encode(), "application/vnd.ms-excel")}},
    "without saying what it is": {"content": SQUAD.encode()},
    "as Excel writes it in Europe": {
        "content": SQUAD.replace('"Müller, Gerd"', "Müller").replace(",", ";").encode("cp1252"),
        "headers": CSV,
    },
}


@pytest.mark.parametrize("way", WAYS)
@one_database
def test_a_file_comes_in_several_ways(api: Api, squad: str, way: str) -> None:
    sent = WAYS[way]
    answer = api.client.post(f"{squad}/import", **(sent | {"headers": sent.get("headers", {}) | api.headers}))
    assert answer.status_code == 200, answer.text
    assert counts(answer.json()) == (3, 0, 0, 0)
    assert {"Bea Okafor", "Åda Marinho"} < set(players(api))


# What is sent, the answer.
REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "nothing": ({"content": b""}, 422, "squad_file_unusable"),
    "no header": ({"content": b"1,Ada\n"}, 422, "squad_file_unusable"),
    "too many rows": ({"content": b"name\n" + b"Ada\n" * 501}, 422, "squad_file_unusable"),
    "too many bytes": ({"content": b"name\n" + b"x" * 2**20}, 413, "request_entity_too_large"),
    "a form without a file": ({"files": {"squad": b"name\nAda\n"}}, 422, "file_missing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(shared_api: Api, case: str) -> None:
    sent, status, code = REFUSED[case]
    path = f"/api/teams/{add_team(shared_api, name=case)['id']}/squad"
    for step in ("preview", "import"):
        answer = shared_api.client.post(f"{path}/{step}", headers=shared_api.headers, **sent)
        assert_problem(answer, status, code)
    assert rows(shared_api.client.app, Player) == 0


@one_database
def test_coaches_import_and_viewers_export(api: Api) -> None:
    team, rival = add_team(api), api.register("rival@example.com")
    path = f"/api/teams/{team['id']}/squad"
    viewer, analyst = (as_role(api, role, uuid.UUID(team["club_id"])) for role in (Role.VIEWER, Role.ANALYST))
    for step in ("preview", "import"):
        for headers, status, code in (
            (viewer, 403, "forbidden"),
            (analyst, 403, "forbidden"),
            (rival, 404, "not_found"),
            ({}, 401, "unauthenticated"),
        ):
            answer = api.client.post(f"{path}/{step}", headers=headers | CSV, content=SQUAD.encode())
            assert_problem(answer, status, code)
    assert players(api) == {}
    assert api.client.get(f"{path}.csv", headers=viewer).status_code == 200
    assert_problem(api.client.get(f"{path}.csv", headers=rival), 404, "not_found")


@one_database
def test_players_of_other_teams_are_left_alone(api: Api, squad: str) -> None:
    other = f"/api/teams/{add_team(api, name='Blues')['id']}/squad"
    send(api, f"{other}/import", SQUAD)
    before = players(api)
    assert counts(send(api, f"{squad}/import", SQUAD).json()) == (3, 0, 0, 0)
    assert counts(send(api, f"{other}/preview", SQUAD).json()) == (0, 0, 3, 0)
    assert {name: row["id"] for name, row in before.items()}.keys() == players(api).keys()


@one_database
def test_a_preview_of_the_largest_file_reads_the_squad_once(api: Api, squad: str) -> None:
    text = "jersey_number,name\n" + "".join(f"{row if row < 100 else ''},Player {row}\n" for row in range(1, 501))
    assert counts(send(api, f"{squad}/import", text).json()) == (500, 0, 0, 0)
    with counted_statements(api.client.app) as statements:
        assert counts(send(api, f"{squad}/preview", text).json()) == (0, 0, 500, 0)
    assert len([statement for statement in statements if "players" in statement]) == 1
