"""The published client's calls, in the order in which its screens make them; every answer must survive its casts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.conftest import SAMPLE_VIDEO
from tests.integration.api.published_client.phone import Phone, picture
from tests.integration.conftest import Api
from tests.waiting import wait_until

Json = Any

STATUS_PATHS = {"G1": "/analyze_status/{}", "G2": "/analysis_status/{}"}
KICK_OFF = "2027-12-24T20:45:00.000"
# The form sends the word of the language that it is shown in.
FEET = {"left": "left", "right": "right", "gauche": "left", "droit": "right", "يسرى": "left", "يمنى": "right"}
NAMES = ("Zoé", "Émile", "Łukasz", "عمر", "Ada", "Björn", "Chloé", "Dário", "Eva", "Fadi", "Gül", "Hugo")
SQUAD = [(name, list(FEET)[index % len(FEET)]) for index, name in enumerate(NAMES)]
PRESET = [f"{x:.4f},{y:.4f}" for x, y in [(0.5, 0.9), *((0.1 * i, 0.7 - 0.05 * i) for i in range(1, 11))]]


@dataclass
class Journey:
    """One coach with one phone, and what the screens have learnt so far."""

    phone: Phone
    status_path: str
    ids: dict[str, str] = field(default_factory=dict)
    players: list[Json] = field(default_factory=list)


def register(journey: Journey) -> None:
    """The register screen logs in at once; then, and at every start, any failure of ``/users/me`` logs out."""
    form = {"email": "coach@example.org", "password": "secret", "full_name": None}
    journey.phone.log_in(journey.phone.post("/register", form, "Token")["access_token"])
    me = journey.phone.get("/users/me", "User")
    assert (me["email"], me["password_hash"]) == ("coach@example.org", "")
    assert journey.phone.failure("POST", "/register", form)[0] == 409


def log_in_again(journey: Journey) -> None:
    """A form without a ``grant_type``; the text of a failure is shown as it is."""
    form = {"username": "coach@example.org", "password": "secret"}
    client = journey.phone.client
    refused = client.post("/api/token", data=form | {"password": "another"})
    assert (refused.status_code, type(refused.json()["detail"])) == (401, str)
    journey.phone.log_in(client.post("/api/token", data=form).json()["access_token"])
    assert journey.phone.get("/users/me", "User")["last_login"] is not None


def set_up_the_team(journey: Journey) -> None:
    phone = journey.phone
    assert phone.get("/teams", "List<Team>") == []
    form = {"name": "Étoile Sportive", "primary_color": "#c8102e", "secondary_color": "", "logo_url": None}
    team = phone.post("/teams", form, "Team")
    assert (team["name"], team["secondary_color"]) == ("Étoile Sportive", None)
    shown(journey, phone.upload(f"/teams/{team['id']}/upload_logo", "image_picker_42.jpg", picture()), "logo_url")
    whole = team | {"user_id": None, "name": "Étoile Sportive 1925", "secondary_color": None, "logo_url": None}
    changed = phone.put(f"/teams/{team['id']}", whole, "Team")
    assert (changed["name"], changed["primary_color"]) == ("Étoile Sportive 1925", "#c8102e")
    assert changed["logo_url"] is not None
    journey.ids["team"] = team["id"]


def add_the_players(journey: Journey) -> None:
    phone = journey.phone
    for number, (name, foot) in enumerate(SQUAD, start=1):
        player = phone.post("/players", player_form(journey, name, number, foot), "Player")
        assert (player["name"], player["dominant_foot"]) == (name, FEET[foot])
        assert (player["birth_date"], player["market_value"]) == ("2000-05-01", 5000000.0)
    journey.players = phone.get("/players", "List<Player>")
    assert [player["name"] for player in journey.players] == list(NAMES)
    first = journey.players[0]
    shown(journey, phone.upload(f"/players/{first['id']}/upload_image", "IMG_0001.HEIC", picture()), "image_url")
    changed = phone.put(
        f"/players/{first['id']}", first | {"weight_kg": 71, "image_url": "", "position": None}, "Player"
    )
    assert (changed["weight_kg"], changed["position"]) == (71, "GK")
    assert changed["image_url"] is not None


def player_form(journey: Journey, name: str, number: int, foot: str) -> Json:
    return {
        "name": name,
        "team_id": journey.ids["team"],
        "position": "GK" if number == 1 else "MID",
        "jersey_number": number,
        "birth_date": "2000-05-01T00:00:00.000",
        "dominant_foot": foot,
        "height_cm": 181,
        "weight_kg": None,
        "nationality": "",
        "country_code": None,
        "image_url": "",
        "market_value": 5000000.0,
    }


def shown(journey: Journey, uploaded: Any, key: str) -> None:
    """An upload succeeds with 200 only; the picture is fetched beside ``/api``, and without the token."""
    assert uploaded.status_code == 200, uploaded.text
    image = journey.phone.client.get(uploaded.json()[key])
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/webp")


def plan_matches(journey: Journey) -> None:
    phone, ids = journey.phone, journey.ids
    assert phone.get("/events", "List<Event>") == []
    ids["event"] = phone.post("/events", {"name": "Coupe de France"}, "Event")["id"]
    assert [event["id"] for event in phone.get("/events", "List<Event>")] == [ids["event"]]

    assert phone.get("/teams", "List<Team>")[0]["id"] == ids["team"]
    assert phone.failure("GET", "/teams/by_name/Rivals%20%26%20Sons")[0] == 404
    opponent = {"name": "Rivals & Sons", "primary_color": None, "secondary_color": None, "logo_url": None}
    ids["opponent"] = phone.post("/teams", opponent, "Team")["id"]
    assert phone.get("/teams/by_name/Rivals%20%26%20Sons", "Team")["id"] == ids["opponent"]

    match = phone.post("/matches", match_form(ids), "Match")
    assert (match["date_time"], match["status"]) == (KICK_OFF, "upcoming")
    assert (match["home_score"], match["away_score"], match["event_name"]) == (0, 0, "Coupe de France")
    ids["match"] = match["id"]
    (listed,) = phone.get("/matches", "List<Match>")
    assert (listed["home_team_name"], listed["away_team_name"]) == ("Étoile Sportive 1925", "Rivals & Sons")
    assert phone.get("/teams", "List<Team>")[0]["id"] == ids["team"]  # "my team" is always the first


def match_form(ids: dict[str, str]) -> Json:
    return {
        "home_team_id": ids["team"],
        "away_team_id": ids["opponent"],
        "date_time": KICK_OFF,
        "status": "upcoming",
        "event_id": ids["event"],
        "home_score": 0,
        "away_score": 0,
    }


def filter_matches(journey: Journey) -> None:
    phone, ids = journey.phone, journey.ids
    other = phone.post("/events", {"name": "Amical"}, "Event")
    assert phone.get(f"/matches?event_id={other['id']}", "List<Match>") == []
    assert len(phone.get(f"/matches?event_id={ids['event']}", "List<Match>")) == 1
    assert len(phone.get("/matches?status=upcoming", "List<Match>")) == 1
    assert phone.get("/matches?status=live", "List<Match>") == []
    phone.delete(f"/events/{other['id']}")
    assert phone.failure("DELETE", f"/events/{other['id']}")[0] == 404


def save_the_line_up(journey: Journey) -> None:
    """The screen first deletes the old places, one by one, and then writes eleven new ones."""
    phone, ids = journey.phone, journey.ids
    formations = {row["name"]: row["id"] for row in phone.get("/formations", "List<Formation>")}
    for formation in ("4-3-3", "4-4-2"):
        for old in phone.get(f"/match_lineups?match_id={ids['match']}", "List<MatchLineup>"):
            phone.delete(f"/match_lineups/{old['id']}")
        assert phone.get(f"/match_lineups?match_id={ids['match']}", "List<MatchLineup>") == []
        for player, place in zip(journey.players, PRESET, strict=False):
            form = line_up_form(journey, player["id"], formations[formation], place)
            assert phone.post("/match_lineups", form, "MatchLineup")["position_in_formation"] == place
        saved = phone.get(f"/match_lineups?match_id={ids['match']}", "List<MatchLineup>")
        assert [row["position_in_formation"] for row in saved] == PRESET
        assert {row["formation_id"] for row in saved} == {formations[formation]}


def line_up_form(journey: Journey, player_id: str, formation_id: str, place: str) -> Json:
    return {
        "id": "",
        "match_id": journey.ids["match"],
        "team_id": journey.ids["team"],
        "formation_id": formation_id,
        "is_starting": True,
        "player_id": player_id,
        "position_in_formation": place,
    }


def upload_and_watch(journey: Journey) -> None:
    """The client never names a match; one is made for the video."""
    phone = journey.phone
    accepted = phone.upload("/analyze_match", "VID_20271224.mp4", SAMPLE_VIDEO.read_bytes())
    assert accepted.status_code in {200, 202}, accepted.text
    journey.ids["analysis"] = accepted.json()["analysis_id"]
    path, seen = journey.status_path.format(journey.ids["analysis"]), []

    def is_over() -> bool:
        status = phone.get(path, "Status")
        assert 0 <= status["progress"] <= 1
        seen.append((status["progress"], status["status"]))
        return status["status"] in {"COMPLETED", "FAILED"}

    wait_until(is_over)
    assert seen == sorted(seen, key=lambda item: item[0])
    assert seen[-1] == (1.0, "COMPLETED")


def the_analyst_enters_figures(journey: Journey) -> None:
    """On the web: the client itself has no form for events and figures."""
    client, ids, player = journey.phone.client, journey.ids, journey.players[0]["id"]
    who = {"match_id": ids["match"], "player_id": player}
    goal = {**who, "event_type": "goal", "minute": 12, "video_time_s": 733.5, "x_m": 94.0, "y_m": 30.5}
    figures = {**who, "minutes_played": 90, "passes": 41, "accurate_passes": 35, "player_xg": 0.42, "rating": 7.5}
    of_team = {"match_id": ids["match"], "team_id": ids["team"], "total_shots": 9, "build_up_patterns": {"left": 4}}
    written = {"match_events": goal, "player_match_statistics": figures, "match_team_statistics": of_team}
    for resource, body in written.items():
        answer = client.post(f"/api/{resource}", json=body, headers=journey.phone.headers)
        assert answer.is_success, answer.text


def look_at_the_match(journey: Journey) -> None:
    """The planned match with a line-up, and the one that the upload made, which has no teams."""
    phone, ids = journey.phone, journey.ids
    matches = {row["id"]: row for row in phone.get("/matches", "List<Match>")}
    assert len(matches) == 2
    (filmed,) = set(matches) - {ids["match"]}
    for match_id, match in matches.items():
        details = phone.get(f"/matches/{match_id}/details", "MatchDetails")
        team_ids = [row["team_id"] for row in details["team_stats"]]
        # The statistics tab takes the first row of each side without looking whether there is one.
        assert details["match_info"]["home_team_id"] in team_ids
        assert details["match_info"]["away_team_id"] in team_ids
        assert len(details["events"]) == (match_id == ids["match"])
        assert phone.get(f"/matches/{match_id}", "Match") == match
        names = [row["name"] for row in details["home_lineup"]["players"]]
        assert names == (list(NAMES[:11]) if match_id == ids["match"] else [])
    assert matches[filmed]["home_team_id"] == matches[filmed]["away_team_id"] == ""
    ids["filmed"] = filmed


def look_at_the_figures(journey: Journey) -> None:
    phone, ids = journey.phone, journey.ids
    figures = phone.get(f"/player_match_statistics?match_id={ids['filmed']}", "List<PlayerMatchStatistics>")
    assert [row["player_id"] for row in figures] == [""] * 4  # nobody has said who the tracks are
    assert len(phone.get("/player_match_statistics", "List<PlayerMatchStatistics>")) == 5
    path = f"/player_match_statistics/player/{journey.players[0]['id']}"
    (entered,) = phone.get(path, "List<PlayerMatchStatistics>")
    assert (entered["match_id"], entered["rating"]) == (ids["match"], 7.5)
    (report,) = phone.get("/analysis_reports", "List<AnalysisReport>")
    assert report["matchId"] == ids["filmed"]


def fill_the_calendar(journey: Journey) -> None:
    phone, ids = journey.phone, journey.ids
    meeting = {"title": "Bilan", "date": KICK_OFF, "location": "Vestiaire", "icon_name": "groups"}
    training = {"title": "Mardi", "date": KICK_OFF, "focus": "", "icon_name": "fitness_center"}
    for path, kind, form in (("/reunions", "Reunion", meeting), ("/training_sessions", "TrainingSession", training)):
        assert phone.get(path, f"List<{kind}>") == []
        written = phone.post(path, form, kind)
        assert {key: written[key] for key in form} == form
        assert phone.get(path, f"List<{kind}>") == [written]
        ids[path] = written["id"]


def delete_things(journey: Journey) -> None:
    phone, ids = journey.phone, journey.ids
    for path, kind in (("/reunions", "Reunion"), ("/training_sessions", "TrainingSession")):
        phone.delete(f"{path}/{ids[path]}")
        assert phone.get(path, f"List<{kind}>") == []
    phone.delete(f"/events/{ids['event']}")
    assert phone.get(f"/matches/{ids['match']}", "Match")["event_name"] is None


SCREENS: tuple[Callable[[Journey], None], ...] = (
    register,
    log_in_again,
    set_up_the_team,
    add_the_players,
    plan_matches,
    filter_matches,
    save_the_line_up,
    upload_and_watch,
    the_analyst_enters_figures,
    look_at_the_match,
    look_at_the_figures,
    fill_the_calendar,
)

LISTS = {
    "/teams": "Team",
    "/players": "Player",
    "/events": "Event",
    "/matches": "Match",
    "/match_lineups": "MatchLineup",
    "/player_match_statistics": "PlayerMatchStatistics",
    "/analysis_reports": "AnalysisReport",
    "/reunions": "Reunion",
    "/training_sessions": "TrainingSession",
}


def another_client_reads_the_same(journey: Journey) -> None:
    """Without the headers that give the client away, only what has nulls is another answer."""
    for path, kind in LISTS.items():
        plain = journey.phone.client.get(f"/api{path}", headers=journey.phone.headers).json()
        if path not in {"/matches", "/player_match_statistics"}:
            assert plain == journey.phone.get(path, f"List<{kind}>"), path
    planned = f"/matches/{journey.ids['match']}"
    plain = journey.phone.client.get(f"/api{planned}", headers=journey.phone.headers).json()
    assert plain == journey.phone.get(planned, "Match")


def a_stranger_sees_nothing(journey: Journey) -> None:
    stranger, ids = Phone(journey.phone.client), journey.ids
    form = {"email": "rival@example.org", "password": "secret", "full_name": "Rival"}
    stranger.log_in(stranger.post("/register", form, "Token")["access_token"])
    for path, kind in LISTS.items():
        assert journey.phone.get(path, f"List<{kind}>") != [], path
        assert stranger.get(path, f"List<{kind}>") == [], path
    for path, body in foreign_paths(journey).items():
        method, _, rest = path.partition(" ")
        assert stranger.failure(method, rest, body)[0] == 404, path
    assert stranger.get(f"/match_lineups?match_id={ids['match']}", "List<MatchLineup>") == []
    assert stranger.get(f"/matches?event_id={ids['event']}", "List<Match>") == []


def foreign_paths(journey: Journey) -> dict[str, Json]:
    ids, player = journey.ids, journey.players[0]["id"]
    lineup = journey.phone.get(f"/match_lineups?match_id={ids['match']}", "List<MatchLineup>")[0]["id"]
    gets = [
        *(f"GET {path.format(ids[name])}" for path in STATUS_PATHS.values() for name in ("analysis", "filmed")),
        f"GET /analysis/{ids['analysis']}/status",
        f"GET /teams/{ids['team']}",
        "GET /teams/by_name/Rivals%20%26%20Sons",
        f"GET /matches/{ids['match']}",
        f"GET /matches/{ids['filmed']}/details",
        f"GET /player_match_statistics/player/{player}",
    ]
    deletes = [
        f"DELETE /match_lineups/{lineup}",
        f"DELETE /events/{ids['event']}",
        f"DELETE /reunions/{ids['/reunions']}",
        f"DELETE /training_sessions/{ids['/training_sessions']}",
    ]
    writes = {
        f"PUT /teams/{ids['team']}": {"name": "Taken"},
        f"PUT /players/{player}": {"name": "Taken"},
        "POST /matches": match_form(ids),
        "POST /players": player_form(journey, "Spy", 77, "left"),
    }
    return dict.fromkeys([*gets, *deletes]) | writes


@pytest.mark.parametrize("generation", STATUS_PATHS)
def test_the_screens_work_one_after_the_other(make_api: Callable[..., Api], generation: str) -> None:
    journey = Journey(Phone(make_api().client), STATUS_PATHS[generation])
    for screen in SCREENS:
        screen(journey)
    another_client_reads_the_same(journey)
    a_stranger_sees_nothing(journey)
    delete_things(journey)
