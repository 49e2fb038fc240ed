"""Waiting to be told to stop, by a signal or by a thread."""

from queue import Empty, SimpleQueue

_LOOK_EVERY_S = 1.0  # a signal that comes just before a wait does not wake it; it is seen at the next look


class StopRequest:
    """What asks the process to stop may interrupt the wait for it at any moment.

    A :class:`SimpleQueue` bears that; the ``set`` of an Event, called by a signal's handler within its own ``wait``,
    would wait for itself for ever.
    """

    def __init__(self) -> None:
        self._reasons: SimpleQueue[str] = SimpleQueue()

    def send(self, reason: str) -> None:
        self._reasons.put(reason)

    def wait(self) -> str:
        """Return the first reason."""
        while True:
            try:
                return self._reasons.get(timeout=_LOOK_EVERY_S)
            except Empty:
                continue
