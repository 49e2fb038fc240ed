"""What a list allows, for the OpenAPI document. A start makes no document, so the routes do not carry it along."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.api.cursor import CursorRules
from app.api.listing import ListRules
from app.api.retrying_route import calls_of


def describe_lists(document: dict[str, Any], routers: Iterable[APIRouter]) -> dict[str, Any]:
    """Add the filters, the search, the orders and the pages of every list to its operation."""
    routes = (route for router in routers for route in router.routes if isinstance(route, APIRoute))
    allowed = {route.operation_id: _parameters_of(route) for route in routes}
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        parameters = allowed.get(operation.get("operationId"))
        if parameters:
            operation.setdefault("parameters", []).extend(parameters)
    return document


def _parameters_of(route: APIRoute) -> list[dict[str, Any]]:
    rules = (call for call in calls_of(route.dependant) if isinstance(call, ListRules | CursorRules))
    return [parameter for one in rules for parameter in one.parameters()]
