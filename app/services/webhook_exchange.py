"""What is sent to the receiver of a webhook, and what comes of it. No transport here."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to whom. ``secrets`` all sign: while one is replaced, the receiver may know the old one or the new."""

    url: str
    message_id: str
    payload: str
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. ``error`` is a sentence for the delivery log; None: the receiver has the message."""

    status: int | None
    error: str | None
    response_ms: int
