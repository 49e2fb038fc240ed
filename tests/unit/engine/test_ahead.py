import threading
from contextlib import closing

import pytest

from engine.ahead import map_ahead, run_ahead, wait_for

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


def test_what_is_made_of_items_comes_in_their_order_and_with_pauses():
    source = (None if number % 3 == 0 else number for number in range(8))
    made = list(map_ahead(source, lambda number: 10 * number, workers=2))
    assert [one for one in made if one is not None] == [(1, 10), (2, 20), (4, 40), (5, 50), (7, 70)]
    assert made.count(None) == 3


def test_so_many_items_are_worked_on_at_a_time():
    together = threading.Barrier(3)

    def meet(number):
        together.wait(PATIENCE_S)  # breaks unless two others are at work
        return number

    assert len(list(map_ahead((number for number in range(6)), meet, workers=3))) == 6


def test_an_item_is_asked_for_when_earlier_ones_have_been_dealt_with():
    dealt_with, known_at = [], []

    def source():
        for number in range(6):
            known_at.append(len(dealt_with))
            yield number

    for number, _ in map_ahead(source(), lambda number: number, workers=2):
        dealt_with.append(number)
    assert known_at == [0, 0, 0, 1, 2, 3]


def test_what_goes_wrong_with_an_item_is_raised_and_the_source_is_closed():
    closed = []

    def source():
        try:
            yield from range(10)
        finally:
            closed.append(True)

    with pytest.raises(ZeroDivisionError):
        list(map_ahead(source(), lambda number: 1 / number, workers=2))
    assert closed == [True]
