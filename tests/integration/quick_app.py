"""Applications for tests, which make hundreds of them."""

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route

from app.core.config import Settings
from app.factory import create_app
from app.services.engine import AnalysisEngine

_built: list[BaseRoute] = []


def quick_app(settings: Settings, *, engine: AnalysisEngine | None = None) -> FastAPI:
    """As :func:`create_app`, with the routers as the first application of this process has included them.

    FastAPI builds the routes of an included router with the first request to it: half a second of processor time for
    all of them, and the same in every application. What an application made itself, its documentation, stays its own.
    """
    app = create_app(settings, engine=engine)
    if not _built:
        _built.extend(app.router.routes)
    pairs = zip(app.router.routes, _built, strict=True)
    app.router.routes[:] = [own if isinstance(own, (Route, Mount)) else built for own, built in pairs]
    return app
