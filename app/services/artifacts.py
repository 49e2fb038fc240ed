"""What one attempt has on disk: the calibration that the engine read, the CSV files that it sends, and what is kept."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.services.engine import MetricsKind, MetricsRows
from app.services.ingest.samples import PlayerSamples
from app.services.job_manager import Claim


@dataclass(frozen=True, slots=True)
class AttemptArtifacts:
    """The directory of one attempt, which no other attempt uses."""

    directory: Path

    @classmethod
    def fresh(cls, root: Path, claim: Claim) -> "AttemptArtifacts":
        """Make the directory; what earlier attempts of the job left is removed."""
        of_job = root / str(claim.job_id)
        shutil.rmtree(of_job, ignore_errors=True)
        directory = of_job / str(claim.fence)
        directory.mkdir(parents=True)
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

    @contextmanager
    def receiving(self) -> Iterator["MetricsReceiver"]:
        with self.players.open("wb") as players, self.ball.open("wb") as ball:
            yield MetricsReceiver(players, ball)

    def keep_positions(self, players: PlayerSamples) -> None:
        """Keep the positions as one Parquet file, a fiftieth of the CSV, which has done its work."""
        players.frame.write_parquet(self.directory / "positions.parquet", compression="zstd")
        for csv in (self.players, self.ball):
            csv.unlink()

    def remove(self) -> None:
        """Remove what this attempt has on disk, and nothing of a newer attempt that may be under way."""
        shutil.rmtree(self.directory, ignore_errors=True)
        with suppress(OSError):  # not empty: another attempt's
            self.directory.parent.rmdir()


@dataclass(frozen=True, slots=True)
class MetricsReceiver:
    """Appends rows to their file as they arrive."""

    players: BinaryIO
    ball: BinaryIO

    def write(self, metrics: MetricsRows) -> None:
        file = self.players if metrics.kind is MetricsKind.PLAYERS else self.ball
        file.write(metrics.rows)
