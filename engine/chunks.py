"""Rows gathered into parts of the CSV files, so that a message carries many frames."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.results import BallRow, Kind, PlayerRow

FRAMES_PER_CHUNK = 50
"""More frames are fewer messages, fewer frames are news sooner."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of one file, from ``first_frame`` to ``last_frame``; the first chunk of a kind begins with its header."""

    kind: Kind
    first_frame: int
    last_frame: int
    text: str


@dataclass(frozen=True, slots=True)
class FrameRows:
    """All rows of one frame; ``ball`` is None when it was not seen."""

    frame: int
    players: tuple[PlayerRow, ...]
    ball: BallRow | None
    time_s: float


class Chunker:
    """Gathers the rows of successive frames and counts them."""

    def __init__(self) -> None:
        self.rows = dict.fromkeys(Kind, 0)
        self._lines: dict[Kind, list[str]] = {kind: [kind.value] for kind in Kind}  # each file starts with its header
        self._first_frame = 1
        self._tracks: set[int] = set()

    @property
    def tracks(self) -> int:
        """How many different track numbers the rows have so far."""
        return len(self._tracks)

    def add(self, frames: Iterable[FrameRows]) -> Iterator[Chunk]:
        """Take the rows of frames in order; yield the chunks that got full."""
        for frame in frames:
            self._gather(frame)
            if frame.frame - self._first_frame + 1 >= FRAMES_PER_CHUNK:
                yield from self.finish(frame.frame)

    def finish(self, last_frame: int) -> Iterator[Chunk]:
        """Yield what is left, up to ``last_frame``; nothing for a kind without a line."""
        for kind, lines in self._lines.items():
            if lines:
                yield Chunk(kind, self._first_frame, last_frame, "".join(lines))
        self._lines = {kind: [] for kind in Kind}
        self._first_frame = last_frame + 1

    def _gather(self, frame: FrameRows) -> None:
        self._lines[Kind.PLAYERS] += [row.to_line() for row in frame.players]
        self._tracks.update(row.track for row in frame.players)
        self.rows[Kind.PLAYERS] += len(frame.players)
        if frame.ball is not None:
            self._lines[Kind.BALL].append(frame.ball.to_line())
            self.rows[Kind.BALL] += 1
