"""Questions of several at once are asked together, where a question costs much more than another part of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

_AT_ONCE = 32


class Together(Generic[Question, Answer]):
    """Who asks while an answer is on its way is asked for together with all others who do. For one event loop.

    Args:
        ask: gives as many answers as there are questions, in their order; None: there is nobody to ask.
    """

    def __init__(self, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer] | None]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[Question, asyncio.Future[Answer | None]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer | None:
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_in_turns())
        return await answer

    async def _ask_in_turns(self) -> None:
        try:
            while self._waiting:
                some, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
                await self._ask_for(some)
        finally:
            self._asking = asyncio.create_task(self._ask_in_turns()) if self._waiting else None

    async def _ask_for(self, some: Sequence[tuple[Question, "asyncio.Future[Answer | None]"]]) -> None:
        answers: Sequence[Answer | None] = [None] * len(some)
        try:
            answers = await self._ask([question for question, _ in some]) or answers
        finally:  # nobody may wait for ever, whatever it was
            for (_, waiting), answer in zip(some, answers, strict=True):
                if not waiting.done():
                    waiting.set_result(answer)
