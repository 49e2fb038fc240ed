"""Which engine takes the next run: in turn, those that are healthy and have room. No transport here."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from app.core.engine_address import EngineAddress
from app.core.errors import EngineUnavailable
from app.services.engine_breaker import Breaker, BreakerLimits, BreakerState

log = structlog.get_logger(__name__)

ENGINE_HINT = "Ask the operator whether the analysis engine runs at ANALYSIS_ENGINE_HOST and ANALYSIS_ENGINE_PORT."

_LOOK_UP_AGAIN_S = 30.0  # names are resolved again this often,
_LOOK_UP_AT_MOST_S = 1.0  # and when no engine is left, but not more often than this

Find = Callable[[], tuple[EngineAddress, ...]]
IsAlive = Callable[[EngineAddress], bool]


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """``concurrency``: runs per engine, of this process. ``silence_s``: who says nothing for so long hangs."""

    concurrency: int = 4
    silence_s: float = 180.0
    breaker: BreakerLimits = field(default_factory=BreakerLimits)


class _Engine:
    """What the pool knows of one endpoint."""

    def __init__(self, limits: PoolLimits) -> None:
        self.breaker = Breaker(limits.breaker)
        self.running = 0


class Place:
    """The right to one run on ``endpoint``; whoever has it tells how it goes."""

    def __init__(self, endpoint: EngineAddress, pool: "EnginePool", engine: _Engine, *, on_trial: bool) -> None:
        self.endpoint = endpoint
        self._pool = pool
        self._engine = engine
        self._on_trial = on_trial

    def heard(self) -> None:
        """The engine said its first word."""
        with self._pool.lock:
            self._on_trial = False
            self._engine.breaker.succeed()

    def unavailable(self) -> None:
        """Nobody answered, or the connection was cut."""
        self._judge(self._engine.breaker.fail)

    def silent(self) -> None:
        """The engine said nothing until patience was over."""
        self._judge(self._engine.breaker.trip)

    def leave(self) -> None:
        with self._pool.lock:
            self._engine.running -= 1
            if self._on_trial:
                self._engine.breaker.give_up_trial()

    def _judge(self, verdict: Callable[[float], None]) -> None:
        with self._pool.lock:
            self._on_trial = False
            verdict(self._pool.clock())
            state = self._engine.breaker.state
        log.warning("engine failed", endpoint=str(self.endpoint), breaker=state.value)


class EnginePool:
    """Safe to use from several threads. ``find`` names the endpoints, and may block; ``clock`` is in seconds."""

    def __init__(self, find: Find, limits: PoolLimits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.lock = threading.Lock()
        self.clock = clock
        self._find = find
        self._limits = limits
        self._engines: dict[EngineAddress, _Engine] = {}
        self._retired: dict[EngineAddress, _Engine] = {}
        self._found_at_s = 0.0
        self._last: EngineAddress | None = None

    def endpoints(self) -> tuple[EngineAddress, ...]:
        """All that are known now, healthy or not."""
        self._look_up_if_older_than(_LOOK_UP_AGAIN_S)
        with self.lock:
            return tuple(self._engines)

    def in_use(self) -> frozenset[EngineAddress]:
        """Those that are known now, and those that are not any more but still have a run."""
        with self.lock:
            still = (one for one, engine in self._retired.items() if engine.running)
            return frozenset((*self._engines, *still))

    @contextmanager
    def place(self, is_alive: IsAlive) -> Iterator[Place]:
        """A place on the next engine that ``is_alive``. It is asked before the run, so a dead one costs no attempt.

        Raises:
            EngineUnavailable: ``engine_unreachable``; ``engine_busy`` where an engine lives that has no room.
        """
        place = self._take(is_alive)
        try:
            yield place
        finally:
            place.leave()

    def _take(self, is_alive: IsAlive) -> Place:
        for endpoint in self._in_turn():
            place = self._admit(endpoint)
            if place is None:
                continue
            if is_alive(endpoint):
                return place
            place.unavailable()
            place.leave()
        self._look_up_if_older_than(_LOOK_UP_AT_MOST_S)
        raise self._nothing_free()

    def _in_turn(self) -> list[EngineAddress]:
        """All endpoints, beginning behind the one that was taken last."""
        endpoints = list(self.endpoints())
        with self.lock:
            start = endpoints.index(self._last) + 1 if self._last in endpoints else 0
        return endpoints[start:] + endpoints[:start]

    def _admit(self, endpoint: EngineAddress) -> Place | None:
        with self.lock:
            engine = self._engines.get(endpoint)
            if engine is None or engine.running >= self._limits.concurrency:
                return None
            if not engine.breaker.admits(self.clock()):
                return None
            engine.running += 1
            self._last = endpoint
            return Place(endpoint, self, engine, on_trial=engine.breaker.begin())

    def _nothing_free(self) -> EngineUnavailable:
        with self.lock:
            full = [
                engine.running >= self._limits.concurrency and engine.breaker.state is BreakerState.CLOSED
                for engine in self._engines.values()
            ]
        if any(full):
            return EngineUnavailable("Waiting for the analysis engine, which is busy.", code="engine_busy")
        return EngineUnavailable("Waiting for the analysis engine.", code="engine_unreachable", hint=ENGINE_HINT)

    def _look_up_if_older_than(self, age_s: float) -> None:
        with self.lock:
            now_s = self.clock()
            if self._engines and now_s - self._found_at_s < age_s:
                return
            self._found_at_s = now_s  # now, so that others go on with what is known meanwhile
        self._remember(self._find())

    def _remember(self, endpoints: tuple[EngineAddress, ...]) -> None:
        """Those that stay keep what is known of them; those that are gone finish their runs, and get no more."""
        with self.lock:
            known = self._retired | self._engines
            self._engines = {one: known[one] if one in known else _Engine(self._limits) for one in endpoints}
            self._retired = {one: known[one] for one in known.keys() - self._engines.keys() if known[one].running}
