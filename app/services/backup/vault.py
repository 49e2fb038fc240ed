"""The directory that backups lie in.

    objects/ab/abcd...          a stored file, named after its SHA-256; shared by all backups that have it
    backups/<time>-<id>/        one backup: tables/, manifest.json, and manifest.sha256, which is written last
    .partial-<id>/              one that is being made, or was given up

A backup gets its name in one step, when everything in it is on disk, and loses it in one: what was killed on the way is
never taken for one.
"""

import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pydantic import ValidationError

from app.core.errors import BackupError
from app.services.backup.manifest import FORMAT, Manifest
from app.services.durable_files import sync_directory, write_durably

_CHUNK_BYTES = 1024 * 1024
_MANIFEST = "manifest.json"
_SEAL = "manifest.sha256"
_PARTIAL = ".partial-"
_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class StoredBackup:
    """A complete backup, where it lies."""

    place: Path
    manifest: Manifest


class Vault:
    """Reads and writes such a directory; ``locked`` around everything that writes, ``in_use`` around a restore."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._objects = root / "objects"
        self._backups = root / "backups"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the directory, and have it to oneself.

        Raises:
            BackupError: somebody makes, prunes or restores a backup of it.
        """
        for directory in (self._objects, self._backups):
            directory.mkdir(parents=True, exist_ok=True)
        with (self._root / _LOCK).open("w") as lock:
            self._take(lock, fcntl.LOCK_EX)
            for partial in self._root.glob(f"{_PARTIAL}*"):
                shutil.rmtree(partial)
            yield

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep it as it is, together with others that only read. Works on a medium that cannot be written to, too.

        Raises:
            BackupError: somebody makes or prunes a backup of it.
        """
        if not (self._root / _LOCK).exists():  # a copy without it, which nobody else knows
            yield
            return
        with (self._root / _LOCK).open("r") as lock:
            self._take(lock, fcntl.LOCK_SH)
            yield

    def _take(self, lock: TextIO, kind: int) -> None:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(
                f"The backups in {self._root} are in use: somebody makes, prunes or restores one."
            ) from None

    def backups(self) -> list[StoredBackup]:
        """Every backup that has a name.

        Raises:
            BackupError: one of them is damaged.
        """
        return [StoredBackup(place, read_manifest(place)) for place in self.places()]

    def places(self) -> list[Path]:
        """The directories of all backups, the oldest first."""
        return sorted(path for path in self._backups.glob("*") if path.is_dir())

    def latest(self) -> Path | None:
        """The newest backup, be it damaged; None where there is none."""
        places = self.places()
        return places[-1] if places else None

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

    def drop(self, places: Iterable[Path]) -> None:
        """Delete backups, each at once: it loses its name for good before anything in it goes."""
        unnamed = []
        for place in places:
            unnamed.append(self._root / f"{_PARTIAL}{uuid.uuid4().hex}")
            place.rename(unnamed[-1])
        sync_directory(self._backups)
        for directory in unnamed:
            shutil.rmtree(directory)

    def objects(self) -> list[Path]:
        """Every stored file."""
        return sorted(path for path in self._objects.glob("*/*") if path.is_file())

    def remove_objects(self, paths: Iterable[Path]) -> None:
        """Delete stored files of :meth:`objects` that no backup names."""
        for path in paths:
            path.unlink()

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
        BackupError: it is cut, altered, cannot be read, or is of a program that is newer than this one.
    """
    try:
        content, seal = (backup / _MANIFEST).read_bytes(), (backup / _SEAL).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise BackupError(f"{backup} holds no complete backup.") from None
    except OSError as error:
        raise BackupError(f"The manifest of {backup} cannot be read: {error.strerror}.") from error
    if hashlib.sha256(content).hexdigest().encode() != seal:
        raise BackupError(f"The manifest of {backup} is damaged: its checksum is another one.")
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError:
        raise BackupError(f"The manifest of {backup} is not one that this version of Coach Pro reads.") from None
    if manifest.format != FORMAT:
        raise BackupError(f"{backup} has format {manifest.format}; this version of Coach Pro reads format {FORMAT}.")
    return manifest
