"""Questions that several ask at the same moment, as one."""

import asyncio
from collections.abc import Sequence

import pytest

from app.core.together import Together


class Asked:
    """Doubles numbers; each question waits until it is let through."""

    def __init__(self) -> None:
        self.questions: list[list[int]] = []
        self.gate = asyncio.Event()
        self.is_away = False

    async def __call__(self, numbers: Sequence[int]) -> list[int] | None:
        self.questions.append(list(numbers))
        await self.gate.wait()
        return None if self.is_away else [2 * number for number in numbers]


async def ask_seven(asked: Asked) -> list[int | None]:
    together = Together(asked)
    first = asyncio.create_task(together.ask(0))
    while not asked.questions:
        await asyncio.sleep(0)
    others = [asyncio.create_task(together.ask(number)) for number in range(1, 7)]
    await asyncio.sleep(0)
    asked.gate.set()
    return list(await asyncio.gather(first, *others))


def test_who_asks_meanwhile_is_asked_for_together() -> None:
    async def run() -> None:
        asked = Asked()
        assert await ask_seven(asked) == [0, 2, 4, 6, 8, 10, 12]
        assert asked.questions == [[0], [1, 2, 3, 4, 5, 6]]

    asyncio.run(run())


def test_nobody_waits_for_somebody_who_is_away() -> None:
    async def run() -> None:
        asked = Asked()
        asked.is_away = True
        assert await ask_seven(asked) == [None] * 7

    asyncio.run(run())


def test_who_stops_waiting_takes_nothing_from_the_others() -> None:
    async def run() -> None:
        asked = Asked()
        together = Together(asked)
        impatient, patient = (asyncio.create_task(together.ask(number)) for number in (1, 2))
        while not asked.questions:
            await asyncio.sleep(0)
        impatient.cancel()
        asked.gate.set()
        assert await patient == 4
        with pytest.raises(asyncio.CancelledError):
            await impatient

    asyncio.run(run())
