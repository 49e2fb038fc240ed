"""Everything that can go wrong, as one tree. A class is an HTTP status, a stable code and a title.

CoachProError
├── Unauthenticated          401  no token, or one that is expired or forged
├── Forbidden                403  the role in the club does not allow it
├── NotFound                 404  no such row, or a row of another club
├── Conflict                 409  the row is there already, or is in another state
│   ├── InvalidTransition         a job cannot move to that state, or the attempt is no longer its owner
│   └── KeyInUse                  the first request with this Idempotency-Key is running; wait ``retry_after_s``
├── Gone                     410  the row is there, but what is asked for was deleted for good
├── PreconditionFailed       412  the row is not as the client believes
├── PayloadTooLarge          413  the upload is over the limit
├── UnsupportedMedia         415  the bytes are of no kind that we read
├── RangeNotSatisfiable      416  a file ends before the bytes that are asked for
├── Unprocessable            422  the request is understood, but its content cannot be used
├── TooManyRequests          429  wait ``retry_after_s`` before trying again
├── Unavailable              503  a part that we depend on is away
│   ├── Overloaded                too many ask for the same at once; wait ``retry_after_s``
│   └── StoreUnavailable          the store of the videos does not answer; wait ``retry_after_s``
│       └── StoreRefuses          it answers, and does not do this
├── StorageFull              507  the disk has no room for what was sent
├── CannotStart               -   nothing can be done with what is configured; told at the start
├── BackupError               -   a backup cannot be made, or not be restored; told on the command line
└── AnalysisError             -   an analysis did not succeed; ends up on the job, never in a response status
    ├── PermanentFailure          trying again would fail again
    └── TransientFailure          trying again may help
        └── PartUnavailable       a part that it needs was away before anything was done: the attempt does not count
            └── EngineUnavailable     which never saw the request
"""

from collections.abc import Mapping
from typing import ClassVar


class CoachProError(Exception):
    """Base of the tree. ``detail`` is one sentence that a person understands; it may reach the client.

    ``fields`` tells what is wrong with single fields of the request: a JSON pointer or a parameter's name, and why.
    """

    status: ClassVar[int] = 500
    code: str = "internal_error"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, code: str | None = None, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = dict(fields or {})
        if code is not None:
            self.code = code


class Unauthenticated(CoachProError):
    status = 401
    code = "unauthenticated"
    title = "Authentication needed"


class Forbidden(CoachProError):
    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(CoachProError):
    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(CoachProError):
    status = 409
    code = "conflict"
    title = "Conflict"


class InvalidTransition(Conflict):
    code = "invalid_transition"
    title = "The job is in another state"


class KeyInUse(Conflict):
    code = "idempotency_key_in_use"
    title = "The request is still running"
    retry_after_s: ClassVar[int] = 2


class Gone(CoachProError):
    status = 410
    code = "gone"
    title = "Deleted for good"


class PreconditionFailed(CoachProError):
    status = 412
    code = "precondition_failed"
    title = "The row has changed"


class PayloadTooLarge(CoachProError):
    status = 413
    code = "payload_too_large"
    title = "Upload too large"


class UnsupportedMedia(CoachProError):
    status = 415
    code = "unsupported_media"
    title = "Unsupported kind of file"


class RangeNotSatisfiable(CoachProError):
    status = 416
    code = "range_not_satisfiable"
    title = "No such range"

    def __init__(self, detail: str, *, size_bytes: int = 0) -> None:
        super().__init__(detail)
        self.size_bytes = size_bytes


class Unprocessable(CoachProError):
    status = 422
    code = "unprocessable"
    title = "Request cannot be processed"


class TooManyRequests(CoachProError):
    status = 429
    code = "too_many_requests"
    title = "Too many requests"

    def __init__(self, detail: str, *, code: str | None = None, retry_after_s: int = 60) -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s


class Unavailable(CoachProError):
    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"


class Overloaded(Unavailable):
    code = "overloaded"

    def __init__(self, detail: str, *, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class StoreUnavailable(Unavailable):
    code = "video_store_unavailable"
    retry_after_s: ClassVar[int] = 60  # whoever tries again sends a whole video


class StoreRefuses(StoreUnavailable):
    pass


class StorageFull(CoachProError):
    status = 507  # and not 503: a program must not send a whole video again by itself (RFC 4918, section 11.5)
    code = "storage_full"
    title = "No space left"


class CannotStart(CoachProError):
    code = "cannot_start"
    title = "Cannot start"


class BackupError(CoachProError):
    code = "backup_failed"
    title = "Backup failed"


class AnalysisError(CoachProError):
    """``hint`` tells the coach what to do about it."""

    code = "analysis_failed"
    title = "Analysis failed"

    def __init__(self, detail: str, *, code: str, hint: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.hint = hint


class PermanentFailure(AnalysisError):
    pass


class TransientFailure(AnalysisError):
    pass


class PartUnavailable(TransientFailure):
    pass


class EngineUnavailable(PartUnavailable):
    pass
