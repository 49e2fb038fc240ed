"""Every operation of the OpenAPI document, with data that fit it and data that do not (schemathesis)."""

import json
import os
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario

from scripts.make_openapi import render
from tests.fuzz.fuzzed_api import OWNERS_TOKEN, FuzzedApi, fuzzed_api

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
"""How many examples of each operation; without it, a few in every run, and always the same ones: see ``make fuzz``."""

# Which data that fit their schema an operation may refuse, because JSON Schema cannot say the rule.
RULES: dict[str, str] = {
    "POST /api/analyze_match": "the file is a video",
    "POST /api/calibrations": "the points determine a camera, and suit the video",
    "POST /api/clubs/{club_id}/invitations": "the domain of the address takes mail: not test, not localhost",
    "POST /api/register": "as above",
    "POST /api/formations": "no two players stand on one spot, and the name does not contradict the positions",
    "PATCH /api/formations/{formation_id}": "as above",
    "POST /api/match_events": "the place lies on the pitch, and the player plays in the match",
    "PATCH /api/match_events/{event_id}": "as above",
    "POST /api/match_lineups": "the teams play in the match, the players for them, each stands on the sheet once",
    "PUT /api/match_lineups/{lineup_id}": "as above",
    "POST /api/matches": "home and away are two teams",
    "PATCH /api/matches/{match_id}": "as above",
    "POST /api/match_team_statistics": "the team plays in the match, and a part is not larger than the whole",
    "PATCH /api/match_team_statistics/{statistics_id}": "as above",
    "POST /api/player_match_statistics": "the player plays in the match, and a part is not larger than the whole",
    "PATCH /api/player_match_statistics/{statistics_id}": "as above",
    "POST /api/players": "nobody was born after today",
    "PATCH /api/players/{player_id}": "as above",
    "PUT /api/players/{player_id}": "as above",
    "POST /api/players/{player_id}/upload_image": "the file is a picture",
    "POST /api/reunions": "the day is one of the calendar",
    "PATCH /api/reunions/{reunion_id}": "as above",
    "POST /api/training_sessions": "as above",
    "PATCH /api/training_sessions/{training_session_id}": "as above",
    "POST /api/teams/{team_id}/squad/import": "the file is a table of players",
    "POST /api/teams/{team_id}/squad/preview": "as above",
    "POST /api/teams/{team_id}/upload_logo": "the file is a picture",
    "POST /api/video_segments": "the end is after the start, and in the video",
    "PATCH /api/video_segments/{segment_id}": "as above",
    "POST /api/webhooks": "the URL has a host, no credentials, and no address of a private network",
    "PATCH /api/webhooks/{webhook_id}": "as above",
    "GET /api/analysis_reports/{report_id}/ball_positions": "a cursor is one that the server has made",
}
# What schemathesis takes for acceptance by itself, and 410 and 412: no schema says what is gone, or which entity tag is
# the current one.
_ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "410", "412", "429", "5xx"]
_REFUSED = ["415", "422"]
_FIRST_CASES, _EVERY_NTH_CASE = 8, 40  # of the systematic ones, which are many hundreds for a list

document = json.loads(render())
# Lists with hundreds of systematic cases each, of which a short run tries none: they are all made in the same way.
_WIDE = [
    f"GET {path}"
    for path, item in document["paths"].items()
    if EXAMPLES is None and len(item.get("get", {}).get("parameters", [])) > 15
]
config = SchemathesisConfig.from_dict(
    {
        "generation": {"max-examples": int(EXAMPLES or 5), "deterministic": EXAMPLES is None},
        "checks": {"positive_data_acceptance": {"expected-statuses": _ACCEPTED}},
        "operations": [
            {
                "include-name": name,
                "checks": {"positive_data_acceptance": {"expected-statuses": [*_ACCEPTED, *_REFUSED]}},
            }
            for name in RULES
        ]
        + [{"include-name": name, "phases": {"coverage": {"enabled": False}}} for name in _WIDE],
    }
)
schema = schemathesis.openapi.from_dict(document, config=config)


@pytest.fixture(scope="module", params=["sqlite"] if EXAMPLES is None else ["sqlite", "mariadb"])
def api(request: pytest.FixtureRequest) -> Iterator[FuzzedApi]:
    with tempfile.TemporaryDirectory() as directory, fuzzed_api(request.param, Path(directory)) as made:
        yield made


@schema.auth(refresh_interval=None)
class Owner:
    """The owner of the club speaks in every case that does not try without."""

    def get(self, case: schemathesis.Case, context: schemathesis.AuthContext) -> str:
        return OWNERS_TOKEN

    def set(self, case: schemathesis.Case, data: str, context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


def use_existing_rows(api: FuzzedApi, case: schemathesis.Case) -> None:
    """Two of three ids become the id of a row that exists: with others, the request would end at "not found"."""
    for values in (case.path_parameters, case.query):
        if values:
            values.update(api.with_existing_ids(case.operation.path, values))
    tag = case.headers.get("If-Match")
    if tag is not None and zlib.crc32(str(tag).encode()) % 3:
        case.headers["If-Match"] = "*"
    body = api.with_existing_ids(case.operation.path, case.body)
    if body != case.body:
        case.body = body


def is_chosen(case: schemathesis.Case, counter: Counter[str]) -> bool:
    """Whether to try a case in a short run: of the systematic ones, the first, some of the others, and all methods."""
    systematic = case.meta is not None and isinstance(case.meta.phase.data, CoveragePhaseData)
    if EXAMPLES or not systematic or case.meta.phase.data.scenario is CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        return True
    counter[case.operation.label] += 1
    number = counter[case.operation.label]
    return number <= _FIRST_CASES or number % _EVERY_NTH_CASE == 0


@pytest.fixture(scope="module")
def counter() -> Counter[str]:
    return Counter()


@schema.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_to_its_document(case: schemathesis.Case, api: FuzzedApi, counter: Counter[str]) -> None:
    if not is_chosen(case, counter):
        return
    use_existing_rows(api, case)
    answer = case.call(app=api)
    try:
        case.validate_response(answer, transport_kwargs={"app": api})
    finally:
        if answer.status_code < 300 and case.method != "GET":
            api.fresh.restore()


def test_every_rule_is_of_an_operation_that_exists() -> None:
    assert set(RULES) <= {operation.ok().label for operation in schema.get_all_operations()}
