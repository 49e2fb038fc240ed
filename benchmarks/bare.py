"""The least that such a service loads: FastAPI, SQLAlchemy, and one route; what a start costs at least on a machine.

uvicorn benchmarks.bare:app
"""

import sqlalchemy.orm  # noqa: F401 - loaded, not used
from fastapi import FastAPI

app = FastAPI()


@app.get("/livez")
async def live() -> dict[str, str]:
    return {"status": "ok"}
