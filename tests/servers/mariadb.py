"""A MariaDB of our own, from the installed binaries."""

import os
import shutil
import subprocess
from pathlib import Path

import pymysql

from tests.servers.private_server import PrivateServer


def find_mariadb() -> tuple[Path, Path] | None:
    """The server and the program that makes its data directory, if both are installed."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    server, installer = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
    return (Path(server), Path(installer)) if server and installer else None


THROWN_AWAY = ("--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0")
"""Quick: a commit may be lost when the server is killed."""
SURVIVES_A_KILL = ("--innodb-flush-log-at-trx-commit=2",)
"""Every commit is with the operating system, so it outlives the server, but not the machine."""


class PrivateMariaDB(PrivateServer):
    """User root, no password. ``durability``: options. The data outlives a stop and a kill."""

    start_patience_s = 60.0

    def __init__(self, directory: Path, *, durability: tuple[str, ...] = THROWN_AWAY) -> None:
        super().__init__(directory)
        programs = find_mariadb()
        if programs is None:
            raise FileNotFoundError("mariadbd and mariadb-install-db are not installed")
        self._server, self._installer = programs
        self._data = directory / "data"
        self._as_user = ["--user=root"] if os.geteuid() == 0 else []
        self._durability = durability

    def start(self) -> None:
        if not self._data.exists():
            self._make_data()
        super().start()

    def command(self) -> list[str | Path]:
        return [
            self._server, "--no-defaults", f"--datadir={self._data}", f"--socket={self.directory / 'socket'}",
            f"--pid-file={self.directory / 'pid'}", f"--port={self.port}", "--bind-address=127.0.0.1",
            "--skip-log-bin", "--innodb-buffer-pool-size=64M", *self._durability, *self._as_user,
        ]  # fmt: skip

    def is_answering(self) -> bool:
        try:
            self.execute("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True

    def _make_data(self) -> None:
        """A second try, since Debian's program has been seen to fail on a busy machine after all its work was done."""
        command = [self._installer, "--no-defaults", f"--datadir={self._data}", *self._as_user]
        options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
        for _ in range(2):
            shutil.rmtree(self._data, ignore_errors=True)
            made = subprocess.run([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if made.returncode == 0:
                return
        raise OSError(f"mariadb-install-db failed twice: {made.stdout}")

    def url(self, database: str = "") -> str:
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{database}"

    def execute(self, *statements: str) -> None:
        with pymysql.connect(host="127.0.0.1", port=self.port, user="root") as connection:
            for statement in statements:
                connection.cursor().execute(statement)
            connection.commit()
