"""A RabbitMQ of our own, from the installed files: a node with ports, a cookie and a name server of its own.

Nothing is shared with a node that the machine runs already.
"""

import os
import shutil
import subprocess
from pathlib import Path

from amqp.exceptions import NotFound
from kombu import Connection

from tests.servers.private_server import PrivateServer
from tests.waiting import free_port

# Not the one in /usr/sbin: that one changes to the user and the directory of the machine's node.
_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def find_rabbitmq() -> tuple[Path, Path] | None:
    """The server and Erlang's name server, if both are installed."""
    epmd = shutil.which("epmd")
    return (_SERVER, Path(epmd)) if _SERVER.exists() and epmd else None


class PrivateRabbitMQ(PrivateServer):
    """User and password guest. Restarts keep durable queues."""

    start_patience_s = 90.0

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        programs = find_rabbitmq()
        if programs is None:
            raise FileNotFoundError("rabbitmq-server and epmd are not installed")
        self._server, self._name_server = programs
        self._names: subprocess.Popen[bytes] | None = None
        self._node = self._describe_node()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    @property
    def environment(self) -> dict[str, str]:
        return self._node

    def command(self) -> list[str | Path]:
        return [self._server, "-noinput"]

    def is_answering(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=5) as connection:
                connection.connect()
        except OSError:
            return False
        return True

    def start(self) -> None:
        (self.directory / "plugins").write_text("[].")
        port = self._node["ERL_EPMD_PORT"]
        self._names = self.spawn(self._name_server, "-address", "127.0.0.1", "-port", port)
        super().start()

    def stop(self) -> None:
        super().stop()
        self._end_name_server()

    def kill(self) -> None:
        super().kill()
        self._end_name_server()

    def _end_name_server(self) -> None:
        """After the node, which is registered with it."""
        if self._names is not None:
            self._names.terminate()
            self._names.wait(30)
            self._names = None

    def purge(self, queue: str) -> int:
        """Throw a queue's messages away; how many there were."""
        with Connection(self.url) as connection:
            try:
                return int(connection.default_channel.queue_purge(queue) or 0)
            except NotFound:  # nobody has sent anything yet
                return 0

    def _describe_node(self) -> dict[str, str]:
        where = self.directory
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
