import uuid
from pathlib import Path

from app.services.artifacts import AttemptArtifacts
from app.services.engine import MetricsKind, MetricsRows
from app.services.job_manager import Claim

JOB = uuid.uuid4()


def test_rows_land_in_the_file_of_their_kind_in_the_order_of_arrival(tmp_path: Path) -> None:
    artifacts = AttemptArtifacts.fresh(tmp_path, Claim(JOB, 1, 1))
    with artifacts.receiving() as receiver:
        for kind, rows in ((MetricsKind.PLAYERS, b"a\n"), (MetricsKind.BALL, b"x\n"), (MetricsKind.PLAYERS, b"b\n")):
            receiver.write(MetricsRows(kind, rows))
    assert (artifacts.players.read_bytes(), artifacts.ball.read_bytes()) == (b"a\nb\n", b"x\n")


def test_an_attempt_that_lost_its_job_takes_nothing_from_the_one_that_has_it(tmp_path: Path) -> None:
    old = AttemptArtifacts.fresh(tmp_path, Claim(JOB, 1, 1))
    new = AttemptArtifacts.fresh(tmp_path, Claim(JOB, 2, 2))
    new.players.write_bytes(b"rows")
    old.remove()
    assert new.players.read_bytes() == b"rows"


def test_a_new_attempt_clears_up_after_the_old_ones(tmp_path: Path) -> None:
    old = AttemptArtifacts.fresh(tmp_path, Claim(JOB, 1, 1))
    AttemptArtifacts.fresh(tmp_path, Claim(JOB, 2, 2))
    assert not old.directory.exists()


def test_an_attempt_that_begins_late_takes_nothing_from_a_later_one(tmp_path: Path) -> None:
    """A worker that was frozen between its claim and its first file."""
    later = AttemptArtifacts.fresh(tmp_path, Claim(JOB, 2, 2))
    later.players.write_bytes(b"rows")
    AttemptArtifacts.fresh(tmp_path, Claim(JOB, 1, 1)).remove()
    assert later.players.read_bytes() == b"rows"


def test_a_failed_attempt_leaves_nothing(tmp_path: Path) -> None:
    AttemptArtifacts.fresh(tmp_path, Claim(JOB, 1, 1)).remove()
    assert list(tmp_path.iterdir()) == []
