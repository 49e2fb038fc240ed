"""What one attempt has on disk: the calibration that the engine read, the CSV files that it sends, and what is kept."""

import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import structlog
from sqlalchemy.orm import Session

from app.core.database import after_commit
from app.services.engine import MetricsKind, MetricsRows, PreviewPart
from app.services.job_manager import Claim

if TYPE_CHECKING:  # who has positions has Polars; who only deletes files need not load it
    from app.services.ingest.samples import PlayerSamples

log = structlog.get_logger(__name__)

_POSITIONS = "positions.parquet"
_PREVIEW = "preview.mp4"


@dataclass(frozen=True, slots=True)
class AttemptArtifacts:
    """The directory of one attempt, which no other attempt uses."""

    directory: Path

    @classmethod
    def fresh(cls, root: Path, claim: Claim) -> "AttemptArtifacts":
        """Make the directory; what earlier attempts of the job left is removed.

        Nothing of a later one: a worker that was frozen right after its claim comes here when its lease is over.
        """
        of_job = root / str(claim.job_id)
        directory = of_job / str(claim.fence)
        directory.mkdir(parents=True)
        for fence in _fences_in(of_job):
            if fence < claim.fence:
                shutil.rmtree(of_job / str(fence), ignore_errors=True)
        return cls(directory)

    @property
    def calibration(self) -> Path:
        return self.directory / "calibration.yaml"

    @property
    def players(self) -> Path:
        return self.directory / "players.csv"

    @property
    def ball(self) -> Path:
        return self.directory / "ball.csv"

    @property
    def preview(self) -> Path:
        return self.directory / _PREVIEW

    @contextmanager
    def receiving(self) -> Iterator["Receiver"]:
        with self.players.open("wb") as players, self.ball.open("wb") as ball, self.preview.open("wb") as preview:
            yield Receiver(players, ball, preview)

    def keep_preview(self, *, sent_bytes: int) -> int | None:
        """Keep a film that came whole, durably; its size. A film that is cut is no reason to refuse the figures: it is
        dropped, as if there were none.
        """
        size = self.preview.stat().st_size
        if size == 0 or size != sent_bytes:
            if size:
                log.warning("preview dropped", directory=str(self.directory), sent=sent_bytes, received=size)
            self.preview.unlink()
            return None
        with self.preview.open("rb") as film:
            os.fsync(film.fileno())
        return size

    def keep_positions(self, players: "PlayerSamples") -> None:
        """Keep the positions as one Parquet file, a fiftieth of the CSV, which has done its work."""
        players.frame.write_parquet(self.directory / _POSITIONS, compression="zstd")
        for csv in (self.players, self.ball):
            csv.unlink()

    def remove(self) -> None:
        """Remove what this attempt has on disk, and nothing of a newer attempt that may be under way."""
        shutil.rmtree(self.directory, ignore_errors=True)
        with suppress(OSError):  # not empty: another attempt's
            self.directory.parent.rmdir()


def _fences_in(of_job: Path) -> list[int]:
    """Of the attempts that have a directory."""
    return [int(path.name) for path in of_job.iterdir() if path.name.isdecimal()]


def kept_positions(root: Path, job_id: uuid.UUID, fence: int) -> Path:
    """Where the attempt that completed a job has left the positions, with the track numbers of the engine."""
    return root / str(job_id) / str(fence) / _POSITIONS


def kept_preview(root: Path, job_id: uuid.UUID, fence: int) -> Path:
    """Where the attempt that completed a job has left the film, if there is one."""
    return root / str(job_id) / str(fence) / _PREVIEW


def forget_artifacts(session: Session, root: Path, job_ids: Iterable[uuid.UUID]) -> None:
    """Remove what jobs have on disk once their rows are gone for good."""
    for job_id in job_ids:
        after_commit(session, partial(shutil.rmtree, root / str(job_id), ignore_errors=True))


@dataclass(frozen=True, slots=True)
class Receiver:
    """Appends what an engine sends to its file as it arrives."""

    players: BinaryIO
    ball: BinaryIO
    preview: BinaryIO

    def write(self, piece: MetricsRows | PreviewPart) -> None:
        match piece:
            case PreviewPart():
                self.preview.write(piece.content)
            case MetricsRows(kind=MetricsKind.PLAYERS):
                self.players.write(piece.rows)
            case MetricsRows():
                self.ball.write(piece.rows)
