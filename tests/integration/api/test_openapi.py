"""The OpenAPI document: sound in itself, and true of what the API really answers."""

import json
import re
import string
import uuid
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel, TypeAdapter

from app.api.rate_limit import UNLIMITED
from app.models import AnalysisReport
from app.services.calibrate_camera import CalibrationPoints
from tests.conftest import SAMPLE_CALIBRATION, SAMPLE_VIDEO
from tests.integration.conftest import Api
from tests.waiting import finished_job

Json = Any
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REF = "#/components/schemas/"


@pytest.fixture(scope="module")
def document(shared_api: Api) -> Json:
    described: Json = shared_api.client.get("/openapi.json").json()
    return described


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def named_operations(document: Json) -> dict[str, Json]:
    return {operation["operationId"]: operation for _, _, operation in operations(document)}


def nodes(value: Json) -> Iterator[Json]:
    """Every object in a JSON value, the outermost first."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(item)


def models(base: type[BaseModel] = BaseModel) -> dict[str, type[BaseModel]]:
    """The application's Pydantic models by the name that they have in the document."""
    found = {}
    for model in base.__subclasses__():
        if model.__module__.startswith("app."):
            found[model.__name__] = model
        found |= models(model)
    return found


def adapter_of(schema: Json) -> TypeAdapter[Any]:
    """The Pydantic type of a schema that is a reference, or a list of references."""
    if schema.get("type") == "array":
        row = models()[schema["items"]["$ref"].removeprefix(_REF)]
        return TypeAdapter(list[row])
    return TypeAdapter(models()[schema["$ref"].removeprefix(_REF)])


def undescribed(value: object) -> Iterator[str]:
    """Keys that a model took without knowing them."""
    if isinstance(value, BaseModel):
        yield from value.model_extra or ()
        for name in type(value).model_fields:
            yield from undescribed(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            yield from undescribed(item)


def assert_described(value: Json, adapter: TypeAdapter[Any]) -> None:
    """It validates, and every key and every value of it is one that the model names."""
    parsed = adapter.validate_json(json.dumps(value))
    assert adapter.dump_python(parsed, mode="json", exclude_unset=True) == value
    assert list(undescribed(parsed)) == []


def analyse(api: Api, **fields: str) -> Json:
    """The job of the sample video, after its end."""
    with SAMPLE_VIDEO.open("rb") as video:
        accepted = api.client.post("/api/analyze_match", headers=api.headers, files={"file": video}, data=fields)
    assert accepted.status_code == 202, accepted.text
    return finished_job(api.client, api.headers, accepted.json()["job_id"])


def test_the_document_is_openapi_3_1_and_every_reference_leads_somewhere(document: Json) -> None:
    assert document["openapi"].startswith("3.1.")
    assert {"title", "version"} <= set(document["info"])
    references = [node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)]
    assert len(references) > 50
    for reference in references:
        target = document
        for key in reference.removeprefix("#/").split("/"):
            assert key in target, reference
            target = target[key]


def test_every_operation_has_a_name_of_its_own_a_summary_a_description_and_a_tag(document: Json) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names) >= 15
    for path, method, operation in operations(document):
        assert operation.get("summary"), (method, path)
        assert operation.get("description"), (method, path)
        assert operation.get("tags"), (method, path)


def test_the_groups_are_told_in_the_order_of_reading(document: Json) -> None:
    """A page that shows groups in the order of routes begins with those that nobody new should use."""
    told = [tag["name"] for tag in document["tags"]]
    used = {tag for path in document["paths"].values() for operation in path.values() for tag in operation["tags"]}
    assert (told[0], set(told)) == ("accounts", used)
    assert all(tag["description"].endswith(".") for tag in document["tags"])


def test_the_address_of_the_server_leads_to_its_documentation(shared_api: Api) -> None:
    assert shared_api.client.get("/").url.path == "/docs"


def test_the_parameters_of_every_path_are_declared(document: Json) -> None:
    for path, method, operation in operations(document):
        declared = {item["name"] for item in operation.get("parameters", ()) if item["in"] == "path"}
        assert declared == {name for _, name, _, _ in string.Formatter().parse(path) if name}, (method, path)
        assert all(item["required"] for item in operation.get("parameters", ()) if item["in"] == "path")


def test_every_operation_documents_one_success_and_its_problems(document: Json) -> None:
    for path, method, operation in operations(document):
        answers = operation["responses"]
        success, *others = (status for status in answers if status.startswith("2"))
        assert others == {"followJob": ["204"], "getJobPreview": ["206"]}.get(operation["operationId"], [])
        content = answers[success].get("content", {})
        assert bool(content) is (success != "204"), (method, path)
        assert all(media["schema"] for media in content.values()), (method, path)
        expected = (
            {"422", "500"} | ({"401"} if "security" in operation else set()) | ({"404"} if "{" in path else set())
        )
        assert expected <= set(answers), (method, path)
        assert all(answers[status]["content"] == PROBLEM for status in expected), (method, path)
        assert ("429" in answers) is (path not in UNLIMITED), (method, path)
        own = [answer for status, answer in answers.items() if status != "429"]
        assert all(answer["description"] for answer in own), (method, path)


def test_the_answer_to_one_request_too_many_is_documented_once(document: Json) -> None:
    answer = document["components"]["responses"]["RateLimited"]
    assert answer["content"] == PROBLEM
    assert set(answer["headers"]) == {"RateLimit", "RateLimit-Policy", "Retry-After"}
    used = {str(operation["responses"].get("429")) for _, _, operation in operations(document)}
    assert used == {str({"$ref": "#/components/responses/RateLimited"}), "None"}


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_documentation_pages_need_no_other_host(shared_api: Api, path: str) -> None:
    page = shared_api.client.get(path).text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert assets
    for asset in assets:
        assert asset.startswith("/"), asset
        assert shared_api.client.get(asset).status_code == 200


HEADERS: dict[str, tuple[str, set[str]]] = {
    "getJob": ("200", {"ETag", "Retry-After"}),
    "analyzeMatch": ("202", {"Idempotency-Replayed", "Location", "Retry-After"}),
    "listFormations": ("200", {"ETag", "Link", "X-Total-Count"}),
    "listMatches": ("200", {"ETag", "Link", "X-Total-Count"}),
    "listPlayerMatchStatistics": ("200", {"ETag", "Link", "X-Total-Count"}),
    "listMatchLineups": ("200", {"ETag", "Link", "X-Total-Count"}),
    "createMatchLineup": ("201", {"Idempotency-Replayed", "Location"}),
    "createMatch": ("201", {"ETag", "Idempotency-Replayed", "Location"}),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_a_client_needs_are_documented(document: Json, name: str) -> None:
    status, headers = HEADERS[name]
    documented = named_operations(document)[name]["responses"][status]["headers"]
    assert set(documented) == headers
    assert all(header["description"] and header["schema"]["type"] for header in documented.values())


def has_example(document: Json, media: Json) -> bool:
    if "example" in media:
        return True
    schema = media["schema"]
    schema = schema["items"] if schema.get("type") == "array" else schema
    branches = schema.get("oneOf") or schema.get("anyOf") or [schema]
    return all(
        "examples" in document["components"]["schemas"][name.get("$ref", "").rpartition("/")[2]] for name in branches
    )


def test_every_body_but_a_file_has_an_example(document: Json) -> None:
    for path, method, operation in operations(document):
        for kind, media in operation.get("requestBody", {}).get("content", {}).items():
            assert kind == "multipart/form-data" or has_example(document, media), (method, path, kind)


def test_every_answer_but_a_film_or_an_archive_has_an_example(document: Json) -> None:
    """Problems, too."""
    answers = [
        (path, method, status, media)
        for path, method, operation in operations(document)
        for status, answer in operation["responses"].items()
        for kind, media in answer.get("content", {}).items()
        if not kind.startswith(("video/", "application/zip"))
    ]
    assert len(answers) > 500
    assert [answer[:3] for answer in answers if not has_example(document, answer[3])] == []


def test_every_example_is_one_that_its_schema_describes(document: Json) -> None:
    examples = {
        name: schema["examples"] for name, schema in document["components"]["schemas"].items() if "examples" in schema
    }
    assert {"AnalysisReportRead", "FormationCreate", "JobRead", "PlayerMatchStatisticsRead"} <= set(examples)
    assert [example["status"] for example in examples["JobRead"]] == ["COMPLETED", "PROCESSING", "FAILED"]
    for name, values in examples.items():
        for value in values:
            assert_described(value, TypeAdapter(models()[name]))


def test_the_calibration_in_the_example_of_an_upload_is_a_valid_one(document: Json) -> None:
    body = named_operations(document)["analyzeMatch"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    (example,) = body["properties"]["calibration"]["examples"]
    assert len(CalibrationPoints.model_validate_json(example).points) >= 4


ABSENT = {"getLineupOfMatch"}  # a 404: nobody has written a line-up


@pytest.mark.parametrize("calibrated", [True, False])
def test_the_answers_about_a_finished_analysis_are_as_documented(api: Api, document: Json, *, calibrated: bool) -> None:
    job = analyse(api, **({"calibration": SAMPLE_CALIBRATION.read_text()} if calibrated else {}))
    assert job["status"] == "COMPLETED"
    ids = {name: job[name] for name in ("job_id", "match_id")} | {"report_id": job["result"]["report_id"]}
    answers: dict[str, httpx2.Response] = {}
    for path, method, operation in operations(document):
        wanted = {name for _, name, _, _ in string.Formatter().parse(path) if name}
        if method == "get" and wanted <= set(ids) and operation["operationId"] not in ABSENT:
            answer = api.client.get(path.format_map(ids), headers=api.headers)
            documented = operation["responses"][str(answer.status_code)]
            if "application/json" not in documented["content"]:
                continue
            assert_described(answer.json(), adapter_of(documented["content"]["application/json"]["schema"]))
            required = {name for name, header in documented.get("headers", {}).items() if header["required"]}
            assert all(name in answer.headers for name in required), path
            answers[operation["operationId"]] = answer
    assert {"getHealth", "getMe", "getJob", "getMatch", "listMatches", "listFormations"} <= set(answers)
    assert len(answers["listPlayerMatchStatistics"].json()) == 4
    findings = answers["getAnalysisReport"].json()["report_data"]
    assert len(findings["tracks"]) == 4
    assert (findings["calibration"] is not None) is (findings["metres_missing_because"] is None) is calibrated
    assert (findings["tracks"][0]["distance_m"] is not None) is calibrated
    assert "Retry-After" not in answers["getJob"].headers


def test_a_job_that_waits_is_answered_as_documented(shared_api: Api, document: Json, film: bytes) -> None:
    """No worker runs here."""
    accepted = shared_api.client.post("/api/analyze_match", headers=shared_api.headers, files={"file": film})
    assert_described(accepted.json(), TypeAdapter(models()["AnalysisAccepted"]))
    answer = shared_api.client.get(accepted.headers["Location"], headers=shared_api.headers)
    documented = named_operations(document)["getJob"]["responses"]["200"]
    assert_described(answer.json(), adapter_of(documented["content"]["application/json"]["schema"]))
    assert answer.json()["status"] == "PENDING"
    assert answer.headers["Retry-After"].isdecimal()


def test_a_report_is_answered_as_it_is_stored_with_keys_of_later_versions(api: Api) -> None:
    report_id = analyse(api)["result"]["report_id"]
    with api.client.app.state.parts.database.unit_of_work() as session:
        report = session.get_one(AnalysisReport, uuid.UUID(report_id))
        stored = json.loads(json.dumps(report.report_data))
        stored |= {"possession": {"A": 0.6}}
        stored["quality"]["camera_moved"] = False
        stored["tracks"][0]["sprints"] = 2
        report.report_data = stored
    answer = api.client.get(f"/api/analysis_reports/{report_id}", headers=api.headers)
    assert answer.json()["report_data"] == stored


def test_a_report_of_an_engine_with_team_names_of_its_own_can_be_read(api: Api) -> None:
    """Other engines write what they like into the column ``team``."""
    report_id = analyse(api)["result"]["report_id"]
    with api.client.app.state.parts.database.unit_of_work() as session:
        report = session.get_one(AnalysisReport, uuid.UUID(report_id))
        stored = json.loads(json.dumps(report.report_data))
        stored["tracks"][0]["team"], stored["tracks"][1]["team"] = "Home", None
        report.report_data = stored
    answer = api.client.get(f"/api/analysis_reports/{report_id}", headers=api.headers)
    assert [track["team"] for track in answer.json()["report_data"]["tracks"]] == ["Home", None, "A", "B"]
