from datetime import UTC, datetime

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from app.api.dependencies import Parts, PartsDep
from app.schemas.health import Health

router = APIRouter(tags=["health"])


@router.get(
    "/health",
    operation_id="getHealth",
    summary="Tell whether everything is there",
    responses={503: {"model": Health, "description": "No database"}},
)
def get_health(parts: PartsDep, response: Response) -> Health:
    """Whether the server and what it depends on are there; 503 only when requests cannot be answered."""
    connected, reachable = _database_answers(parts), parts.engine.is_reachable()
    response.status_code = 200 if connected else 503
    return Health(
        status="unhealthy" if not connected else "healthy" if reachable else "degraded",
        database="connected" if connected else "disconnected",
        engine="reachable" if reachable else "unreachable",
        uptime_seconds=int((datetime.now(UTC) - parts.started_at).total_seconds()),
    )


def _database_answers(parts: Parts) -> bool:
    try:
        return parts.database.is_connected()
    except SQLAlchemyError:
        return False
