"""Coming on, going off and being sent off, one player's whole match at a time."""

import pytest

from app.core.errors import Unprocessable
from app.models import EventType
from app.services.check_substitutions import Moment, check_sequence

_KINDS = {"in": EventType.SUB_IN, "out": EventType.SUB_OUT, "red": EventType.RED_CARD}


def moments(text: str) -> list[Moment]:
    """As in "out 45+2, in 60"."""
    parsed = []
    for item in filter(None, text.split(", ")):
        kind, _, clock = item.partition(" ")
        minute, _, stoppage = clock.partition("+")
        parsed.append(Moment(int(minute), int(stoppage) if stoppage else None, _KINDS[kind]))
    return parsed


POSSIBLE = [
    ("starter", ""),
    ("starter", "out 60"),
    ("starter", "in 70, out 60"),  # in whatever order they were entered
    ("starter", "out 45+2, in 46"),
    ("starter", "out 45, in 45+1, out 60"),
    ("starter", "out 60, in 60"),  # within one minute
    ("starter", "in 60, out 60, out 60"),
    ("starter", "red 90"),
    ("starter", "out 60, red 60"),
    ("starter", "red 60, out 60"),
    ("substitute", "in 60"),
    ("substitute", "in 60, out 60, in 75, out 90+3"),
    ("substitute", "red 20"),  # on the bench
]
IMPOSSIBLE = [
    ("starter", "in 60", "on_pitch"),
    ("starter", "out 60, out 70", "not_on_pitch"),
    ("starter", "out 60, in 50", "on_pitch"),
    ("starter", "out 45+2, in 45+1", "on_pitch"),
    ("starter", "out 60, out 60", "not_on_pitch"),
    ("starter", "red 50, out 60", "sent_off"),
    ("starter", "red 50, red 60", "sent_off"),
    ("starter", "red 50, red 50", "sent_off"),
    ("starter", "out 40, red 50, in 60", "sent_off"),
    ("substitute", "out 60", "not_on_pitch"),
    ("substitute", "in 60, in 70", "on_pitch"),
    ("substitute", "red 20, in 60", "sent_off"),
]


@pytest.mark.parametrize(("who", "sequence"), POSSIBLE)
def test_a_match_that_can_have_been_is_accepted(who: str, sequence: str) -> None:
    check_sequence(moments(sequence), is_starting=who == "starter")


@pytest.mark.parametrize(("who", "sequence", "code"), IMPOSSIBLE)
def test_a_match_that_cannot_have_been_is_refused(who: str, sequence: str, code: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        check_sequence(moments(sequence), is_starting=who == "starter")
    assert refused.value.code == code
    assert refused.value.detail.startswith("The player ")
