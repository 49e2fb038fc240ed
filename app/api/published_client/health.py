"""The client's handbook looks for the state of the server below ``/api``, as everything else."""

from fastapi import APIRouter, Response

from app.api.dependencies import PartsDep
from app.api.endpoints.health import get_health
from app.schemas.health import Health

router = APIRouter(tags=["published client"])


@router.get(
    "/api/health",
    operation_id="getApiHealth",
    summary="Tell whether everything is there",
    responses={503: {"model": Health, "description": "No database"}},
)
def get_health_below_api(parts: PartsDep, response: Response) -> Health:
    """The same as `GET /health`."""
    return get_health(parts, response)
