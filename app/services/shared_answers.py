"""Answers that all processes share in Redis, for all who see the same clubs, until something of these changes."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from app.core.account import Account
from app.core.security import Bearer
from app.services.generations import Generations
from app.services.held_accounts import HeldAccount, HeldAccounts, account_keys

if TYPE_CHECKING:
    from app.core.cache import RedisServer

_PREFIX = "coach_pro:cache:"
_GENERATION_LIFE_S = 24 * 3600
_LOCK_LIFE_S = 5  # what takes longer is computed twice, and so is what a killed process had begun
_PAUSES_S = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)  # between looks at what another process computes
_MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A 200: its headers, as ASGI has them, and its body."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def encode(self, generations: Sequence[bytes]) -> bytes:
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in self.headers]
        return json.dumps([_joined(generations), headers]).encode() + b"\n" + self.body

    @classmethod
    def decode(cls, stored: bytes, generations: Sequence[bytes]) -> Self | None:
        """None: it is made of rows of other generations."""
        head, _, body = stored.partition(b"\n")
        made_of, headers = json.loads(head)
        if made_of != _joined(generations):
            return None
        return cls(tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers), body)


@dataclass(frozen=True, slots=True)
class Question:
    """What one account asks. ``generations``: of all that the answer is made of, before anything of it is read."""

    account: Account
    name: str
    keys: tuple[str, ...]
    generations: tuple[bytes, ...]

    @property
    def lock_key(self) -> str:
        return f"{_PREFIX}lock:{self.name}:{_joined(self.generations)}"


@dataclass(slots=True)
class Turn:
    """``answer`` None: compute it, and set it if others may have it."""

    answer: KeptAnswer | None = None
    is_over: asyncio.Event = field(default_factory=asyncio.Event)


class SharedAnswers:
    """For one event loop. An answer is kept for ``life_s`` at most, should nobody learn that it is void."""

    def __init__(self, redis: "RedisServer", generations: Generations, *, life_s: int) -> None:
        self._values = redis.values()
        self._generations = generations
        self._life_s = life_s
        self._accounts = HeldAccounts()
        self._turns: dict[str, Turn] = {}

    async def ask(
        self, bearer: Bearer, target: bytes, read_account: Callable[[], Awaitable[Account]]
    ) -> tuple[Question, KeptAnswer | None] | None:
        """The question, and its answer if that is known; None: Redis is of no help at the moment.

        Args:
            target: all of the request that the answer depends on, besides the account.
            read_account: from the database; what it raises, this raises.
        """
        if not (self._generations.is_settled or await asyncio.to_thread(self._generations.settle)):
            return None
        held = self._accounts.get(bearer.session_id)
        asked = await self._look(held, target) if held else None
        if asked is None:
            held = await self._hold(bearer, read_account)
            asked = await self._look(held, target) if held else None
        return asked

    @asynccontextmanager
    async def turn(self, question: Question) -> AsyncIterator[Turn]:
        """Of all who ask the same at the same moment, one computes, and the others get its answer."""
        running = self._turns.get(question.lock_key)
        if running is not None:
            await running.is_over.wait()
            yield Turn(running.answer)
            return
        turn = self._turns[question.lock_key] = Turn()
        has_lock = await self._values.make({question.lock_key: b"1"}, life_s=_LOCK_LIFE_S)
        try:
            if has_lock is False:  # another process computes it
                turn.answer = await self._wait_for(question)
            elif has_lock:  # whoever computed it may have been done between our look and our turn
                turn.answer = await self._find(question)
            is_known = turn.answer is not None
            yield turn
            if turn.answer is not None and not is_known:
                await self._keep(question, turn.answer)
        finally:
            del self._turns[question.lock_key]
            turn.is_over.set()
            if has_lock:  # if it lasted too long, it is another's by now, and one more will compute
                await self._values.delete(question.lock_key)

    async def close(self) -> None:
        await self._values.close()

    async def _hold(self, bearer: Bearer, read_account: Callable[[], Awaitable[Account]]) -> HeldAccount | None:
        keys = account_keys(bearer.user_id)
        found = await self._with_generations(keys)
        if found is None:
            return None
        return self._accounts.hold(bearer.session_id, await read_account(), tuple(found))

    async def _look(self, held: HeldAccount, target: bytes) -> tuple[Question, KeptAnswer | None] | None:
        """None: Redis is away, or what is held does not count any more."""
        name = hashlib.sha256(held.scope + b"\0" + target).hexdigest()
        found = await self._with_generations(held.keys, _answer_key(name))
        if found is None:
            return None
        *generations, stored = found
        if tuple(generations[:2]) != held.generations:
            return None
        question = Question(held.account, name, held.keys[1:], tuple(generations[1:]))
        return question, KeptAnswer.decode(stored, question.generations) if stored else None

    async def _with_generations(self, keys: Sequence[str], *more: str) -> list[bytes] | None:
        """All values at one moment; ``keys`` are those of generations, which begin now where there are none.

        What is missing of ``more`` is empty. None: Redis is away.
        """
        values = await self._values.get([*keys, *more])
        if values is not None and None in values[: len(keys)]:
            missing = [key for key, value in zip(keys, values, strict=False) if value is None]
            await self._values.make({key: secrets.token_bytes(8) for key in missing}, life_s=_GENERATION_LIFE_S)
            values = await self._values.get([*keys, *more])
        if values is None or None in values[: len(keys)]:  # ended again in this very moment
            return None
        return [value or b"" for value in values]

    async def _find(self, question: Question) -> KeptAnswer | None:
        values = await self._values.get([_answer_key(question.name)])
        stored = values[0] if values else None
        return KeptAnswer.decode(stored, question.generations) if stored else None

    async def _wait_for(self, question: Question) -> KeptAnswer | None:
        """What another process computes; None: it takes too long, or came to nothing."""
        for pause_s in _PAUSES_S:
            await asyncio.sleep(pause_s)
            values = await self._values.get([*question.keys, _answer_key(question.name), question.lock_key])
            if values is None or tuple(values[:-2]) != question.generations:
                return None
            *_, stored, lock = values
            answer = KeptAnswer.decode(stored, question.generations) if stored else None
            if answer is not None or lock is None:
                return answer
        return None

    async def _keep(self, question: Question, answer: KeptAnswer) -> None:
        if len(answer.body) <= _MAX_BYTES:
            stored = answer.encode(question.generations)
            await self._values.set(_answer_key(question.name), stored, life_s=self._life_s)


def _answer_key(name: str) -> str:
    return f"{_PREFIX}answer:{name}"


def _joined(generations: Sequence[bytes]) -> str:
    return b"".join(generations).hex()
