"""Entry point for ``uvicorn main:app`` and ``gunicorn main:app``."""

import gc

# Nothing that is loaded is garbage until the process ends. Looking through it takes a fifth of the start, and later is
# a pause of all requests, again and again.
gc.disable()

from app.core.explanation import NOT_STARTED, explained  # noqa: E402
from app.factory import create_app  # noqa: E402

with explained(NOT_STARTED):
    app = create_app()

gc.freeze()
gc.enable()
