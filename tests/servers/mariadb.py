"""A MariaDB of our own, from the installed binaries."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pymysql

from tests.waiting import free_port

_START_PATIENCE_S = 60.0


def find_mariadb() -> tuple[Path, Path] | None:
    """The server and the program that makes its data directory, if both are installed."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    server, installer = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
    return (Path(server), Path(installer)) if server and installer else None


THROWN_AWAY = ("--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0")
"""Quick: a commit may be lost when the server is killed."""
SURVIVES_A_KILL = ("--innodb-flush-log-at-trx-commit=2",)
"""Every commit is with the operating system, so it outlives the server, but not the machine."""


class PrivateMariaDB:
    """Listens on a free port of 127.0.0.1; user root, no password. ``durability``: options."""

    def __init__(self, directory: Path, *, durability: tuple[str, ...] = THROWN_AWAY) -> None:
        programs = find_mariadb()
        if programs is None:
            raise FileNotFoundError("mariadbd and mariadb-install-db are not installed")
        self._server, self._installer = programs
        self._directory = directory
        self._durability = durability
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def start(self) -> None:
        """Also after a stop or a kill: the data is still there."""
        data = self._directory / "data"
        as_user = ["--user=root"] if os.geteuid() == 0 else []
        if not data.exists():
            self._make(data, as_user)
        log = (self._directory / "log").open("ab")
        self._process = subprocess.Popen(
            [self._server, "--no-defaults", f"--datadir={data}", f"--socket={self._directory / 'socket'}",
             f"--pid-file={self._directory / 'pid'}", f"--port={self.port}", "--bind-address=127.0.0.1",
             "--skip-log-bin", "--innodb-buffer-pool-size=64M", *self._durability, *as_user],
            stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        self._wait_until_it_answers()

    def _make(self, data: Path, as_user: list[str]) -> None:
        """A second try, since Debian's program has been seen to fail on a busy machine after all its work was done."""
        command = [self._installer, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
        for _ in range(2):
            shutil.rmtree(data, ignore_errors=True)
            made = subprocess.run(
                [*command, "--skip-test-db", *as_user], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            if made.returncode == 0:
                return
        raise OSError(f"mariadb-install-db failed twice: {made.stdout}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def url(self, database: str = "") -> str:
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str) -> None:
        with pymysql.connect(host="127.0.0.1", port=self.port, user="root") as connection:
            for statement in statements:
                connection.cursor().execute(statement)
            connection.commit()

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_PATIENCE_S
        while True:
            try:
                self.execute("SELECT 1")
                return
            except pymysql.err.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise RuntimeError((self._directory / "log").read_text()) from None
                time.sleep(0.05)
