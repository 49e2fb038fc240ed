"""Namesakes in a squad's file."""

import uuid
from datetime import date

from app.models import Player
from app.services.plan_squad import plan_squad
from app.services.squad_csv import read_squad, write_squad

KNOWN = {"birth_date": date(1991, 7, 15), "height_cm": 180}


def ada(number: int | None, **values: object) -> Player:
    return Player(id=uuid.uuid4(), name="Ada", jersey_number=number, **values)


def test_the_number_of_a_namesake_outweighs_nothing_else_that_is_known() -> None:
    """Two pairs of namesakes who are alike but for their numbers, which all change hands: nobody can be told."""
    squad = [ada(4, **KNOWN), ada(1), ada(2), ada(None, **KNOWN)]
    permuted = [ada(1, **KNOWN), ada(4), ada(None), ada(2, **KNOWN)]
    rows = plan_squad(read_squad(write_squad(permuted)), squad)
    assert all(row.errors for row in rows)
