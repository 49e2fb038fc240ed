"""What FastAPI does not put into its OpenAPI document: headers that endpoints set themselves, and nulls in examples."""

from dataclasses import dataclass
from typing import Any

from app.schemas.analysis_report import AnalysisReportRead
from app.schemas.job import JobRead
from app.schemas.player_match_statistics import PlayerMatchStatisticsRead

_WITH_NULLS = (AnalysisReportRead, JobRead, PlayerMatchStatisticsRead)


@dataclass(frozen=True, slots=True)
class Header:
    """A header of an answer. ``kind`` is a JSON Schema type; without ``always`` some answers lack the header."""

    name: str
    description: str
    kind: str = "string"
    always: bool = True


TOTAL_COUNT = Header("X-Total-Count", "Rows in all, on this page or not.", kind="integer")
LINK = Header("Link", "RFC 8288: the pages `first`, `last` and, where there is one, `prev` and `next`.")
LOCATION = Header("Location", "Path of what was made.")
RETRY_AFTER = Header("Retry-After", "Seconds to wait before asking again.", "integer", always=False)


def answer_headers(*headers: Header, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route, for the answer with ``status``; merge it with those of its problems."""
    return {status: {"headers": {header.name: _header_object(header) for header in headers}}}


def restore_examples(document: dict[str, Any]) -> dict[str, Any]:
    """Write the examples of answers anew: FastAPI drops every null of its document, also where one is required."""
    for model in _WITH_NULLS:
        written: Any = model.model_config["json_schema_extra"]
        document["components"]["schemas"][model.__name__]["examples"] = written["examples"]
    return document


def _header_object(header: Header) -> dict[str, Any]:
    return {"description": header.description, "required": header.always, "schema": {"type": header.kind}}
