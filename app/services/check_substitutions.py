"""Whether a player can have come on, gone off and been sent off as the events of a match say.

Judged is the whole sequence of one player, in the order of the clock, so that events may be entered in any order in
which it makes sense. Who has gone off may come on again: youth football allows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from app.core.errors import Unprocessable
from app.models import EventType

SEQUENCE = frozenset({EventType.SUB_IN, EventType.SUB_OUT, EventType.RED_CARD})


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of the player; stoppage time counts as in "45+2"."""

    minute: int
    stoppage_minute: int | None
    kind: EventType

    @property
    def clock(self) -> tuple[int, int]:
        return self.minute, self.stoppage_minute or 0

    @property
    def text(self) -> str:
        return f"minute {self.minute}" + (f"+{self.stoppage_minute}" if self.stoppage_minute else "")


def check_sequence(moments: Sequence[Moment], *, is_starting: bool) -> None:
    """
    Args:
        moments: of one player, all of ``SEQUENCE``, in any order.

    Raises:
        Unprocessable: with the first event that cannot have been.
    """
    on_pitch, sent_off = is_starting, None
    for _, group in groupby(sorted(moments, key=lambda moment: moment.clock), key=lambda moment: moment.clock):
        for moment in _in_order(list(group), on_pitch=on_pitch):
            if sent_off is not None:
                raise _impossible("sent_off", f"was sent off in {sent_off.text}, and has no part in {moment.text}")
            if moment.kind is EventType.RED_CARD:
                sent_off = moment
            elif (moment.kind is EventType.SUB_IN) is on_pitch:
                raise _impossible(*_contradiction(moment))
            else:
                on_pitch = not on_pitch


def _in_order(moments: list[Moment], *, on_pitch: bool) -> list[Moment]:
    """Events of one minute in the order in which they can have been: on and off by turns, a red card at the end."""
    cards = [moment for moment in moments if moment.kind is EventType.RED_CARD]
    first = EventType.SUB_OUT if on_pitch else EventType.SUB_IN
    begins = [moment for moment in moments if moment.kind is first]
    others = [moment for moment in moments if moment not in begins and moment not in cards]
    by_turns = [moment for pair in zip(begins, others, strict=False) for moment in pair]
    rest = begins[len(others) :] + others[len(begins) :]
    return by_turns + rest + cards


def _contradiction(moment: Moment) -> tuple[str, str]:
    if moment.kind is EventType.SUB_IN:
        return "on_pitch", f"is on the pitch already in {moment.text}, and cannot come on"
    return "not_on_pitch", f"is not on the pitch in {moment.text}, and cannot go off"


def _impossible(code: str, what: str) -> Unprocessable:
    return Unprocessable(f"The player {what}.", code=code, fields={"/player_id": what})
