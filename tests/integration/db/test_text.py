"""Text is stored, compared and sorted alike on both databases: letter by letter, case and accents included."""

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.errors import Conflict
from app.models import Club, Team, User


@pytest.mark.parametrize(
    "name",
    [
        "Łukasz Brzozdęba",
        "森柳 海斗",
        "الأهلي",
        "⚽🏆 four bytes each",
        "👩🏽‍🚀 joined from four code points",
        "e\u0301 is not é",  # decomposed; neither database may compose it
        'it\'s 100 % \\ "quoted"; DROP TABLE teams; --',
        "line\nbreak\ttab",
        "",
    ],
)
def test_text_comes_back_letter_by_letter(database: Database, club: Club, name: str) -> None:
    with database.unit_of_work() as session:
        session.add(Team(club_id=club.id, name=name))
    with database.reading() as session:
        assert session.scalars(sa.select(Team.name).where(Team.name == name)).one() == name


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("Rovers", "rovers"),  # case
        ("Müller", "Muller"),  # accents
        ("straße", "strasse"),  # expansions
        ("\u00e9", "e\u0301"),  # normal forms
        ("⚽", "🏀"),  # old collations take all emoji for one letter
    ],
)
def test_texts_that_merely_resemble_each_other_are_not_equal(
    database: Database, club: Club, stored: str, asked: str
) -> None:
    with database.unit_of_work() as session:
        session.add(Team(club_id=club.id, name=stored))
    with database.reading() as session:
        assert session.scalars(sa.select(Team).where(Team.name == asked)).all() == []


def test_text_is_sorted_by_code_points(database: Database, club: Club) -> None:
    in_order = ["", " b", "A", "B", "Z", "_", "a", "aé", "b", "é", "Ω", "⚽", "森", "😀"]
    with database.unit_of_work() as session:
        session.add_all(Team(club_id=club.id, name=name) for name in reversed(in_order))
    with database.reading() as session:
        assert session.scalars(sa.select(Team.name).order_by(Team.name)).all() == in_order


def test_addresses_that_differ_in_an_accent_are_two_accounts_and_equal_ones_are_not(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add_all(User(email=email, password_hash="x") for email in ("jose@example.com", "josé@example.com"))
    with pytest.raises(Conflict) as refused, database.unit_of_work() as session:
        session.add(User(email="jose@example.com", password_hash="x"))
    assert (refused.value.code, set(refused.value.fields)) == ("already_exists", {"/email"})
