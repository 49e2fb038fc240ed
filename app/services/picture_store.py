"""Where pictures of teams and players lie, and under which address everybody sees them."""

import re
import secrets
import time
from pathlib import Path

from app.services.durable_files import sync_directory, write_durably

PICTURES_URL = "/static/pictures"

_INCOMING = ".incoming"
_NAME = re.compile(r"[0-9a-f]{32}\.webp")
_ABANDONED_AFTER_S = 3600.0


class PictureStore:
    """A directory with a file for each picture, and ``.incoming/`` for those that are still written.

    A picture is never changed: a new one has a new name, so that clients may keep what they have for ever. Names are
    random: who knows one may see the picture.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self._incoming = self.directory / _INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes) -> str:
        """Store a WebP picture, whole and durably or not at all; the path of its URL."""
        name = f"{secrets.token_hex(16)}.webp"
        incoming = self._incoming / name
        try:
            write_durably(incoming, content)
            incoming.rename(self.directory / name)
        finally:
            incoming.unlink(missing_ok=True)
        sync_directory(self.directory)
        return f"{PICTURES_URL}/{name}"

    def delete(self, url: str) -> None:
        """Delete the picture behind a URL of :meth:`keep`; of other URLs, and of one that is gone, nothing."""
        prefix, _, name = url.rpartition("/")
        if prefix == PICTURES_URL and is_picture_name(name):
            (self.directory / name).unlink(missing_ok=True)

    def sweep_incoming(self) -> int:
        """Delete what a server left behind that was killed while it wrote; how many files."""
        dead = [path for path in self._incoming.iterdir() if time.time() - path.stat().st_mtime > _ABANDONED_AFTER_S]
        for path in dead:
            path.unlink(missing_ok=True)
        return len(dead)


def is_picture_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None
