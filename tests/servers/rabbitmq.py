"""A RabbitMQ of our own, from the installed files: a node with ports, a cookie and a name server of its own.

Nothing is shared with a node that the machine runs already.
"""

import os
import shutil
import subprocess
from pathlib import Path

from amqp.exceptions import NotFound
from kombu import Connection

from tests.waiting import free_port, wait_until

# Not the one in /usr/sbin: that one changes to the user and the directory of the machine's node.
_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_START_PATIENCE_S = 90.0


def find_rabbitmq() -> tuple[Path, Path] | None:
    """The server and Erlang's name server, if both are installed."""
    epmd = shutil.which("epmd")
    return (_SERVER, Path(epmd)) if _SERVER.exists() and epmd else None


class PrivateRabbitMQ:
    """Listens on a free port of 127.0.0.1; user and password guest. Restarts keep durable queues."""

    def __init__(self, directory: Path) -> None:
        programs = find_rabbitmq()
        if programs is None:
            raise FileNotFoundError("rabbitmq-server and epmd are not installed")
        self._server, self._name_server = programs
        self._directory = directory
        self._processes: list[subprocess.Popen[bytes]] = []
        self.port = free_port()
        self._environment = self._describe_node()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        (self._directory / "plugins").write_text("[].")
        self._spawn(self._name_server, "-address", "127.0.0.1", "-port", self._environment["ERL_EPMD_PORT"])
        self._spawn(self._server, "-noinput")
        wait_until(self._answers, patience_s=_START_PATIENCE_S)

    def stop(self) -> None:
        while self._processes:  # the node first, then the name server that it is registered with
            process = self._processes.pop()
            process.terminate()
            process.wait(30)

    def restart(self) -> None:
        self.stop()
        self.start()

    def purge(self, queue: str) -> int:
        """Throw a queue's messages away; how many there were."""
        with Connection(self.url) as connection:
            try:
                return int(connection.default_channel.queue_purge(queue) or 0)
            except NotFound:  # nobody has sent anything yet
                return 0

    def _describe_node(self) -> dict[str, str]:
        where = self._directory
        return {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "HOME": str(where),  # the node's cookie lies there
            "ERL_EPMD_PORT": str(free_port()),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_ALLOW_INPUT": "1",  # no shell around the node: the signals are for the node itself
            "RABBITMQ_NODENAME": f"private-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(where / "mnesia"),
            "RABBITMQ_LOG_BASE": str(where / "log"),
            "RABBITMQ_PID_FILE": str(where / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(where / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(where / "none"),
            "RABBITMQ_CONFIG_FILE": str(where / "none"),
        }

    def _spawn(self, program: Path, *arguments: str) -> None:
        with (self._directory / "output").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [program, *arguments], cwd=self._directory, env=self._environment,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )
            )  # fmt: skip

    def _answers(self) -> bool:
        if self._processes[-1].poll() is not None:
            raise RuntimeError((self._directory / "output").read_text())
        try:
            with Connection(self.url, connect_timeout=5) as connection:
                connection.connect()
        except OSError:
            return False
        return True
