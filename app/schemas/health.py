from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    """``degraded``: requests are answered, but analyses wait. ``unhealthy``: the database is away."""

    status: Literal["healthy", "degraded", "unhealthy"]
    database: Literal["connected", "disconnected"]
    engine: Literal["reachable", "unreachable"]
    uptime_seconds: int = Field(description="Since the server started.")
