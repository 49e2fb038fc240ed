"""The rows of a whole analysis, kept on disk until the film that shows them is drawn, so that memory stays flat."""

import csv
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from typing import IO, Self

from engine.chunks import Chunk
from engine.results import Kind

Row = dict[str, str]
"""Cells by the names of ``contract.csv_columns``."""


class RowStore:
    """Takes all chunks first; then tells the rows of frames, in ascending order. Use as a context manager."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self._files = {kind: self._closing.enter_context(_open_file()) for kind in Kind}
        self._readers: dict[Kind, _RowsInOrder] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def add(self, chunk: Chunk) -> None:
        self._files[chunk.kind].write(chunk.text)

    def rows_of(self, frame: int) -> dict[Kind, list[Row]]:
        """No frame below one that was asked for already; after the first call, no more chunks."""
        if not self._readers:
            for file in self._files.values():
                file.seek(0)
            self._readers = {kind: _RowsInOrder(file) for kind, file in self._files.items()}
        return {kind: reader.rows_of(frame) for kind, reader in self._readers.items()}


def _open_file() -> IO[str]:
    return tempfile.TemporaryFile("w+", encoding="utf-8")


class _RowsInOrder:
    """A CSV file whose frames ascend, read along with the frames of a video."""

    def __init__(self, file: IO[str]) -> None:
        self._groups = groupby(csv.DictReader(file), key=lambda row: int(row["frame"]))
        self._ahead = self._read()

    def rows_of(self, frame: int) -> list[Row]:
        while self._ahead is not None and self._ahead[0] < frame:
            self._ahead = self._read()
        if self._ahead is None or self._ahead[0] > frame:
            return []
        return self._ahead[1]

    def _read(self) -> tuple[int, list[Row]] | None:
        group: tuple[int, Iterator[Row]] | None = next(self._groups, None)
        return None if group is None else (group[0], list(group[1]))
