"""How many attempts may fail, for whom and from where, and for how long; with a clock of the test's own."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from app.core.errors import CoachProError, Forbidden, NotFound, TooManyRequests, Unauthenticated
from app.services.limit_attempts import AttemptLimiter, AttemptLimits

SMALL = AttemptLimits(per_account_and_address="3 per 15 minutes", per_account="5 per hour", per_address="7 per minute")


class Clock:
    """Stands still, unless the test moves it."""

    now = 1_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    fake = SimpleNamespace(time=clock.time)
    monkeypatch.setattr("app.services.limit_attempts.time", fake)
    monkeypatch.setattr("limits.storage.memory.time", fake)
    return clock


def attempt(
    limiter: AttemptLimiter,
    account: str | None = "ada",
    address: str | None = "192.0.2.1",
    error: CoachProError | None = None,
) -> None:
    with limiter.attempt(account=account, address=address):
        if error is not None:
            raise error


def fail(limiter: AttemptLimiter, times: int, account: str | None = "ada", address: str | None = "192.0.2.1") -> None:
    for _ in range(times):
        with pytest.raises(Unauthenticated):
            attempt(limiter, account, address, Unauthenticated("No."))


def refused(limiter: AttemptLimiter, account: str | None = "ada", address: str | None = "192.0.2.1") -> int:
    """Seconds to wait."""
    with pytest.raises(TooManyRequests) as caught:
        attempt(limiter, account, address)
    return caught.value.retry_after_s


def test_who_fails_too_often_waits_until_the_first_failure_is_old(clock: Clock) -> None:
    limiter = AttemptLimiter(SMALL)
    fail(limiter, 1)
    clock.now += 300
    fail(limiter, 2)
    assert refused(limiter) == 600
    clock.now += 599.5
    assert refused(limiter) == 1
    clock.now += 1
    fail(limiter, 1)
    assert refused(limiter) == 300  # the window moves: the two others are still in it


def test_who_does_not_fail_is_never_refused() -> None:
    limiter = AttemptLimiter(SMALL)
    for _ in range(50):
        attempt(limiter)


def test_a_success_forgives_nothing() -> None:
    limiter = AttemptLimiter(SMALL)
    fail(limiter, 2)
    attempt(limiter)
    fail(limiter, 1)
    assert refused(limiter) == 15 * 60


@pytest.mark.parametrize(
    ("error", "counts"),
    [(Unauthenticated("No."), True), (Forbidden("No."), True), (NotFound("No."), False)],
)
def test_only_a_wrong_proof_is_a_failure(error: CoachProError, *, counts: bool) -> None:
    limiter = AttemptLimiter(SMALL)
    for _ in range(3):
        with pytest.raises(type(error)):
            attempt(limiter, error=error)
    if counts:
        refused(limiter)
    else:
        attempt(limiter)


def test_another_account_and_another_address_are_not_touched() -> None:
    limiter = AttemptLimiter(SMALL)
    fail(limiter, 3)
    refused(limiter)
    attempt(limiter, account="bob")
    attempt(limiter, address="192.0.2.2")


def test_many_addresses_share_what_one_account_allows() -> None:
    limiter = AttemptLimiter(SMALL)
    for number in range(5):
        fail(limiter, 1, address=f"192.0.2.{number}")
    assert refused(limiter, address="192.0.2.99") == 3600
    attempt(limiter, account="bob", address="192.0.2.99")


def test_many_accounts_share_what_one_address_allows() -> None:
    limiter = AttemptLimiter(SMALL)
    for number in range(6):
        fail(limiter, 1, account=f"user{number}")
    fail(limiter, 1, account=None)  # a refresh token names no account
    assert refused(limiter, account="somebody else") == 60
    assert refused(limiter, account=None) == 60
    attempt(limiter, account="somebody else", address="192.0.2.2")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),  # one customer's network
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),  # one host, by two families
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        (None, None, True),  # a Unix socket
        ("testclient", "testclient", True),
        ("192.0.2.1", "192.0.2.11", False),
    ],
)
def test_an_address_is_what_one_customer_has(first: str | None, second: str | None, *, same: bool) -> None:
    limiter = AttemptLimiter(SMALL)
    fail(limiter, 3, address=first)
    if same:
        refused(limiter, address=second)
    else:
        attempt(limiter, address=second)


def test_many_at_once_do_not_slip_through_together() -> None:
    """All would find the window empty, if those that are under way did not hold a place in it."""
    limiter, tried = AttemptLimiter(SMALL), []
    gate = threading.Barrier(20)

    def guess(number: int) -> bool:
        gate.wait()
        try:
            with limiter.attempt(account="ada", address="192.0.2.1"):
                tried.append(number)
                raise Unauthenticated("No.")
        except Unauthenticated:
            return True
        except TooManyRequests:
            return False

    with ThreadPoolExecutor(20) as pool:
        looked_at = list(pool.map(guess, range(20)))
    assert sum(looked_at) == len(tried) == 3


def test_many_who_are_right_at_once_wait_for_each_other_and_pass() -> None:
    limiter = AttemptLimiter(SMALL)
    gate = threading.Barrier(20)

    def log_in(_: int) -> bool:
        gate.wait()
        attempt(limiter)
        return True

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(log_in, range(20)))
