"""Rows that the tests of the database hang theirs on."""

import pytest

from app.core.database import Database
from app.models import Club


@pytest.fixture
def club(database: Database) -> Club:
    with database.unit_of_work() as session:
        club = Club(name="a club")
        session.add(club)
    return club
