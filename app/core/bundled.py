"""What lies beside our packages in a checkout, and inside of them in a wheel (``setup.py`` puts it there)."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def bundled(name: str) -> Path:
    """Where a directory of the repository's root is: ``alembic`` or ``samples``."""
    inside = _PACKAGE / "_bundled" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
