"""What lies on disk while others may be writing and removing it."""

import os
from pathlib import Path


def files_below(folder: Path) -> list[Path]:
    """All files, at any depth. A folder that goes meanwhile has none; ``Path.rglob`` would raise."""
    return [Path(directory) / name for directory, _, names in os.walk(folder) for name in names]
