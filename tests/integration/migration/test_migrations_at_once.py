"""Several replicas start at the same moment: their migrations run once, one after the other, and none fails."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, inspect
from sqlalchemy.engine import URL

from tests.conftest import ROOT
from tests.integration.conftest import SECRET_KEY

REPLICAS = 3
FIRST = "0001"  # one revision is enough to collide
UPGRADE = ("-m", "alembic", "--config", str(ROOT / "alembic.ini"), "upgrade", FIRST)
WAITS = "another process migrates the database; this one waits for it"
HOLD_THE_LOCK = """
import sys
from sqlalchemy import NullPool, create_engine
from app.core.migration_lock import migrating_alone

engine = create_engine(sys.argv[1], poolclass=NullPool)
with engine.connect() as connection, migrating_alone(connection):
    print("held", flush=True)
    sys.stdin.read()
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(empty_url: URL, tmp_path: Path) -> Iterator[Start]:
    """Start Python processes that find the empty database in their environment; none outlives the test."""
    processes: list[subprocess.Popen[str]] = []
    address = empty_url.render_as_string(hide_password=False)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": address,
    }

    def start_process(*arguments: str) -> "subprocess.Popen[str]":
        pipe = subprocess.PIPE
        command = [sys.executable, *arguments]
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )
        processes.append(process)
        return process

    yield start_process
    for process in processes:
        process.kill()
        process.communicate()


@contextmanager
def holder_of_the_lock(start: Start, url: URL) -> Iterator["subprocess.Popen[str]"]:
    holder = start("-c", HOLD_THE_LOCK, url.render_as_string(hide_password=False))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    yield holder


def is_migrated(url: URL) -> bool:
    return inspect(create_engine(url, poolclass=NullPool)).has_table("jobs")


def test_replicas_that_start_at_the_same_moment_migrate_once(start: Start, empty_url: URL) -> None:
    replicas = [start(*UPGRADE) for _ in range(REPLICAS)]
    said = [replica.communicate(timeout=120) for replica in replicas]
    assert [replica.returncode for replica in replicas] == [0] * REPLICAS, said
    assert is_migrated(empty_url)


def test_who_has_to_wait_says_so_and_goes_on_when_the_other_one_is_done(start: Start, empty_url: URL) -> None:
    with holder_of_the_lock(start, empty_url) as holder:
        waiting = start(*UPGRADE)
        assert waiting.stderr is not None
        assert WAITS in waiting.stderr.readline()
        assert not is_migrated(empty_url)
        holder.communicate()
    _, said = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, said
    assert is_migrated(empty_url)


def test_who_dies_with_the_lock_keeps_nobody_waiting(start: Start, empty_url: URL) -> None:
    with holder_of_the_lock(start, empty_url) as holder:
        waiting = start(*UPGRADE)
        assert waiting.stderr is not None
        assert WAITS in waiting.stderr.readline()
        holder.kill()
    _, said = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, said
    assert is_migrated(empty_url)
