"""Files in ranges (RFC 9110, section 14): players seek in a film, downloads go on where they broke off."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Send

from app.api.conditional import joined_header, names_tag
from app.api.documentation import ETAG, Header, answer_headers
from app.api.problems import problem_responses
from app.core.errors import RangeNotSatisfiable

_CHUNK_BYTES = 1 << 18
_RANGE = re.compile(r"bytes=\s*(\d{1,18})?-(\d{1,18})?\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that never changes under its ``tag``, a strong entity tag."""

    path: Path
    tag: str
    media_type: str
    filename: str


def file_answers(media_type: str) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that answers with a file, for OpenAPI."""
    content = {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}
    ranges = Header("Accept-Ranges", "`bytes`: a `Range` of the file may be asked for.")
    part = Header("Content-Range", "Which bytes of how many these are.")
    whole = answer_headers(ETAG, ranges)[200] | {"description": "The whole file."}
    some = answer_headers(ETAG, ranges, part)[200] | {"description": "What `Range` asks for."}
    return {
        200: whole | content,
        206: some | content,
        304: {"description": "What `If-None-Match` names is still what would be answered."},
    } | problem_responses(416)


def _parameter(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


FILE_PARAMETERS = {
    "parameters": [
        _parameter("Range", "Like `bytes=0-1023`: these bytes only. Several ranges at once give the whole file."),
        _parameter("If-Range", "`ETag` of the part that is there already: if it is not current, the whole file comes."),
        _parameter("If-None-Match", "`ETag` of an earlier answer: if it is still current, the answer is 304."),
    ]
}
"""The ``openapi_extra`` of a route that answers with a file."""


def answer_file(request: Request, file: StoredFile) -> Response:
    """The file, the range of it that is asked for, or 304.

    Raises:
        RangeNotSatisfiable: the range begins after the end of the file.
        FileNotFoundError: the file is gone.
    """
    size = file.path.stat().st_size
    headers = {
        "ETag": file.tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    known = joined_header(request.headers, "if-none-match")
    if known is not None and names_tag(known, file.tag, weak=True):
        return Response(status_code=304, headers=headers)
    part = _asked_range(request, file.tag, size)
    start, end = (0, size) if part is None else part
    headers |= {
        "Content-Length": str(end - start),
        "Content-Disposition": f'inline; filename="{file.filename}"',
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    content = _read(file.path, start, end)
    return _FileResponse(content, 200 if part is None else 206, headers, media_type=file.media_type)


def _asked_range(request: Request, tag: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None: the whole file. What is no sound range is ignored, as it must be."""
    text, unchanged = request.headers.get("range"), request.headers.get("if-range", tag)
    asked = _RANGE.fullmatch(text) if text is not None and unchanged == tag else None
    if asked is None or asked[1] is asked[2] is None:
        return None
    if asked[1] is None:
        start, last = max(0, size - int(asked[2])), size - 1
    else:
        start, last = int(asked[1]), size - 1 if asked[2] is None else int(asked[2])
        if last < start and asked[2] is not None:
            return None
    if start >= size:
        raise RangeNotSatisfiable(f"The file has {size} bytes, and none in this range.", size_bytes=size)
    return start, min(last + 1, size)


async def _read(path: Path, start: int, end: int) -> AsyncGenerator[bytes]:
    with await run_in_threadpool(path.open, "rb") as file:
        file.seek(start)
        left = end - start
        while left and (chunk := await run_in_threadpool(file.read, min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk


class _FileResponse(StreamingResponse):
    """Closes the file as soon as nobody listens any more."""

    body_iterator: AsyncGenerator[bytes]

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self.body_iterator):
            await super().stream_response(send)
