import signal

import pytest

from engine.stopping import StopRequest


@pytest.fixture
def restored_alarm():
    before = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_signal_at_any_moment_of_the_wait_ends_it(restored_alarm):
    requests = []
    signal.signal(signal.SIGALRM, lambda *_: requests[-1].send("alarm"))
    for round_number in range(2000):
        requests.append(StopRequest())
        signal.setitimer(signal.ITIMER_REAL, (1 + round_number % 60) * 1e-6)
        assert requests[-1].wait() == "alarm"


def test_the_first_reason_is_told():
    request = StopRequest()
    request.send("SIGTERM")
    request.send("stdin has ended")
    assert request.wait() == "SIGTERM"
