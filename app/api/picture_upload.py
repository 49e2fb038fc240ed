"""A picture that comes with a request, ready to be kept."""

from typing import Annotated, Any

from fastapi import Depends, Request

from app.api.body_limit import PICTURE_BODY_BYTES
from app.api.dependencies import CurrentAccount
from app.api.uploaded_file import read_file_part

# The largest picture takes half a gigabyte for two seconds; that of a phone a tenth of both.
_PREPARED_AT_ONCE = 1

PICTURE_BODIES = {"upload_logo": PICTURE_BODY_BYTES, "upload_image": PICTURE_BODY_BYTES}
"""The limits of :class:`BodyLimitMiddleware` for the routes that take a picture."""

PICTURE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "PNG, JPEG or WebP: at most 5 MB and 40 million pixels.",
                        }
                    },
                }
            }
        },
    }
}
"""The ``openapi_extra`` of a route that takes a picture."""


async def _read(request: Request, _: CurrentAccount) -> bytes:
    """Who is not logged in is refused before the body is read."""
    return await read_file_part(request)


def _prepare(content: Annotated[bytes, Depends(_read)]) -> bytes:
    # Pillow is loaded with the first picture, in its thread, and not by every server that starts.
    from app.services.prepare_picture import prepare_picture  # noqa: PLC0415

    return prepare_picture(content)


PictureDep = Annotated[bytes, Depends(_prepare, max_concurrency=_PREPARED_AT_ONCE)]
"""The picture as WebP."""
