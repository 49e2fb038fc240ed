"""What one attempt leaves on disk: the calibration that the engine read, and the CSV files that it sent."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.services.engine import MetricsKind, MetricsRows
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

    def remove(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class MetricsReceiver:
    """Appends rows to their file as they arrive: a match of metrics never stands in memory."""

    players: BinaryIO
    ball: BinaryIO

    def write(self, metrics: MetricsRows) -> None:
        file = self.players if metrics.kind is MetricsKind.PLAYERS else self.ball
        file.write(metrics.rows)
