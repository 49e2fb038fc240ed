"""The seam between those who queue jobs and those who run them."""

import uuid
from typing import Protocol


class JobBackend(Protocol):
    """Something that lives as long as its process and gets jobs run, here or elsewhere.

    ``wake`` is called after a commit, inside a request: it returns at once, whatever became of the broker, and never
    raises. It may be lost without harm, because a sweep finds every job that waits.
    """

    def start(self) -> None: ...

    def wake(self, job_id: uuid.UUID) -> None: ...

    def stop(self) -> None: ...
