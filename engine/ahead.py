"""One step of the work done while the next one is under way: decode a frame while another is looked at."""

import threading
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")
S = TypeVar("S")

SIGN_OF_LIFE_S = 0.1
"""How long to wait for work under way before the caller may have a look whether it is still wanted."""


class _End:
    """What a source has left at its end: why it broke off, or nothing."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def run_ahead(source: Generator[T | None, None, None], *, most: int) -> Generator[T | None, None, None]:
    """The items of ``source``, made in a thread of its own, at most ``most`` of them in store.

    Yields None whenever there is nothing yet, so that the caller can stop. Whoever closes this generator waits until
    ``source`` has done the step that it is at, and is closed: one that yields None now and then is stopped sooner.
    """
    store: SimpleQueue[T | _End] = SimpleQueue()
    places, stop = threading.Semaphore(most), threading.Event()

    def produce() -> None:
        end = _End()
        try:
            for item in source:
                if item is not None:
                    places.acquire()
                    store.put(item)
                if stop.is_set():
                    break
        except BaseException as error:  # handed to the thread that waits
            end = _End(error)
        finally:
            source.close()
            store.put(end)

    thread = threading.Thread(target=produce, name="ahead", daemon=True)
    thread.start()
    try:
        yield from _take(store, places)
    finally:
        stop.set()
        places.release()
        thread.join()


def _take(store: "SimpleQueue[T | _End]", places: threading.Semaphore) -> Generator[T | None, None, None]:
    while True:
        try:
            item = store.get(timeout=SIGN_OF_LIFE_S)
        except Empty:
            yield None
            continue
        if isinstance(item, _End):
            if item.error is not None:
                raise item.error
            return
        places.release()
        yield item


def map_ahead(
    source: Generator[S | None, None, None], work: Callable[[S], T], *, workers: int
) -> Generator[tuple[S, T] | None, None, None]:
    """Each item with what ``work`` makes of it, in the order of ``source``; so many items are worked on at a time.

    An item is asked for when the result of the one ``workers`` + 1 before it has been dealt with, however fast the
    threads are. Yields None when ``source`` does. Whoever closes this generator waits for what is under way, and closes
    ``source``.
    """
    under_way: deque[tuple[S, Future[T]]] = deque()
    with closing(source), ThreadPoolExecutor(workers, thread_name_prefix="map") as pool:
        for item in source:
            if item is None:
                yield None
                continue
            under_way.append((item, pool.submit(work, item)))
            if len(under_way) > workers:
                first, result = under_way.popleft()
                yield first, result.result()
        for first, result in under_way:
            yield first, result.result()


def wait_for(work: Callable[[], T]) -> Generator[None, None, T]:
    """Do ``work`` in a thread, and yield meanwhile. If the generator is closed, the work goes on, and its result is
    thrown away: it must come to an end by itself."""
    results: list[T | _End] = []
    done = threading.Event()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # handed to the thread that waits
            results.append(_End(error))
        finally:
            done.set()

    threading.Thread(target=run, name="work", daemon=True).start()
    while not done.wait(SIGN_OF_LIFE_S):
        yield None
    (result,) = results
    if isinstance(result, _End):
        assert result.error is not None
        raise result.error
    return result
