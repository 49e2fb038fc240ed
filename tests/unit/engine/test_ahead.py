import threading
from contextlib import closing

import pytest

from engine.ahead import run_ahead, wait_for

PATIENCE_S = 30.0


def test_items_arrive_in_order_and_pauses_are_left_out():
    source = (None if number % 3 == 0 else number for number in range(10))
    assert [one for one in run_ahead(source, most=2) if one is not None] == [1, 2, 4, 5, 7, 8]


def test_while_nothing_is_there_the_caller_hears_so():
    ready = threading.Event()

    def slow():
        assert ready.wait(PATIENCE_S)
        yield 1

    items = run_ahead(slow(), most=1)
    assert next(items) is None
    ready.set()
    assert [one for one in items if one is not None] == [1]


def test_no_more_than_so_many_are_made_before_they_are_wanted():
    made = []
    second = threading.Event()

    def source():
        for number in range(100):
            if number == 3:
                second.set()
            made.append(number)
            yield number

    with closing(run_ahead(source(), most=2)) as items:
        while next(items) is None:
            pass
        assert second.wait(PATIENCE_S)
    assert len(made) <= 5


def test_closing_closes_the_source_in_its_own_thread_and_leaves_none_behind():
    closed = []

    def source():
        try:
            while True:
                yield None
        finally:
            closed.append(threading.current_thread().name)

    before = threading.active_count()
    with closing(run_ahead(source(), most=1)) as items:
        assert next(items) is None
    assert closed == ["ahead"]
    assert threading.active_count() == before


def test_one_chain_of_two_threads_is_closed_from_its_end():
    closed = threading.Event()

    def source():
        try:
            yield from range(1000)
        finally:
            closed.set()

    def doubled(items):
        with closing(items):
            for item in items:
                yield None if item is None else 2 * item

    with closing(run_ahead(doubled(run_ahead(source(), most=1)), most=1)) as items:
        assert next(one for one in items if one is not None) == 0
    assert closed.is_set()


def test_what_breaks_the_source_off_reaches_the_caller():
    def source():
        yield 1
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        list(run_ahead(source(), most=1))


def finish(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_work_is_waited_for_with_pauses_and_its_result_or_error_comes_back():
    ready = threading.Event()
    steps = wait_for(lambda: ready.wait(PATIENCE_S) and "done")
    assert next(steps) is None
    ready.set()
    assert finish(steps) == "done"
    with pytest.raises(ZeroDivisionError):
        finish(wait_for(lambda: 1 // 0))
