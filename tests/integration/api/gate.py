"""Holds reads of matches back, and counts them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.integration.conftest import Api
from tests.waiting import PATIENCE_S


@dataclass
class Gate:
    """Lets statements that find matches pass, but counts them; a closed one holds the first back, when it has read."""

    engine: Engine
    readings: int = 0
    is_reached: threading.Event = field(default_factory=threading.Event)
    is_open: threading.Event = field(default_factory=threading.Event)

    def note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM matches" in statement:
            self.readings += 1
            self.is_reached.set()
            assert self.is_open.wait(PATIENCE_S)


@contextmanager
def gate_of(api: Api, *, is_open: bool = True) -> Iterator[Gate]:
    gate = Gate(api.client.app.state.parts.database.engine)  # type: ignore[attr-defined]
    if is_open:
        gate.is_open.set()
    event.listen(gate.engine, "after_cursor_execute", gate.note)
    try:
        yield gate
    finally:
        gate.is_open.set()
        event.remove(gate.engine, "after_cursor_execute", gate.note)
