"""How fast frames are done: measured over the latest seconds, so that a slow start does not weigh for ever."""

import time
from collections import deque
from collections.abc import Callable

_WINDOW_S = 10.0


class Pace:
    """Frames per second of one attempt."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()

    def after(self, frames_done: int) -> float | None:
        """The pace when so many frames are done; None as long as nothing can be said."""
        now = self._clock()
        self._samples.append((now, frames_done))
        while len(self._samples) > 2 and now - self._samples[1][0] >= _WINDOW_S:
            self._samples.popleft()
        then, frames_then = self._samples[0]
        seconds, frames = now - then, frames_done - frames_then
        return frames / seconds if seconds > 0 and frames > 0 else None
