"""Files that are still there when the power has failed: written through, and so are their names in the directory."""

import errno
import os
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT}


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file, and wait until the disk has it; :func:`sync_directory` does the same for its name.

    Raises:
        FileExistsError: there is one already.
    """
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Wait until the disk has what was made, renamed and removed in a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_disk_full(error: BaseException) -> bool:
    """Whether a file could not be written because there is no room for it, on the disk or in somebody's share of it."""
    return isinstance(error, OSError) and error.errno in _FULL
