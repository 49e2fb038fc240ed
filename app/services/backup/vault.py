"""The directory that backups lie in.

    objects/ab/abcd...          a stored file, named after its SHA-256; shared by all backups that have it
    backups/<time>-<id>/        one backup: tables/, manifest.json, and manifest.sha256, which is written last
    .partial-<id>/              one that is being made, or was given up

A backup gets its name in one step, when everything in it is on disk: what was killed on the way is never taken for one.
"""

import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from app.core.errors import BackupError
from app.services.backup.manifest import FORMAT, Manifest
from app.services.durable_files import sync_directory, write_durably

_CHUNK_BYTES = 1024 * 1024
_MANIFEST = "manifest.json"
_SEAL = "manifest.sha256"
_PARTIAL = ".partial-"


class Vault:
    """Reads and writes such a directory; ``locked`` around everything that writes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._objects = root / "objects"
        self._backups = root / "backups"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the directory, and have it to oneself.

        Raises:
            BackupError: another backup is being made in it.
        """
        for directory in (self._objects, self._backups):
            directory.mkdir(parents=True, exist_ok=True)
        with (self._root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupError(f"Another backup to {self._root} is being made.") from None
            for partial in self._root.glob(f"{_PARTIAL}*"):
                shutil.rmtree(partial)
            yield

    def latest(self) -> Path | None:
        """The newest complete backup; None where there is none."""
        found = sorted(self._backups.glob(f"*/{_SEAL}"), key=lambda seal: seal.parent.name)
        return found[-1].parent if found else None

    def begin(self) -> Path:
        """A directory to write the tables of a new backup in."""
        directory = self._root / f"{_PARTIAL}{uuid.uuid4().hex}"
        (directory / "tables").mkdir(parents=True)
        return directory

    def finish(self, directory: Path, manifest: Manifest) -> Path:
        """Make a directory of ``begin`` a backup."""
        content = manifest.model_dump_json(indent=1).encode()
        write_durably(directory / _MANIFEST, content)
        write_durably(directory / _SEAL, hashlib.sha256(content).hexdigest().encode())
        sync_directory(directory)
        place = self._backups / f"{manifest.made_at:%Y%m%dT%H%M%S.%fZ}-{manifest.backup_id.hex[:8]}"
        directory.rename(place)
        sync_directory(self._backups)
        return place

    def has(self, sha256: str, size_bytes: int) -> bool:
        try:
            return self.object(sha256).stat().st_size == size_bytes
        except FileNotFoundError:
            return False

    def object(self, sha256: str) -> Path:
        return self._objects / sha256[:2] / sha256

    def add(self, source: Path) -> tuple[str, int]:
        """Copy a file, unless one of the same content is here; its SHA-256 and its size.

        Raises:
            FileNotFoundError: there is no such file.
        """
        incoming = self._root / f"{_PARTIAL}{uuid.uuid4().hex}"
        incoming.mkdir()
        try:
            sha256, size = copy_hashed(source, incoming / "file")
            if not self.has(sha256, size):
                target = self.object(sha256)
                target.parent.mkdir(exist_ok=True)
                (incoming / "file").replace(target)
                sync_directory(target.parent)
        finally:
            shutil.rmtree(incoming)
        return sha256, size


def copy_hashed(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file durably; the SHA-256 and the size of what was copied."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK_BYTES):
            writing.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest(), size


def hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(backup: Path) -> Manifest:
    """
    Raises:
        BackupError: it is cut, altered, or of a program that is newer than this one.
    """
    try:
        content, seal = (backup / _MANIFEST).read_bytes(), (backup / _SEAL).read_text()
    except FileNotFoundError:
        raise BackupError(f"{backup} holds no complete backup.") from None
    if hashlib.sha256(content).hexdigest() != seal:
        raise BackupError(f"The manifest of {backup} is damaged: its checksum is another one.")
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError:
        raise BackupError(f"The manifest of {backup} is not one that this version of Coach Pro reads.") from None
    if manifest.format != FORMAT:
        raise BackupError(f"The backup has format {manifest.format}; this version of Coach Pro reads format {FORMAT}.")
    return manifest
