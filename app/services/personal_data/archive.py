"""What is given out about a person: a ZIP of JSON, CSV and pictures, with a page that says what they are."""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from pydantic_core import to_jsonable_python

_README = "README.txt"


@dataclass(slots=True)
class Archive:
    """Writes the files of a ZIP; what each is about goes into its README."""

    zip: zipfile.ZipFile
    contents: list[str] = field(default_factory=list)

    def add_rows(self, name: str, about: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Write ``<name>.json``, an array with an object for each row; rows are not held in memory."""
        count = 0
        with self._open(f"{name}.json") as file:
            for row in rows:
                file.write(b",\n" if count else b"[\n")
                file.write(json.dumps(to_jsonable_python(row), ensure_ascii=False, indent=1).encode())
                count += 1
            file.write(b"\n]\n" if count else b"[]\n")
        self.contents.append(f"{name}.json ({count}): {about}")

    def add_text(self, name: str, about: str, content: str) -> None:
        self.zip.writestr(name, content)
        self.contents.append(f"{name}: {about}")

    def add_file(self, name: str, about: str, path: Path) -> None:
        """Copy a file; one that is gone is left out."""
        if path.is_file():
            self.zip.write(path, name)
            self.contents.append(f"{name}: {about}")

    def _open(self, name: str) -> IO[bytes]:
        return self.zip.open(name, "w", force_zip64=True)


@contextmanager
def archive_into(file: IO[bytes], title: str, *notes: str) -> Iterator[Archive]:
    """An archive that is complete at the end of the block.

    Args:
        title: the first line of its README.
        notes: paragraphs below the list of files.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        archive = Archive(target)
        yield archive
        files = "\n".join(f"  {line}" for line in archive.contents)
        target.writestr(_README, "\n\n".join([title, files, *notes]) + "\n")


def unnamed_file() -> IO[bytes]:
    """A file that is gone when it is closed, or when the process ends, however that comes."""
    return TemporaryFile(prefix="coach-pro-export-")
