"""Entry point for ``uvicorn main:app`` and ``gunicorn main:app``."""

from app.factory import create_app

app = create_app()
