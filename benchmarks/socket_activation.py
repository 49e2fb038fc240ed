"""What systemd does for a unit with a ``.socket``, in small: hold the socket, and restart the service behind it.

python -m benchmarks.socket_activation PORT MODULE [ARGUMENT ...]

The service inherits the socket as file descriptor 3 (sd_listen_fds(3)). SIGHUP is ``systemctl restart``: SIGTERM, wait
for the end, start anew; whoever connects meanwhile waits in the socket's queue. SIGTERM stops the service, and this.
"""

import os
import signal
import socket
import sys
from collections.abc import Sequence

_FIRST_FD = 3
_BACKLOG = 2048
_SIGNALS = frozenset({signal.SIGHUP, signal.SIGTERM})


def main(port: int, command: Sequence[str]) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # they are waited for, and interrupt nothing
    listener = socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
    while True:
        service = _start(listener, command)
        received = signal.sigwait(_SIGNALS)
        os.kill(service, signal.SIGTERM)
        os.waitpid(service, 0)
        if received == signal.SIGTERM:
            return


def _start(listener: socket.socket, command: Sequence[str]) -> int:
    pid = os.fork()
    if pid == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.dup2(listener.fileno(), _FIRST_FD)
        os.set_inheritable(_FIRST_FD, True)  # dup2 does that, but not where both are the same
        os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
        os.execv(sys.executable, [sys.executable, "-m", *command])
    return pid


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
