"""The short version of ``make faults``: each fault once, or once from each of its sides, with the same checks.

What must be quick is not judged here: the machine may be busy with other tests.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.fault import Fault, random_of
from tests.faults.table import FAULTS
from tests.faults.world import World
from tests.servers.mariadb import find_mariadb
from tests.servers.rabbitmq import find_rabbitmq

pytestmark = pytest.mark.faults

SEED = 1


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if find_mariadb() is None or find_rabbitmq() is None:
        pytest.skip("MariaDB and RabbitMQ are not both installed (apt-get install mariadb-server rabbitmq-server)")
    with World(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.name)
def test_nothing_is_lost_and_nothing_is_written_twice(world: World, kind: type[Fault]) -> None:
    with ExitStack() as stack:
        fault = kind(world)
        fault.open(stack)
        for number in kind.short_runs:
            assert fault.run(number, random_of(SEED, kind, number)).violations == ()
