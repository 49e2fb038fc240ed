"""An nginx of our own, from the installed binary, with the files of deploy/nginx."""

import os
import shutil
import socket
from functools import cached_property
from pathlib import Path

import httpx2

from tests.conftest import ROOT
from tests.servers.authority import Certified
from tests.servers.private_server import PrivateServer
from tests.waiting import free_port, patient_client

CONFIGURATION = ROOT / "deploy" / "nginx"
_OWN_USER = "user root;" if os.geteuid() == 0 else ""  # else nginx would become nobody, who may not enter our folders


def find_nginx() -> str | None:
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


class PrivateNginx(PrivateServer):
    """Stands in front of ``upstream``; with a certificate it listens on ``tls_port``, too. What differs from the files
    in deploy/nginx: ports, addresses, and where the certificate lies."""

    def __init__(self, directory: Path, upstream: str, *, certified: Certified | None = None) -> None:
        super().__init__(directory)
        program = find_nginx()
        if program is None:
            raise FileNotFoundError("nginx is not installed")
        self._program = program
        self.tls_port = free_port()
        here = {
            "http://api:8000": upstream,
            "listen 8080": f"listen 127.0.0.1:{self.port}",
            "listen 8443": f"listen 127.0.0.1:{self.tls_port}",
            "worker_processes auto": "worker_processes 1",
        }
        if certified is not None:
            here |= {
                "/run/secrets/tls_certificate": str(certified.certificate),
                "/run/secrets/tls_key": str(certified.key),
            }
        self._lay_out(here, server="server-tls.conf" if certified else "server.conf")

    def _lay_out(self, here: dict[str, str], *, server: str) -> None:
        folder = self.directory / "conf"
        folder.mkdir()
        for path in CONFIGURATION.glob("*.conf"):
            text = path.read_text(encoding="utf-8")
            for there, ours in here.items():
                text = text.replace(there, ours)
            (folder / path.name).write_text(text, encoding="utf-8")
        (folder / server).rename(folder / "server.conf")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def client(self) -> httpx2.Client:
        return patient_client(self.url)

    def command(self) -> list[str | Path]:
        paths = ["-p", f"{self.directory}/", "-c", self.directory / "conf" / "nginx.conf", "-e", "stderr"]
        return [self._program, *paths, "-g", f"daemon off; {_OWN_USER}"]

    def is_answering(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except OSError:
            return False
        return True
