"""Read a multipart upload as it arrives: small fields into memory, the file straight to where it will stay.

FastAPI's own ``UploadFile`` writes a temporary copy first, and reads the whole body before the endpoint runs.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import anyio.to_thread
from anyio import CapacityLimiter
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from app.core.errors import PayloadTooLarge, Unprocessable, UnsupportedMedia
from app.services.incoming_videos import IncomingVideo

MAX_FIELD_BYTES = 256 * 1024
_MAX_FIELDS = 20
_OVERHEAD_BYTES = 1024 * 1024  # boundaries, part headers and fields beside the file
_WRITE_BYTES = 1024 * 1024  # a thread is woken once per this much


@dataclass(slots=True)
class MultipartForm:
    """What arrived: text fields by name, and the name of the file if there was one."""

    fields: dict[str, str] = field(default_factory=dict)
    filename: str | None = None


async def receive_upload(
    request: Request, incoming: IncomingVideo, *, max_bytes: int, writers: CapacityLimiter
) -> MultipartForm:
    """Stream the part ``file`` into ``incoming`` and collect the other parts.

    ``writers`` are threads of their own: uploads on a slow disk must not take those that other requests need, and more
    that hash at once than there are cores would only keep everybody else from a core.

    Raises:
        PayloadTooLarge: the file is over ``max_bytes``, announced or not.
        UnsupportedMedia: the body is not multipart/form-data.
        Unprocessable: the body is broken off or has no boundary.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes + _OVERHEAD_BYTES:
        raise _too_large(max_bytes)
    try:
        reader = _FormReader(_boundary(request), max_bytes)
        async for ready in reader.file_bytes(request.stream()):
            await anyio.to_thread.run_sync(incoming.write, ready, limiter=writers)
    except FormParserError as error:
        raise Unprocessable("The multipart body is malformed.", code="multipart_malformed") from error
    return reader.form


class _FormReader:
    """Callbacks of the push parser, and the bytes of the file that are ready to be written."""

    def __init__(self, boundary: bytes, max_bytes: int) -> None:
        self.form = MultipartForm()
        self._max_bytes = max_bytes
        self._body_bytes = 0
        self._file_bytes = 0
        self._fields = 0
        self._ready = bytearray()
        self._header_name = b""
        self._header_value = b""
        self._name = ""
        self._is_file = False
        self._value = bytearray()
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_part_data": self._on_part_data,
                "on_part_end": self._part_ends,
                "on_end": self._body_ends,
            },
        )

    async def file_bytes(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Feed the body in; get the file out in pieces that are worth a system call."""
        async for chunk in chunks:
            self._body_bytes += len(chunk)
            if self._body_bytes > self._max_bytes + _OVERHEAD_BYTES:
                raise _too_large(self._max_bytes)
            self._parser.write(chunk)
            if len(self._ready) >= _WRITE_BYTES:
                yield self._take()
        if not self._ended:
            raise Unprocessable("The upload broke off before its end.", code="multipart_incomplete")
        yield self._take()

    def _take(self) -> bytes:
        taken = bytes(self._ready)
        self._ready.clear()
        return taken

    def _part_begins(self) -> None:
        self._name, self._is_file = "", False
        self._value.clear()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            _, options = parse_options_header(self._header_value)
            self._name = options.get(b"name", b"").decode("utf-8", "replace")
            self._is_file = self._name == "file"
            if self._is_file:
                self._begin_file(options.get(b"filename", b"").decode("utf-8", "replace"))
        self._header_name = self._header_value = b""

    def _begin_file(self, filename: str) -> None:
        if self.form.filename is not None:
            raise Unprocessable("The upload has more than one part called file.", code="multipart_malformed")
        self.form.filename = filename or "video"

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if not self._is_file:
            self._value += data[start:end]
            if len(self._value) > MAX_FIELD_BYTES:
                raise PayloadTooLarge(f"The field {self._name!r} is over {MAX_FIELD_BYTES // 1024} kB.")
            return
        self._file_bytes += end - start
        if self._file_bytes > self._max_bytes:
            raise _too_large(self._max_bytes)
        self._ready += data[start:end]

    def _part_ends(self) -> None:
        if self._is_file:
            return
        self._fields += 1
        if self._fields > _MAX_FIELDS:
            raise Unprocessable(f"The upload has more than {_MAX_FIELDS} fields.", code="multipart_malformed")
        self.form.fields[self._name] = self._value.decode("utf-8", "replace")

    def _body_ends(self) -> None:
        self._ended = True


def _boundary(request: Request) -> bytes:
    content_type, options = parse_options_header(request.headers.get("content-type", ""))
    if content_type != b"multipart/form-data":
        raise UnsupportedMedia("Send the video as multipart/form-data, in a part called file.", code="not_multipart")
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise Unprocessable("The multipart body names no boundary.", code="multipart_malformed")
    return boundary


def _too_large(max_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The video is over the limit of {max_bytes // (1024 * 1024)} MB.", code="video_too_large")
