from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from app.api.dependencies import PartsDep
from app.api.problems import problem_responses
from app.core.config import Settings
from app.core.errors import Forbidden
from app.schemas.probe import Alive, Ready
from app.services.check_readiness import require_readiness
from app.services.measure_state import StateCollector
from app.services.metrics import expose, may_read

router = APIRouter(tags=["health"])

_EXAMPLE = 'coach_pro_http_requests_total{method="GET",route="/api/teams",status="200"} 20.0\n'
_FIGURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}}}
}


@router.get("/livez", operation_id="getLiveness", summary="Tell that the process answers")
async def get_liveness() -> Alive:
    """Nothing is looked up: whoever gets no answer restarts the process."""
    return Alive()


@router.get("/readyz", operation_id="getReadiness", summary="Tell whether requests can be carried out")
def get_readiness(parts: PartsDep) -> Ready:
    """503 names under `errors` what is missing: `database`, `migrations`, `data_dir` or `upload_dir`."""
    require_readiness(parts.database, parts.settings)
    return Ready()


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Read the figures for Prometheus",
    response_class=Response,
    responses=problem_responses(403) | _FIGURES,
)
def get_metrics(request: Request, parts: PartsDep) -> Response:
    """For `METRICS_NETWORKS` (this machine, unless told otherwise), or with `METRICS_TOKEN` as a bearer token."""
    if not _may_read_metrics(request, parts.settings):
        raise Forbidden("The figures are for the operator: ask from METRICS_NETWORKS, or send METRICS_TOKEN.")
    directories = {"data": parts.settings.data_dir, "uploads": parts.settings.upload_dir}
    figures = expose(StateCollector(parts.database, parts.engine, directories))
    return Response(figures, media_type=CONTENT_TYPE_PLAIN_1_0_0)


def _may_read_metrics(request: Request, settings: Settings) -> bool:
    # Somebody behind a proxy that nobody told us of: the address is the proxy's, often that of this machine.
    through_stranger = not settings.trusted_proxies and {"forwarded", "x-forwarded-for"} & set(request.headers)
    address = request.client.host if request.client and not through_stranger else ""
    return may_read(settings, address=address, authorization=request.headers.get("authorization", ""))
