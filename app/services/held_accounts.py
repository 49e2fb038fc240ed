"""Who is asking, without a query: what a log-in may do, held in memory while nothing about it has changed."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from app.core.account import Account
from app.services.changes import EVERYTHING, of_club, of_user
from app.services.generations import generation_key

_HELD_S = 10.0  # how late the end of a log-in by age is seen; everything else ends the generations
_MOST = 10_000  # log-ins; some 10 MB


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account, and what has to be the same for it to count.

    ``generations``: of the user and of everything, as they were before the account was read. ``clubs``: the keys of the
    generations of what it sees. ``scope``: the same for all accounts that see and may do the same.
    """

    account: Account
    generations: tuple[bytes, ...]
    clubs: tuple[str, ...]
    scope: bytes
    until_s: float

    @property
    def keys(self) -> tuple[str, ...]:
        return *account_keys(self.account.user_id), *self.clubs


def account_keys(user_id: uuid.UUID) -> tuple[str, str]:
    """The generations that an account is made of."""
    return generation_key(of_user(user_id)), generation_key(EVERYTHING)


class HeldAccounts:
    """Of one process and one event loop. ``clock`` is in seconds.

    They lie in memory, and Redis only says whether they still count: whoever can write there gets no rights by it.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[uuid.UUID, HeldAccount] = {}

    def get(self, session_id: uuid.UUID) -> HeldAccount | None:
        held = self._held.get(session_id)
        return held if held is not None and self._clock() < held.until_s else None

    def hold(self, session_id: uuid.UUID, account: Account, generations: tuple[bytes, ...]) -> HeldAccount:
        roles = sorted(account.roles.items())
        held = HeldAccount(
            account,
            generations,
            clubs=tuple(generation_key(of_club(club_id)) for club_id, _ in roles),
            scope=b",".join(f"{club_id}:{role}".encode() for club_id, role in roles),
            until_s=self._clock() + _HELD_S,
        )
        self._held.pop(session_id, None)
        while len(self._held) >= _MOST:
            del self._held[next(iter(self._held))]  # the one that was read longest ago
        self._held[session_id] = held
        return held
