"""The database and the broker go away and come back."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import ClassVar

import pymysql
from pymysql.cursors import Cursor

from tests.faults.complaints import against_completed
from tests.faults.fault import Fault, Outcome, let_pass
from tests.faults.films import Film
from tests.faults.world import DATABASE, PATIENCE_S, SHORT_LEASE
from tests.servers.coach_pro import ServerProcess, WorkerProcess
from tests.servers.rabbitmq import PrivateRabbitMQ
from tests.servers.redis import PrivateRedis
from tests.servers.switched_engine import Conduct
from tests.waiting import wait_until

_RESULT_TABLES = ("tracks", "player_match_statistics", "ball_positions")
"""The report, which the transaction writes first, is in the database by then, and not committed."""
_SWEEP_S = 1.0
_UPLOADS_AT_MOST = 4
_FOR_A_MESSAGE_S = 6.0
_TO_CLAIM_S = 0.5
"""What a worker that has woken up may take to claim, start and say so."""


class RestartedDatabase(Fault):
    """Even runs: while the engine works. Odd runs: when the transaction that writes the results has written some."""

    name = "restarted-database"
    title = "MariaDB restarted mid-job and mid-persist, in turn; stopped or killed, at random"
    runs = 20
    bar = "0 lost, 0 half-written"
    short_runs: ClassVar[tuple[int, ...]] = (0, 1)
    conduct = Conduct(seconds=0.6)

    def open(self, stack: ExitStack) -> None:
        self.world.engine.behave(self.conduct)
        self.world.start_workers(stack, 1, **SHORT_LEASE)

    def run(self, number: int, random: Random) -> Outcome:
        is_mid_persist = number % 2 == 1
        restart = self._restart_mid_persist if is_mid_persist else self._restart_mid_job
        jobs = restart(random)
        self.world.evidence.wait_for_the_end(list(jobs), patience_s=PATIENCE_S)
        half = self.world.evidence.half_written()
        return Outcome(
            violations=(
                *against_completed(self.world.evidence, self.world.expected(jobs)),
                *([f"{half} reports of jobs that are not completed"] if half else []),
            ),
            counts={
                "jobs": len(jobs),
                "restarts mid-persist": int(is_mid_persist),
                "jobs tried again": sum(job.attempt > 1 for job in self.world.evidence.jobs(jobs).values()),
            },
        )

    def _restart_mid_job(self, random: Random) -> dict[str, Film]:
        jobs = self.world.upload(2)
        let_pass(random, 0.1, 0.9)
        self._restart(random)
        return jobs

    def _restart_mid_persist(self, random: Random) -> dict[str, Film]:
        """One table, at random, refuses writes until the restart: there the transaction stands and waits."""
        with pymysql.connect(host="127.0.0.1", port=self.world.mariadb.port, user="root") as connection:
            holder = connection.cursor()
            holder.execute(f"LOCK TABLES {DATABASE}.{random.choice(_RESULT_TABLES)} READ")
            jobs = self.world.upload(2)
            wait_until(lambda: _count_waiting(holder), patience_s=PATIENCE_S)
            self._restart(random)
        return jobs

    def _restart(self, random: Random) -> None:
        if random.random() < 0.5:
            self.world.mariadb.stop()
        else:
            self.world.mariadb.kill()
        let_pass(random, 0.0, 1.0)
        self.world.mariadb.start()


def _count_waiting(cursor: Cursor) -> int:
    """How many statements wait for a table."""
    cursor.execute(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'Waiting for table metadata lock'"
    )
    (waiting,) = cursor.fetchone() or (0,)
    return int(waiting)


class RestartedBroker(Fault):
    """Three jobs each: one that is uploaded while the broker is away, one whose message is purged before any worker
    has seen it, and one after all of it."""

    name = "restarted-broker"
    title = "broker stopped, purged, restarted: RabbitMQ and Redis in turn"
    runs = 20
    bar = f"jobs start within one sweep interval ({_SWEEP_S:g} s, and {_TO_CLAIM_S:g} s for the claim itself)"
    short_runs: ClassVar[tuple[int, ...]] = (0, 1)
    conduct = Conduct(seconds=0.3)

    def open(self, stack: ExitStack) -> None:
        self.world.engine.behave(self.conduct)

    def run(self, number: int, random: Random) -> Outcome:
        broker = (self.world.rabbitmq, self.world.redis)[number % 2]
        changes = {
            "JOB_BACKEND": "celery", "CELERY_BROKER_URL": broker.url, "JOB_SWEEP_S": str(_SWEEP_S),
            "WORKER_CONCURRENCY": str(_UPLOADS_AT_MOST),
        }  # fmt: skip
        with ExitStack() as stack:
            api = self.world.start_api(stack, **changes)
            (worker,) = self.world.start_workers(stack, 1, **changes)
            away = self._while_it_is_away(broker, api)
            purged = self._with_its_message_purged(broker, api, worker)
            jobs = away.jobs | purged.jobs | self._upload(api)
            self.world.evidence.wait_for_the_end(list(jobs), patience_s=PATIENCE_S)
        seconds = away.seconds | purged.seconds
        late = [f"{what} took {wait_s:.2f} s" for what, wait_s in seconds.items() if wait_s > _SWEEP_S + _TO_CLAIM_S]
        return Outcome(
            violations=against_completed(self.world.evidence, self.world.expected(jobs)),
            late=tuple(late),
            counts={"jobs": len(jobs), "messages purged": purged.messages},
            seconds=seconds,
        )

    def _while_it_is_away(self, broker: PrivateRabbitMQ | PrivateRedis, api: ServerProcess) -> "_Step":
        broker.stop()
        began, began_at = time.monotonic(), datetime.now(UTC)
        jobs = self._upload(api)
        seconds = {
            "an upload while the broker was away": time.monotonic() - began,
            "a start while the broker was away": self._started_after(jobs, began_at),
        }
        return _Step(jobs, seconds)

    def _with_its_message_purged(
        self, broker: PrivateRabbitMQ | PrivateRedis, api: ServerProcess, worker: WorkerProcess
    ) -> "_Step":
        """The worker is frozen meanwhile, and so not connected to the broker that comes back."""
        worker.freeze()
        broker.start()
        jobs: dict[str, Film] = {}
        purged = 0
        while not purged and len(jobs) < _UPLOADS_AT_MOST:
            jobs |= self._upload(api)
            purged = self._purge(broker)
        thawed_at = datetime.now(UTC)
        worker.thaw()
        return _Step(jobs, {"a start after a purge": self._started_after(jobs, thawed_at)}, purged)

    def _purge(self, broker: PrivateRabbitMQ | PrivateRedis) -> int:
        """How many messages there were. An API that is still busy with a message that failed forgets the next ones."""
        try:
            return wait_until(lambda: broker.purge(self.world.settings.celery_queue), patience_s=_FOR_A_MESSAGE_S)
        except TimeoutError:
            return 0

    def _upload(self, api: ServerProcess) -> dict[str, Film]:
        (film,) = self.world.next_films(1)
        return {self.world.coach.upload(api.url, film): film}

    def _started_after(self, jobs: dict[str, Film], moment: datetime) -> float:
        """Seconds from ``moment``, or from when it was queued, until the job started; the job is over by then."""
        self.world.evidence.wait_for_the_end(list(jobs), patience_s=PATIENCE_S)
        ended = self.world.evidence.jobs(jobs).values()
        waits = [job.started_at - max(moment, job.created_at) for job in ended if job.started_at is not None]
        return max(waits).total_seconds()


@dataclass(frozen=True, slots=True)
class _Step:
    """Jobs that were uploaded in one state of the broker, and how long things took."""

    jobs: dict[str, Film]
    seconds: dict[str, float]
    messages: int = 0
