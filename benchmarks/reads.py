"""Two reads that every screen makes, answered anew and from the cache, beside the usual way of such a backend."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.config import Settings
from app.core.database import Database
from app.core.migrations import upgrade_database
from app.models import Match, PlayerMatchStatistics
from benchmarks.asking import Load, Measured
from benchmarks.report import Section, met
from scripts.seed import add_seed
from tests.conftest import ROOT
from tests.servers.authority import Authority
from tests.servers.coach_pro import ServerProcess
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.redis import PrivateRedis
from tests.waiting import free_port, patient_client

_TITLE = "Reads, with one process and 16 connections"
_TEXT = """
An authenticated list of 20 matches, and all that the screen of one shows, of the demo club on MariaDB. The usual way is
`benchmarks/ancestor.py`: FastAPI, a token and a user that are looked up, plain SQL, and a connection per request, which
its driver encrypts where the server offers it, unless it is told not to. Ours is `coach-pro serve` with limits counted
and the driver's own encryption; it also tells how many matches there are in all. None writes a line about a request.
Each round asks all in turn; rates are medians of the rounds, and ratios are medians of the ratios within a round.
"""
_COLUMNS = ("read", "answered", "answers/s", "of the usual way", "of it with TLS", "bar")
_DATABASE = "coach_pro_bench"
_SECRET_KEY = "a-secret-that-is-only-used-by-the-benchmarks"
_CONNECTIONS = 16
_MORE_MATCHES = 30
_ROUNDS, _SECONDS, _WARM_UP_S = 5, 4.0, 1.0
_LOG_IN = {"username": "coach@example.com", "password": "coach-pro-demo"}
_PLAIN, _TLS = "the usual way", "the usual way, TLS"
_ANEW, _CACHED, _KNOWN = "ours, nothing kept", "ours, from the cache", "ours, from the cache, 304"
_AS_OPERATED = {
    "LOG_LEVEL": "WARNING",
    "RATE_LIMITS": "True",
    # Counted as for anybody, but all that is asked here comes from one account.
    "RATE_LIMIT_PER_ADDRESS": "1000000 per minute",
    "RATE_LIMIT_PER_ACCOUNT": "1000000 per minute",
    "EMBEDDED_WORKERS": "0",
}


@dataclass(frozen=True, slots=True)
class Contender:
    port: int
    headers: Mapping[str, str]
    status: str = "200"

    def answers_per_second(self, path: str, seconds: float) -> float:
        load = Load(self.port, path, dict(self.headers), _CONNECTIONS, seconds, _WARM_UP_S)
        measured = Measured.of(load)
        if set(measured.statuses) != {self.status}:
            raise RuntimeError(f"{path} at port {self.port} was answered with {measured.statuses}")
        if measured.busy > 0.9:
            raise RuntimeError("the one who asks is as slow as the one who answers")
        return measured.per_second


class Servers:
    """A database with the demo club, and all who answer from it: processes that are stopped when ``stack`` is."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self._directory = directory
        self._stack = stack
        self._settings = self._make_database()
        redis = PrivateRedis(directory)
        stack.callback(redis.stop)
        redis.start()
        anew, cached = self._start_ours(), self._start_ours(REDIS_URL=redis.url)
        logged_in = patient_client(anew).post("/api/token", data=_LOG_IN).raise_for_status().json()
        self.headers = {"Authorization": f"Bearer {logged_in['access_token']}"}
        self._urls = {_PLAIN: self._start_usual("plain"), _TLS: self._start_usual("tls"), _ANEW: anew, _CACHED: cached}

    def contenders(self, path: str) -> dict[str, Contender]:
        asked = {name: Contender(urlsplit(url).port or 0, self.headers) for name, url in self._urls.items()}
        answer = patient_client(self._urls[_CACHED]).get(path, headers=self.headers).raise_for_status()
        known = Contender(asked[_CACHED].port, self.headers | {"If-None-Match": answer.headers["ETag"]}, "304")
        return asked | {_KNOWN: known}

    def the_fullest_match(self) -> str:
        """Of which there are the most figures."""
        of, database = PlayerMatchStatistics, Database(self._settings.sqlalchemy_url)
        with database.reading() as session:
            match_id = session.scalars(select(of.match_id).group_by(of.match_id).order_by(func.count().desc())).first()
        database.dispose()
        return str(match_id)

    def _make_database(self) -> Settings:
        certified = Authority(self._directory / "authority").certify("127.0.0.1")
        offers_tls = (f"--ssl-cert={certified.certificate}", f"--ssl-key={certified.key}")
        mariadb = PrivateMariaDB(self._directory, durability=offers_tls)
        self._stack.callback(mariadb.stop)
        mariadb.start()
        mariadb.execute(f"CREATE DATABASE {_DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        settings = Settings(
            _env_file=None,
            secret_key=_SECRET_KEY,
            database_url=f"{mariadb.url(_DATABASE)}?charset=utf8mb4",
            data_dir=self._directory / "var",
            upload_dir=self._directory / "uploads",
        )
        upgrade_database(settings.sqlalchemy_url)
        database = Database(settings.sqlalchemy_url)
        with database.unit_of_work() as session:
            add_seed(session)
            session.flush()
            session.add_all(_more_matches(session))
        database.dispose()
        return settings

    def _start_ours(self, **changes: str) -> str:
        log = self._directory / "api.log"
        server = ServerProcess(
            self._settings, self._directory, engine_port=free_port(), log=log, **(_AS_OPERATED | changes)
        )
        self._stack.callback(server.kill)
        return server.url

    def _start_usual(self, encryption: str) -> str:
        url = self._settings.sqlalchemy_url.render_as_string(hide_password=False)
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ancestor", url, encryption],
            cwd=ROOT, env=os.environ | {"SECRET_KEY": _SECRET_KEY}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._stack.enter_context(process)
        self._stack.callback(process.kill)
        assert process.stdout is not None
        return process.stdout.readline().split()[-1]


def _more_matches(session: Session) -> Iterator[Match]:
    """As many again, day by day, that a page does not hold them all."""
    like = session.scalars(select(Match).order_by(Match.match_date)).first()
    assert like is not None
    for day in range(1, _MORE_MATCHES + 1):
        yield Match(
            club_id=like.club_id,
            competition_id=like.competition_id,
            home_team_id=like.home_team_id,
            away_team_id=like.away_team_id,
            match_date=like.match_date - timedelta(days=day),
            venue=like.venue,
            status=like.status,
            home_score=like.home_score,
            away_score=like.away_score,
        )


def measure(*, quick: bool) -> Sequence[Section]:
    """Ask all of them in turn: rates on a shared machine swing, and their ratios do so much less."""
    rounds, seconds = (1, 1.0) if quick else (_ROUNDS, _SECONDS)
    with tempfile.TemporaryDirectory(prefix="coach-pro-bench-") as name, ExitStack() as stack:
        servers = Servers(Path(name), stack)
        reads = {
            "list of 20 matches": "/api/matches?limit=20",
            "details of a match": f"/api/matches/{servers.the_fullest_match()}/details",
        }
        rows = []
        for read, path in reads.items():
            rates = _rates(servers.contenders(path), path, rounds, seconds)
            rows += [_row(read, name, rates) for name in rates]
    return [Section(_TITLE, f"{_TEXT}\n{rounds} rounds of {seconds:g} s each.", _COLUMNS, rows)]


def _rates(contenders: Mapping[str, Contender], path: str, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Answers per second in each round."""
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            rates[name].append(contender.answers_per_second(path, seconds))
    return rates


def _row(read: str, name: str, rates: Mapping[str, Sequence[float]]) -> list[str]:
    of_plain, of_tls = _ratio(rates[name], rates[_PLAIN]), _ratio(rates[name], rates[_TLS])
    of_cached = _ratio(rates[name], rates[_CACHED])
    bars = {
        _ANEW: ("1 and 3", of_plain >= 1 and of_tls >= 3),
        _CACHED: ("8", of_plain >= 8),
        _KNOWN: ("as the cache", of_cached >= 1),
    }
    bar, is_met = bars.get(name, ("-", True))
    said = f"{bar}: {met(is_met)}" if name in bars else "-"
    return [read, name, f"{median(rates[name]):.0f}", f"{of_plain:.2f}", f"{of_tls:.2f}", said]


def _ratio(rates: Sequence[float], others: Sequence[float]) -> float:
    return median(rate / other for rate, other in zip(rates, others, strict=True))
