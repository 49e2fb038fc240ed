"""The queue of those whose passwords are to be looked at."""

import anyio
import pytest

from app.api.password_queue import PasswordQueue
from app.core.errors import Overloaded


def test_who_comes_to_a_full_queue_is_sent_away_and_all_others_get_their_turn() -> None:
    queue, served, refused = PasswordQueue(at_once=2, waiting=3), [], []

    async def come(number: int, closing: anyio.Event) -> None:
        try:
            async with queue.turn():
                await closing.wait()
                served.append(number)
        except Overloaded as error:
            refused.append((number, error.retry_after_s))
            closing.set()

    async def all_come() -> None:
        closing = anyio.Event()
        async with anyio.create_task_group() as people:
            for number in range(6):
                people.start_soon(come, number, closing)

    anyio.run(all_come)
    assert sorted(served) == [0, 1, 2, 3, 4]
    assert refused == [(5, 5)]


def test_a_turn_that_fails_makes_room_for_the_next() -> None:
    queue = PasswordQueue(at_once=1, waiting=1)

    async def fail_twice() -> None:
        for _ in range(2):
            with pytest.raises(ValueError, match="wrong"):
                async with queue.turn():
                    raise ValueError("wrong")

    anyio.run(fail_twice)
