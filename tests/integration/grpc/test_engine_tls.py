"""The bundled engine behind TLS and a token, and the orchestrator's client in front of it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs
from typer.testing import CliRunner

from app.cli import app
from app.core.config import Settings
from app.services import analysis_service
from app.services.analysis_service import make_engine
from app.services.engine import EngineRequest, EngineResult
from tests.conftest import ROOT
from tests.integration.conftest import SECRET_KEY
from tests.integration.grpc.clips import FRAMES, make_clip
from tests.integration.grpc.engine_process import run_engine
from tests.servers.authority import Authority

TOKEN = "a token that engines ask for"
Connect = Callable[..., Settings]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture(scope="module")
def address(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of an engine whose certificate is for a name."""
    server = authority.certify("engine.example")
    token = tmp_path_factory.mktemp("token") / "token"
    token.write_text(f"{TOKEN}\n", encoding="utf-8")
    options = ("--tls-cert", server.certificate, "--tls-key", server.key, "--token-file", token, "--workers", "1")
    with run_engine(*map(str, options)) as engine:
        yield engine.address


@pytest.fixture
def connect(address: str, authority: Authority) -> Connect:
    """Settings that reach the engine, but for what is changed."""

    def make(**changes: object) -> Settings:
        right = {"engine_tls_ca": authority.certificate, "engine_tls_name": "engine.example", "engine_token": TOKEN}
        return Settings(_env_file=None, secret_key=SECRET_KEY, analysis_engine_host=address, **(right | changes))

    return make


def is_reachable(settings: Settings) -> bool:
    with closing(make_engine(settings)) as engine:
        return engine.is_reachable()


def test_an_analysis_runs_over_tls_with_the_token(connect: Connect, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "drawn.mp4")
    with closing(make_engine(connect())) as engine:
        assert engine.is_reachable()
        *_, result = engine.analyze(EngineRequest("run-1", clip, None, None))
    assert isinstance(result, EngineResult)
    assert result.frames_total == FRAMES


def test_an_engine_that_somebody_else_certified_is_not_talked_to(connect: Connect, tmp_path: Path) -> None:
    assert not is_reachable(connect(engine_tls_ca=Authority(tmp_path / "other").certificate))


def test_an_engine_of_another_name_is_not_talked_to(connect: Connect) -> None:
    assert not is_reachable(connect(engine_tls_name=None))  # the certificate does not name the address
    assert not is_reachable(connect(engine_tls_name="other.example"))


def test_the_engine_does_not_talk_in_clear(connect: Connect) -> None:
    assert not is_reachable(connect(engine_tls_ca=None, engine_token=None))


@pytest.mark.parametrize("token", [None, "another token, as long"])
def test_who_has_not_the_token_is_turned_away_and_the_log_says_why(
    connect: Connect, token: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A logger that no other test has made ready for its own log.
    monkeypatch.setattr(analysis_service, "log", structlog.get_logger())
    with capture_logs() as logs:
        assert not is_reachable(connect(engine_token=token))
    assert [line["event"].partition(";")[0] for line in logs] == ["engine refuses us"]


def check(address: str, film: Path, *options: object) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["engine-check", address, "--video", str(film), *map(str, options)])
    return answer.exit_code, answer.output


def test_engine_check_speaks_tls_and_shows_the_token(address: str, authority: Authority, tmp_path: Path) -> None:
    clip, token = make_clip(tmp_path / "drawn.mp4"), tmp_path / "token"
    token.write_text(TOKEN, encoding="utf-8")
    named = ("--tls-ca", authority.certificate, "--tls-name", "engine.example")
    code, told = check(address, clip, *named, "--token-file", token)
    assert (code, len(told.splitlines())) == (0, 14), told
    assert check(address, clip)[0] == 1
    for wrong in (named, (*named[:2], "--token-file", token)):  # without the token; without the name
        code, told = check(address, clip, *wrong)
        assert (code, len(told.splitlines())) == (1, 1), told
    assert "the token is not the one" in check(address, clip, *named)[1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--token-file", "token"), "name the engine's authority with --tls-ca"),
        (("--token-file", "empty", "--tls-ca", "token"), "There is no token in"),
        (("--tls-ca", "nowhere.pem"), "No such file or directory: nowhere.pem"),
    ],
)
def test_engine_check_asks_for_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("token").write_text(TOKEN, encoding="utf-8")
    Path("empty").write_text("\n", encoding="utf-8")
    code, told = check("127.0.0.1:1", tmp_path / "none.mp4", *options)
    assert (code, len(told.splitlines())) == (2, 1)
    assert sentence in told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--tls-cert", "x.pem"), "belong together"),
        (("--token-file", "token"), "needs --tls-cert"),
        (("--tls-cert", "nowhere.pem", "--tls-key", "nowhere.key"), "Cannot read nowhere.pem"),
    ],
)
def test_half_a_door_is_none(options: tuple[str, ...], sentence: str) -> None:
    command = [sys.executable, "-m", "engine", "--port", "0", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert sentence in " ".join(done.stderr.replace("│", " ").split())
