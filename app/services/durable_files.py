"""Files that are still there when the power has failed: written through, and so are their names in the directory."""

import os
from pathlib import Path


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
