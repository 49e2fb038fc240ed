"""Figures of teams: one row for a match and a team, and no more possession than there is."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.core.account import Role
from tests.integration.api.conftest import assert_problem
from tests.integration.api.played_match import PlayedMatch, as_role, counted_statements, play_match
from tests.integration.conftest import Api

PATH = "/api/match_team_statistics"
Json = Any


@pytest.fixture
def match(shared_api: Api) -> PlayedMatch:
    return play_match(shared_api.client.app)


def enter(api: Api, match: PlayedMatch, team_id: uuid.UUID | None = None, **figures: object) -> Json:
    body = {"match_id": str(match.match_id), "team_id": str(team_id or match.home_id), **figures}
    return api.client.post(PATH, headers=api.headers, json=body)


def patch(api: Api, row_id: str, **changes: object) -> Json:
    return api.client.patch(f"{PATH}/{row_id}", headers=api.headers, json=changes)


def nested(levels: int) -> Json:
    value: Json = {}
    for _ in range(levels - 1):
        value = {"in": value}
    return value


def test_figures_of_a_team_are_written_read_changed_and_deleted(api: Api) -> None:
    match = play_match(api.client.app)
    zones = {"zones": [{"x": 0.25, "name": "Özil's", "none": None}], "empty": {}}
    answer = enter(api, match, possession_percentage=55.5, total_shots=9, high_turnover_zones_data=zones)
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert (row["high_turnover_zones_data"], row["corners"], row["build_up_patterns"]) == (zones, None, None)
    path = answer.headers["Location"]
    assert api.client.get(path, headers=api.headers).json() == row
    changed = patch(api, row["id"], corners=4, high_turnover_zones_data=None).json()
    assert changed == row | {"corners": 4, "high_turnover_zones_data": None, "updated_at": changed["updated_at"]}
    assert api.client.get(f"{PATH}?match_id={match.match_id}", headers=api.headers).json() == [changed]
    assert api.client.delete(path, headers=api.headers).status_code == 204
    assert_problem(api.client.get(path, headers=api.headers), 404, "not_found")


def test_a_team_has_one_row_in_a_match(api: Api) -> None:
    match = play_match(api.client.app)
    assert enter(api, match).status_code == 201
    answer = enter(api, match)
    assert_problem(answer, 409, "already_exists")
    assert answer.json()["errors"][0]["pointer"] == "/team_id"
    assert enter(api, match, match.away_id).status_code == 201


def test_the_team_must_play_in_the_match(shared_api: Api, match: PlayedMatch) -> None:
    answer = enter(shared_api, match, match.third_id)
    assert_problem(answer, 422, "team_not_in_match")
    assert answer.json()["errors"][0]["pointer"] == "/team_id"


def test_a_match_whose_teams_nobody_has_entered_has_figures_of_two_teams_at_most(shared_api: Api) -> None:
    match = play_match(shared_api.client.app, with_teams=False)
    assert enter(shared_api, match, match.third_id).status_code == 201
    assert enter(shared_api, match, match.home_id).status_code == 201
    assert_problem(enter(shared_api, match, match.away_id), 422, "team_not_in_match")


def test_the_two_teams_share_the_possession(shared_api: Api, match: PlayedMatch) -> None:
    home = enter(shared_api, match, possession_percentage=33.4).json()
    answer = enter(shared_api, match, match.away_id, possession_percentage=67.0)
    assert_problem(answer, 422, "possession_over_100")
    assert answer.json()["errors"] == [{"pointer": "/possession_percentage", "message": "is more than 66.6"}]
    away = enter(shared_api, match, match.away_id, possession_percentage=66.6).json()
    assert_problem(patch(shared_api, home["id"], possession_percentage=33.5), 422, "possession_over_100")
    assert patch(shared_api, away["id"], possession_percentage=None).status_code == 200
    assert patch(shared_api, home["id"], possession_percentage=100.0).status_code == 200
    assert patch(shared_api, away["id"], corners=3).status_code == 200
    assert_problem(patch(shared_api, away["id"], possession_percentage=0.5), 422, "possession_over_100")


def test_two_who_enter_possession_at_once_see_each_other(api: Api) -> None:
    match = play_match(api.client.app)
    teams = (match.home_id, match.away_id)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda team: enter(api, match, team, possession_percentage=60.0), teams))
    assert sorted(answer.status_code for answer in answers) == [201, 422]


def test_shots_on_target_are_shots_also_after_a_change(shared_api: Api, match: PlayedMatch) -> None:
    assert_problem(enter(shared_api, match, total_shots=3, shots_on_target=4), 422, "figures_contradict")
    row = enter(shared_api, match, total_shots=4, shots_on_target=4).json()
    answer = patch(shared_api, row["id"], total_shots=3)
    assert_problem(answer, 422, "figures_contradict")
    assert answer.json()["errors"][0]["pointer"] == "/shots_on_target"
    assert patch(shared_api, row["id"], total_shots=3, shots_on_target=0).status_code == 200


@pytest.mark.parametrize(
    ("figures", "pointer"),
    [
        ({"possession_percentage": 100.1}, "/possession_percentage"),
        ({"possession_percentage": -0.1}, "/possession_percentage"),
        ({"total_shots": 1001}, "/total_shots"),
        ({"pressures": 10_001}, "/pressures"),
        ({"corners": 1.5}, "/corners"),
        ({"build_up_patterns": "text"}, "/build_up_patterns"),
        ({"build_up_patterns": [1, 2]}, "/build_up_patterns"),
        ({"build_up_patterns": {"text": "x" * 100_000}}, "/build_up_patterns"),
        ({"build_up_patterns": {"text": "ö" * 50_000}}, "/build_up_patterns"),  # two bytes each
        ({"build_up_patterns": nested(21)}, "/build_up_patterns"),
    ],
)
def test_figures_out_of_their_bounds_are_refused(
    shared_api: Api, match: PlayedMatch, figures: Json, pointer: str
) -> None:
    answer = enter(shared_api, match, **figures)
    assert_problem(answer, 422, "validation_failed")
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "text",
    [
        '{"figure": NaN}',
        '{"figure": 1e999}',
        '{"half a character": "\\ud800"}',
        '{"\\udfff": 1}',
        pytest.param("[" * 900 + "]" * 900, id="deep list"),
    ],
)
def test_what_no_database_can_store_is_refused(shared_api: Api, match: PlayedMatch, text: str) -> None:
    ids = f'"match_id": "{match.match_id}", "team_id": "{match.home_id}"'
    body = f'{{{ids}, "transition_speed_data": {{"in": {text}}}}}'
    headers = shared_api.headers | {"Content-Type": "application/json"}
    answer = shared_api.client.post(PATH, headers=headers, content=body)
    assert_problem(answer, 422, "validation_failed")


def test_the_largest_and_deepest_object_is_stored(api: Api) -> None:
    match = play_match(api.client.app)
    text = {"text": "x" * (100_000 - len('{"text":""}'))}
    assert len(json.dumps(text, separators=(",", ":"))) == 100_000
    answer = enter(api, match, build_up_patterns=text, defensive_block_patterns=nested(20))
    assert answer.status_code == 201, answer.text
    read = api.client.get(answer.headers["Location"], headers=api.headers).json()
    assert (read["build_up_patterns"], read["defensive_block_patterns"]) == (text, nested(20))


def test_what_another_club_has_does_not_exist(shared_api: Api, other_club: dict[str, str], match: PlayedMatch) -> None:
    theirs = play_match(shared_api.client.app, "rival@example.com")
    row = enter(shared_api, match).json()
    assert_problem(enter(shared_api, theirs), 404, "not_found")
    assert_problem(enter(shared_api, match, theirs.home_id), 404, "not_found")
    for method in ("GET", "PATCH", "DELETE"):
        answer = shared_api.client.request(method, f"{PATH}/{row['id']}", headers=other_club, json={})
        assert_problem(answer, 404, "not_found")
    listed = shared_api.client.get(f"{PATH}?match_id={match.match_id}", headers=other_club)
    assert (listed.json(), listed.headers["X-Total-Count"]) == ([], "0")


def test_a_viewer_reads_figures_only(shared_api: Api, match: PlayedMatch) -> None:
    viewer = as_role(shared_api, Role.VIEWER, match.club_id)
    row = enter(shared_api, match).json()
    assert shared_api.client.get(f"{PATH}/{row['id']}", headers=viewer).status_code == 200
    body = {"match_id": str(match.match_id), "team_id": str(match.away_id)}
    for answer in (
        shared_api.client.post(PATH, headers=viewer, json=body),
        shared_api.client.patch(f"{PATH}/{row['id']}", headers=viewer, json={"corners": 1}),
        shared_api.client.delete(f"{PATH}/{row['id']}", headers=viewer),
    ):
        assert_problem(answer, 403, "forbidden")


def test_a_change_is_refused_when_somebody_was_quicker(shared_api: Api, match: PlayedMatch) -> None:
    path = enter(shared_api, match).headers["Location"]
    headers = shared_api.headers | {"If-Match": shared_api.client.get(path, headers=shared_api.headers).headers["ETag"]}
    assert shared_api.client.patch(path, headers=headers, json={"corners": 1}).status_code == 200
    assert_problem(shared_api.client.patch(path, headers=headers, json={"corners": 2}), 412, "precondition_failed")


def test_a_list_costs_one_statement(shared_api: Api, match: PlayedMatch) -> None:
    enter(shared_api, match)
    enter(shared_api, match, match.away_id)
    with counted_statements(shared_api.client.app) as statements:
        assert len(shared_api.client.get(f"{PATH}?limit=2", headers=shared_api.headers).json()) == 2
    assert len(statements) == 1, statements
