"""What FastAPI does not put into its OpenAPI document: headers that endpoints set themselves, and nulls in examples."""

from dataclasses import dataclass
from typing import Any

from app.api.conditional import is_read_as_made
from app.api.examples import examples_of_answers
from app.api.idempotency import KEY_PARAMETER, REPLAYED
from app.api.problems import PROBLEM_ANSWER
from app.schemas.analysis_report import AnalysisReportRead
from app.schemas.ball_position import BallPositionRead
from app.schemas.job import JobRead
from app.schemas.match_team_statistics import MatchTeamStatisticsRead
from app.schemas.player_figures import PlayerFiguresRead
from app.schemas.player_match_statistics import PlayerMatchStatisticsRead
from app.schemas.track_link import TrackLinkRead
from app.schemas.video import VideoRead
from app.schemas.video_segment import VideoSegmentRead
from app.schemas.webhook_message import JobEndedMessage

_WITH_NULLS = (
    AnalysisReportRead,
    JobRead,
    PlayerMatchStatisticsRead,
    BallPositionRead,
    MatchTeamStatisticsRead,
    PlayerFiguresRead,
    TrackLinkRead,
    VideoSegmentRead,
    JobEndedMessage,
    VideoRead,
)


_IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "`ETag` of an earlier answer: if it is still current, the answer is 304, without a body.",
    "schema": {"type": "string"},
}


@dataclass(frozen=True, slots=True)
class Header:
    """A header of an answer. ``kind`` is a JSON Schema type; without ``always`` some answers lack the header."""

    name: str
    description: str
    kind: str = "string"
    always: bool = True


TOTAL_COUNT = Header("X-Total-Count", "Rows in all, on this page or not.", kind="integer")
LINK = Header("Link", "RFC 8288: the pages `first`, `last` and, where there is one, `prev` and `next`.")
ETAG = Header("ETag", "Names this state; for `If-None-Match` and `If-Match` (RFC 9110).", always=False)
LOCATION = Header("Location", "Path of what was made.")
_WAS_REPLAYED = Header(REPLAYED, "`true`: the answer is that of an earlier request with this key.", always=False)
RETRY_AFTER = Header("Retry-After", "Seconds to wait before asking again.", "integer", always=False)

TAGS = [
    {"name": "accounts", "description": "Register first: everything else needs the token."},
    {"name": "sessions", "description": "Log in, stay logged in, log out."},
    {"name": "analysis", "description": "Upload a match video, follow its job, read the report."},
    {"name": "statistics", "description": "What was measured or entered, per player, track and team."},
    {"name": "matches", "description": "Matches, with their sheet and figures in one answer."},
    {"name": "match events", "description": "Goals, cards, substitutions."},
    {"name": "line-ups", "description": "Who began where."},
    {"name": "formations", "description": "How teams stand."},
    {"name": "videos", "description": "Footage, clips of it, and how its cameras see the pitch."},
    {"name": "competitions", "description": "Leagues and cups."},
    {"name": "teams", "description": "Teams and their logos."},
    {"name": "players", "description": "Players and their pictures."},
    {"name": "squads", "description": "A whole squad as CSV, in and out."},
    {"name": "staff", "description": "Coaches, physiotherapists and others of a team."},
    {"name": "clubs", "description": "Who may do what, and who did."},
    {"name": "personal data", "description": "Give out, or forget, what is held about somebody."},
    {"name": "webhooks", "description": "Messages to a server of yours when a job ends."},
    {"name": "health", "description": "For load balancers, orchestrators and Prometheus."},
    {"name": "published client", "description": "What old versions of the mobile app need, and new clients do not."},
    {"name": "calendar", "description": "Meetings and training, as old versions of the mobile app know them."},
]
"""In the order in which somebody who is new here would read them."""


def answer_headers(*headers: Header, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route, for the answer with ``status``; merge it with those of its problems."""
    return {status: {"headers": {header.name: _header_object(header) for header in headers}}}


def restore_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Write the examples of answers: FastAPI drops every null of its document, also where one is required."""
    for model in _WITH_NULLS:
        written: Any = model.model_config["json_schema_extra"]
        document["components"]["schemas"][model.__name__]["examples"] = written["examples"]
    for name, examples in examples_of_answers().items():
        document["components"]["schemas"][name]["examples"] = examples
    return document


def describe_entity_tags(document: dict[str, Any]) -> dict[str, Any]:
    """Say of every JSON answer to a read that it has an ``ETag``, and may be 304; and of what is made the former."""
    for path, item in document["paths"].items():
        headers = item.get("post", {}).get("responses", {}).get("201", {}).get("headers", {})
        if "Location" in headers and is_read_as_made(path):
            headers["ETag"] = _header_object(ETAG)
    for operation in (path["get"] for path in document["paths"].values() if "get" in path):
        answer = operation["responses"].get("200", {})
        if "application/json" not in answer.get("content", {}):
            continue
        answer.setdefault("headers", {})["ETag"] = _header_object(ETAG)
        operation["responses"]["304"] = {"description": "What `If-None-Match` names is still what would be answered."}
        operation.setdefault("parameters", []).append(_IF_NONE_MATCH)
    return document


def describe_idempotency_keys(document: dict[str, Any]) -> dict[str, Any]:
    """Say of every operation that honours a key what may come of it."""
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        if KEY_PARAMETER not in operation.get("parameters", []):
            continue
        (success,) = (status for status in operation["responses"] if status.startswith("2"))
        operation["responses"][success].setdefault("headers", {})[REPLAYED] = _header_object(_WAS_REPLAYED)
        conflict = operation["responses"].setdefault("409", PROBLEM_ANSWER | {"description": "Conflict"})
        conflict.setdefault("headers", {})[RETRY_AFTER.name] = _header_object(RETRY_AFTER)
    return document


def describe_parameters(document: dict[str, Any]) -> dict[str, Any]:
    """Say nothing of null: a parameter that need not be there is left out."""
    operations = (operation for path in document["paths"].values() for operation in path.values())
    for parameter in (parameter for operation in operations for parameter in operation.get("parameters", [])):
        schema = parameter["schema"]
        choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
        if len(choices) == 1:
            del schema["anyOf"]
            schema |= choices[0]
    return document


def _header_object(header: Header) -> dict[str, Any]:
    return {"description": header.description, "required": header.always, "schema": {"type": header.kind}}
