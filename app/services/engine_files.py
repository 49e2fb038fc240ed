"""Results that an engine leaves in files, on a disk that it shares with us.

The names come from another process, which may be wrong, old or hostile, so nothing about them is believed: they must
lie in a folder of this very run below the agreed directory, be reached without following a link, and be plain files
that are no older than the run. See docs/decisions/0016-engines-by-path-and-in-numbers.md.
"""

import errno
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import structlog

from app.core.errors import AnalysisError, PermanentFailure, TransientFailure
from app.services.engine import ResultFiles

log = structlog.get_logger(__name__)

MAX_FILE_BYTES = 1 << 30
"""Three times what the C++ engine writes about 22 people and 90 minutes; raising it costs the ingest as much memory."""

_CHUNK_BYTES = 1 << 20
_CLOCK_TOLERANCE_NS = 2 * 10**9  # the coarsest time stamps that file systems keep
_LOOK_AGAIN_S = 0.1
_GROWTH_PATIENCE = 30  # a file that grows gets so many times the patience of one that is only cut
_AS_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_AS_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC  # a FIFO would block us for ever
_NOT_SHARED = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM})


@dataclass(frozen=True, slots=True)
class SharedDirectory:
    """``root`` is ENGINE_OUTPUT_DIR, under one name for the engine and for us. None: no disk is shared.

    ``patience_s``: how long a file may still grow, or be missing, after the engine said that it was done.
    """

    root: Path | None
    patience_s: float = 1.0

    def expect(self, run_id: str, attempt: Path) -> "ExpectedFiles":
        """Note the time, by the clock of the shared disk, before a run begins; ``attempt`` is a directory of ours."""
        return ExpectedFiles(self.root, run_id, _now_ns(self.root, attempt), self.patience_s)


@dataclass(frozen=True, slots=True)
class ExpectedFiles:
    """What one run may leave behind: files in folders named after it, written since ``began_ns``."""

    root: Path | None
    run_id: str
    began_ns: int
    patience_s: float

    def fetch(self, files: ResultFiles, *, players: Path, ball: Path) -> None:
        """Copy what the engine left to ``players`` and ``ball``, and remove its folder if we may.

        A file that was never written means "nobody seen": its copy stays as it is.

        Raises:
            PermanentFailure: ``engine_results_unreachable`` where no disk is shared, or the folder cannot be read;
                ``engine_results_refused`` for a name that is not ours to read; ``engine_results_stale``;
                ``metrics_too_large``.
            TransientFailure: ``engine_results_missing`` for an engine that saw people and left no file of them;
                ``engine_results_unsettled`` where a file would not stop growing.
        """
        if self.root is None:
            raise _unreachable("The analysis engine kept its results in files of its own, where they cannot be read.")
        found = self._fetch_one(self.root, files.players, players)
        if not found and files.players_claimed:
            raise TransientFailure(
                "The analysis engine saw people, but left no file of them.", code="engine_results_missing"
            )
        self._fetch_one(self.root, files.ball, ball)
        for named in {files.players, files.ball} - {""}:
            _remove_folder(self.root, self._parts(self.root, named)[:-1])

    def _fetch_one(self, root: Path, named: str, target: Path) -> bool:
        """Whether there is such a file."""
        if not named:
            return False
        *folders, name = self._parts(root, named)
        with _explained(named), _opened_folder(root, folders) as folder:
            source = _open_soon(folder, name, self.patience_s)
            if source is None:
                return False
            try:
                self._check(source, named)
                _copy_settled(source, target, self.patience_s)
            finally:
                os.close(source)
        return True

    def _parts(self, root: Path, named: str) -> tuple[str, ...]:
        """The path below the shared directory: at least a folder of this run, and a file in it."""
        path = PurePosixPath(named)
        for base in (root.absolute(), root.resolve()):
            if path.is_relative_to(base):
                parts = path.relative_to(base).parts
                if ".." not in parts and "\0" not in named and len(parts) > 1 and self._is_named_in(parts[-2]):
                    return parts
        raise _refused(named, "it is not in a folder of this run")

    def _is_named_in(self, folder: str) -> bool:
        """The whole id: that of the first attempt is the beginning of that of the tenth."""
        return re.search(rf"(?<![0-9A-Za-z]){re.escape(self.run_id)}(?![0-9A-Za-z])", folder) is not None

    def _check(self, source: int, named: str) -> None:
        facts = os.fstat(source)
        if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1:
            raise _refused(named, "it is no plain file of one name")
        if facts.st_mtime_ns < self.began_ns - _CLOCK_TOLERANCE_NS:
            log.warning("engine's file is older than the run", path=named[:300], began_ns=self.began_ns)
            raise PermanentFailure(
                "The results that the analysis engine named are older than this analysis.",
                code="engine_results_stale",
                hint="Ask the operator whether the clocks of the server and of the engine's disk agree.",
            )


def _now_ns(root: Path | None, attempt: Path) -> int:
    """The time that a file written now would bear; by the shared disk's own clock where we may write there."""
    for directory in filter(None, (root, attempt)):
        try:
            with tempfile.TemporaryFile(dir=directory) as marker:
                return os.fstat(marker.fileno()).st_mtime_ns
        except OSError:
            continue  # not writable: the next one's clock must do
    return time.time_ns()


@contextmanager
def _explained(named: str) -> Iterator[None]:
    """What the operating system says about a name, as a failure."""
    try:
        yield
    except OSError as error:
        log.warning("engine's file not read", path=named[:300], error=str(error))
        if error.errno in _NOT_SHARED:
            raise _unreachable("The analysis engine left its results in a folder that cannot be read here.") from error
        if error.errno in {errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.ENAMETOOLONG}:
            raise _refused(named, str(error)) from error
        raise TransientFailure(
            "The results of the analysis could not be copied.", code="engine_results_unsettled"
        ) from error


@contextmanager
def _opened_folder(root: Path, folders: list[str]) -> Iterator[int]:
    """A descriptor of the folder, reached from ``root`` step by step, so that no link is followed on the way."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            inner = os.open(folder, _AS_FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _open_soon(folder: int, name: str, patience_s: float) -> int | None:
    """A descriptor of the file; None if it does not appear in time."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return os.open(name, _AS_FILE, dir_fd=folder)
        except FileNotFoundError:
            if time.monotonic() > deadline:
                return None
        time.sleep(_LOOK_AGAIN_S)


def _copy_settled(source: int, target: Path, patience_s: float) -> None:
    """Copy a file that may still be written to, until it is the same before and after, and ends with a line."""
    began_s = time.monotonic()
    while True:
        before = _state(source)
        ends_with_line = _copy(source, target)
        has_settled = _state(source) == before
        waited_s = time.monotonic() - began_s
        if has_settled and (ends_with_line or waited_s > patience_s):
            return  # what is cut in the middle of a line is for the ingest to tell
        if waited_s > _GROWTH_PATIENCE * patience_s:
            raise TransientFailure("The analysis engine did not stop writing.", code="engine_results_unsettled")
        time.sleep(_LOOK_AGAIN_S)


def _state(source: int) -> tuple[int, int]:
    facts = os.fstat(source)
    if facts.st_size > MAX_FILE_BYTES:
        raise _too_large()
    return facts.st_size, facts.st_mtime_ns


def _copy(source: int, target: Path) -> bool:
    """Copy all there is, and not more than is allowed; whether it ends with a line feed."""
    offset, last = 0, b""
    with target.open("wb") as copy:
        while chunk := os.pread(source, _CHUNK_BYTES, offset):
            offset += len(chunk)
            if offset > MAX_FILE_BYTES:
                raise _too_large()
            copy.write(chunk)
            last = chunk[-1:]
    return last == b"\n"


def _remove_folder(root: Path, folders: tuple[str, ...]) -> None:
    """Remove the folder of a run. It belongs to the engine's account, so that we may not is no failure."""
    try:
        with _opened_folder(root, list(folders[:-1])) as parent:
            shutil.rmtree(folders[-1], dir_fd=parent)
    except FileNotFoundError:
        return  # players and ball lie in the same folder
    except OSError as error:
        log.info("engine's folder stays", folder=folders[-1], error=str(error))


def _refused(named: str, why: str) -> AnalysisError:
    log.warning("engine's file refused", path=named[:300], reason=why)
    return PermanentFailure(
        "The analysis engine named a result file that is not one of this analysis.",
        code="engine_results_refused",
        hint="Ask the operator whether the engine writes into a folder of its own for each run in ENGINE_OUTPUT_DIR.",
    )


_unreachable = partial(
    PermanentFailure,
    code="engine_results_unreachable",
    hint="Ask the operator for an engine that sends its results over the connection, or for ENGINE_OUTPUT_DIR.",
)


def _too_large() -> AnalysisError:
    return PermanentFailure(
        f"The results of the analysis are larger than {MAX_FILE_BYTES >> 20} MB.", code="metrics_too_large"
    )
