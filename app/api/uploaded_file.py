"""Read the part ``file`` of a small multipart body, in memory. Videos do not come this way: they stream to the disk."""

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from app.core.errors import Unprocessable, UnsupportedMedia

_MULTIPART = "multipart/form-data"
_MAX_OTHER_PARTS = 20


def is_multipart(request: Request) -> bool:
    return _content_type(request)[0] == _MULTIPART.encode()


async def read_body(request: Request) -> bytes:
    """The whole body. Starlette remembers it, so that a request that is tried again can read it again.

    Raises:
        Unprocessable: the client went away before its end.
    """
    try:
        return await request.body()
    except ClientDisconnect:
        raise _incomplete() from None


async def read_file_part(request: Request) -> bytes:
    """
    Raises:
        UnsupportedMedia: the body is not multipart/form-data.
        Unprocessable: the body is malformed or broken off, or has no part ``file`` with a file in it.
    """
    if not is_multipart(request):
        raise UnsupportedMedia("Send the file as multipart/form-data, in a part called file.", code="not_multipart")
    boundary = _content_type(request)[1].get(b"boundary")
    return await run_in_threadpool(_file_in, await read_body(request), boundary)


def _content_type(request: Request) -> tuple[bytes, dict[bytes, bytes]]:
    return parse_options_header(request.headers.get("content-type", ""))


def _file_in(body: bytes, boundary: bytes | None) -> bytes:
    parts = _Parts()
    memory = {"MAX_MEMORY_FILE_SIZE": len(body)}  # BodyLimitMiddleware bounds it: no temporary files
    try:
        parser = FormParser(_MULTIPART, parts.add_other, parts.add_file, parts.end, boundary=boundary, config=memory)
        parser.write(body)
    except FormParserError:
        raise _malformed("The multipart body is malformed.") from None
    if not parts.ended:
        raise _incomplete()
    if parts.file is None:
        raise Unprocessable("The upload has no part called file.", code="file_missing")
    return parts.file


class _Parts:
    """What the parser found so far."""

    def __init__(self) -> None:
        self.file: bytes | None = None
        self.ended = False
        self._others = 0

    def add_other(self, _: Field | File) -> None:
        self._others += 1
        if self._others > _MAX_OTHER_PARTS:
            raise _malformed(f"The upload has more than {_MAX_OTHER_PARTS} parts beside the file.")

    def add_file(self, part: File) -> None:
        if part.field_name != b"file":
            self.add_other(part)
        elif self.file is not None:
            raise _malformed("The upload has more than one part called file.")
        else:
            part.file_object.seek(0)
            self.file = part.file_object.read()

    def end(self) -> None:
        self.ended = True


def _malformed(why: str) -> Unprocessable:
    return Unprocessable(why, code="multipart_malformed")


def _incomplete() -> Unprocessable:
    return Unprocessable("The upload broke off before its end.", code="multipart_incomplete")
