"""Which engine gets the next run; time is told, and engines live and die as the test says."""

from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from app.core.engine_address import EngineAddress
from app.core.errors import EngineUnavailable
from app.services.engine_breaker import BreakerLimits
from app.services.engine_pool import EnginePool, Place, PoolLimits

LIMITS = PoolLimits(concurrency=2, silence_s=10, breaker=BreakerLimits(failures_to_open=3, pause_s=2, pause_cap_s=60))


def address(host: str) -> EngineAddress:
    return EngineAddress(host, 50051)


@dataclass
class World:
    """Endpoints, which of them are dead, and the time."""

    hosts: list[str]
    limits: PoolLimits = LIMITS
    dead: set[str] = field(default_factory=set)
    now_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    look_ups: int = 0

    def __post_init__(self) -> None:
        self.pool = EnginePool(self._find, self.limits, clock=lambda: self.now_s)
        self.runs = ExitStack()

    def _find(self) -> tuple[EngineAddress, ...]:
        self.look_ups += 1
        return tuple(address(host) for host in self.hosts)

    def is_alive(self, endpoint: EngineAddress) -> bool:
        self.asked.append(endpoint.host)
        return endpoint.host not in self.dead

    def begin(self) -> Place:
        """A run that goes on until the test leaves its place."""
        return self.runs.enter_context(self.pool.place(self.is_alive))

    def run(self) -> str:
        """A run that is over at once; where it was."""
        with self.pool.place(self.is_alive) as place:
            place.heard()
            return place.endpoint.host

    def refusal(self) -> str:
        with pytest.raises(EngineUnavailable) as refused:
            self.run()
        return refused.value.code


def test_engines_take_turns() -> None:
    world = World(["a", "b", "c"])
    assert [world.run() for _ in range(7)] == ["a", "b", "c", "a", "b", "c", "a"]


def test_a_dead_engine_is_passed_over_and_after_three_questions_not_asked_any_more() -> None:
    world = World(["a", "b", "c"], dead={"b"})
    assert [world.run() for _ in range(8)] == ["a", "c"] * 4
    assert world.asked.count("b") == 3


def test_an_engine_that_is_back_takes_its_turn_again() -> None:
    world = World(["a", "b"], dead={"b"})
    assert [world.run() for _ in range(4)] == ["a"] * 4
    world.dead.clear()
    assert world.run() == "a"  # its pause is not over
    world.now_s = 2
    assert [world.run() for _ in range(3)] == ["b", "a", "b"]


def test_while_one_run_tries_an_engine_out_no_other_is_sent_there() -> None:
    world = World(["a"], dead={"a"})
    assert [world.refusal() for _ in range(3)] == ["engine_unreachable"] * 3
    world.dead.clear()
    world.now_s = 2
    trial = world.begin()
    assert world.refusal() == "engine_unreachable"
    trial.heard()
    assert world.run() == "a"


def test_a_trial_that_ends_without_a_word_leaves_the_next_run_the_trial() -> None:
    world = World(["a"])
    with world.pool.place(world.is_alive) as place:
        place.silent()
    world.now_s = 2
    with world.pool.place(world.is_alive):
        pass
    assert world.run() == "a"


@pytest.mark.parametrize(("verdict", "runs"), [(Place.unavailable, 3), (Place.silent, 1)])
def test_runs_that_fail_open_the_breaker(verdict: object, runs: int) -> None:
    """A cut connection three times in a row; silence, which takes long to find out, once."""
    world = World(["a"])
    assert callable(verdict)
    for _ in range(runs):
        with world.pool.place(world.is_alive) as place:
            verdict(place)
    assert world.refusal() == "engine_unreachable"
    assert len(world.asked) == runs


def test_an_engine_that_speaks_before_it_dies_is_not_taken_for_dead() -> None:
    """A poisonous video kills the engine each time, and a supervisor starts it again: other jobs need it."""
    world = World(["a"])
    for _ in range(5):
        with world.pool.place(world.is_alive) as place:
            place.heard()
            place.unavailable()
    assert world.run() == "a"


def test_no_engine_gets_more_runs_than_it_may_have_at_once() -> None:
    world = World(["a", "b"])
    places = [world.begin() for _ in range(4)]
    assert sorted(place.endpoint.host for place in places) == ["a", "a", "b", "b"]
    assert world.refusal() == "engine_busy"
    places[2].leave()
    assert world.run() == places[2].endpoint.host


def test_busy_is_the_word_when_a_living_engine_has_no_room_and_the_others_are_away() -> None:
    world = World(["a", "b"], dead={"b"})
    world.begin()
    world.begin()
    assert world.refusal() == "engine_busy"


def test_no_engine_at_all_is_unreachable_and_names_the_settings() -> None:
    world = World(["a", "b"], dead={"a", "b"})
    with pytest.raises(EngineUnavailable, match="Waiting") as refused:
        world.run()
    assert refused.value.hint is not None
    assert "ANALYSIS_ENGINE_HOST" in refused.value.hint


def test_names_are_resolved_again_from_time_to_time() -> None:
    world = World(["a"])
    for world.now_s in (0, 10, 29):
        world.run()
    assert world.look_ups == 1
    world.hosts = ["b"]
    world.now_s = 31
    assert world.run() == "b"


def test_names_are_resolved_again_as_soon_as_no_engine_is_left() -> None:
    world = World(["a"])
    world.run()
    world.dead, world.hosts, world.now_s = {"a"}, ["b"], 2
    assert world.refusal() == "engine_unreachable"
    assert world.run() == "b"
    assert world.look_ups == 2


def test_what_is_known_of_an_engine_outlives_a_look_up() -> None:
    world = World(["a", "b"])
    with world.pool.place(world.is_alive) as place:
        for _ in range(3):
            place.unavailable()
    world.now_s, world.hosts = 1.5, ["b", "a"]
    world.dead = {"b"}
    assert world.refusal() == "engine_unreachable"
    assert world.asked == ["a", "b"]  # "a" was not asked again: its pause is not over


def test_an_engine_that_is_named_no_more_finishes_its_run_and_gets_no_other() -> None:
    world = World(["a"])
    last_run = world.begin()
    world.hosts, world.now_s = ["b"], 40
    assert world.run() == "b"
    assert world.pool.in_use() == {address("a"), address("b")}
    last_run.leave()
    assert world.pool.in_use() == {address("b")}
