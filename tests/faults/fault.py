"""What a fault is: something that is done to running processes, so many times, and what must hold each time."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from tests.faults.world import World


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one run.

    ``violations`` are sentences about what must never be; ``late`` about what took longer than the bar allows, which a
    busy machine may cause. ``counts`` are added up over the runs, of ``seconds`` the worst is told.
    """

    violations: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


class Fault(ABC):
    """One row of the table. Made for a world, opened once, and then run with one number after the other.

    ``name`` is what ``--only`` takes, ``title`` what is done, ``runs`` how often, ``bar`` what must hold.
    ``short_runs`` are the numbers of runs that show each side of it once.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    runs: ClassVar[int]
    bar: ClassVar[str]
    short_runs: ClassVar[tuple[int, ...]] = (0,)

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    def open(self, stack: ExitStack) -> None:
        """Start what all runs share; ``stack`` stops it."""

    @abstractmethod
    def run(self, number: int, random: Random) -> Outcome:
        """Do it once. All chance comes from ``random``, so that the same number does the same again."""


def random_of(seed: int, fault: type[Fault], number: int) -> Random:
    """The chance of one run, whichever runs were done before it."""
    return Random(f"{seed}:{fault.name}:{number}")


def let_pass(random: Random, low_s: float, high_s: float) -> float:
    """Wait for a random moment; how long it took to come."""
    moment_s = random.uniform(low_s, high_s)
    time.sleep(moment_s)
    return moment_s
