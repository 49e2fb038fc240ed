"""The audit of the dependencies: the real pip-audit, asking an advisory service on the loopback interface."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from scripts.audit import AuditFailed, ServiceAway, audit, main, read_answer

ADVISORY = {
    "id": "PYSEC-2099-1",
    "summary": "Everything is readable.",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.9"}]}],
        }
    ],
}
# As pip-audit 2.10 printed it, with an index that has packages but no advisories.
ONE_OF_TWO_UNKNOWN = """{"dependencies": [
    {"name": "ours", "skip_reason": "Dependency not found on PyPI and could not be audited: ours (1.0)"},
    {"name": "jinja2", "version": "3.1.6", "vulns": []}], "fixes": []}"""


@contextmanager
def advisory_service(vulnerable: str = "", *, status: int = 200) -> Iterator[list[str]]:
    """A service that speaks OSV; the options that make pip-audit ask it."""

    class Service(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps({"vulns": [ADVISORY]} if asked["package"]["name"] == vulnerable else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Keep the output of the tests to the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield asking(server.server_port)
        server.shutdown()


def asking(port: int) -> list[str]:
    return ["--vulnerability-service", "osv", "--osv-url", f"http://127.0.0.1:{port}/v1/query"]


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("jinja2==3.1.6\nmarkupsafe==3.0.3\n")
    return tmp_path / "requirements.txt"


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_no_vulnerability_is_found_where_none_is_known(pinned: Path) -> None:
    with advisory_service() as options:
        found = audit(pinned, options)
    assert found.is_clean
    assert found.looked_up == 2


def test_a_known_vulnerability_fails_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    with advisory_service("jinja2") as options:
        assert main(["--if-reachable", *options]) == 1
    printed = capsys.readouterr().out
    assert ": PYSEC-2099-1, mended in 9.9\n" in printed
    assert "known vulnerabilities: 1" in printed


def test_a_package_that_the_service_does_not_know_is_no_clean_one() -> None:
    found = read_answer(ONE_OF_TWO_UNKNOWN)
    assert (found.looked_up, found.unknown, found.is_clean) == (1, ["ours"], False)


def test_a_service_that_is_away_is_told_and_fails_only_the_strict_audit(
    closed_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--if-reachable", *asking(closed_port)]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("audit: NOTHING WAS AUDITED, the advisory service cannot be reached: ")
    assert told.err.count("\n") == 1
    assert main(asking(closed_port)) == 2


def test_a_service_that_never_answers_is_away(pinned: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(ServiceAway, match="Timeout"):
        audit(pinned, asking(silent.getsockname()[1]))


def test_a_service_that_has_broken_down_is_away(pinned: Path) -> None:
    with advisory_service(status=503) as options, pytest.raises(ServiceAway, match="503"):
        audit(pinned, options)


def test_the_service_that_is_asked_by_default_can_be_away(
    pinned: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port}")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(ServiceAway, match=r"pypi\.org"):
        audit(pinned)


@pytest.mark.parametrize(
    "options",
    [
        ["--vulnerability-service", "rumours"],  # no such service
        ["--vulnerability-service", "osv", "--osv-url", "nowhere"],  # no URL
    ],
)
def test_a_call_that_pip_audit_refuses_is_no_absent_service(pinned: Path, options: list[str]) -> None:
    with pytest.raises(AuditFailed):
        audit(pinned, options)
    assert main(["--if-reachable", *options]) == 2


def test_a_file_that_pip_audit_cannot_read_fails(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("jinja2>=3\n")
    with pytest.raises(AuditFailed, match="jinja2"):
        audit(tmp_path / "requirements.txt")
