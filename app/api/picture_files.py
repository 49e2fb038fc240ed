"""Pictures as everybody may see them who knows their name: clients show them without a token."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.services.picture_store import is_picture_name


class PictureFiles(StaticFiles):
    """Pictures only, whatever else may lie in the directory; a name never stands for another picture."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory=directory)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if not is_picture_name(path):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["Content-Type"] = "image/webp"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
