"""Squads as CSV: read as spreadsheets write them, planned against a team, and exported so that they import again."""

import uuid
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.core.errors import Unprocessable
from app.core.text import fold
from app.models import Foot, Player, Position
from app.schemas.fields import Name, OptionalText
from app.services.plan_squad import PlannedRow, plan_squad
from app.services.squad_columns import COLUMNS
from app.services.squad_csv import MAX_ROWS, read_squad, write_squad

ADA = {"jersey_number": 8, "name": "Åda Marinho", "position": Position.MIDFIELDER}


def player(name: str, number: int | None = None, **values: object) -> Player:
    return Player(id=uuid.uuid4(), name=name, jersey_number=number, **values)


def plan(text: str, players: Sequence[Player] = ()) -> list[PlannedRow]:
    return plan_squad(read_squad(text.encode()), players)


def outcome(rows: Sequence[PlannedRow]) -> list[tuple[str, str | None, dict[str | None, str]]]:
    """Action, name of the player whom the row is about, errors."""
    return [(row.action, row.player.name if row.player else None, dict(row.errors)) for row in rows]


# The same player, as various programs write it.
FILES = {
    "plain": "jersey_number,name,position\n8,Åda Marinho,MID\n".encode(),
    "with the mark of UTF-8": "\ufeffjersey_number,name,position\r\n8,Åda Marinho,MID\r\n".encode(),
    "with semicolons, of Windows": "jersey_number;name;position\r\n8;Åda Marinho;MID\r\n".encode("cp1252"),
    "with tabs, in UTF-16": "jersey_number\tname\tposition\r\n8\tÅda Marinho\tMID\r\n".encode("utf-16"),
    "in another order": "position,name,jersey_number\nmid,Åda Marinho,8\n".encode(),
    "with titles as people write them": ' Jersey  Number ,"NAME",Position\n 8 ,Åda Marinho , Mid\n'.encode(),
    "with columns without a title": "jersey_number,name,position,,\n8,Åda Marinho,MID,,\n".encode(),
    "with blank rows": "jersey_number,name,position\n,,\n\n8,Åda Marinho,MID\n , ,\n".encode(),
    "with the line ends of old Macs": "jersey_number,name,position\r8,Åda Marinho,MID\r".encode(),
    "with Excel's word on the delimiter": "sep=|\r\njersey_number|name|position\r\n8|Åda Marinho|MID\r\n".encode(),
    "with that word in quotes": '"sep=;"\njersey_number;name;position\n8;Åda Marinho;MID\n'.encode("utf-8-sig"),
    "without an end": "jersey_number,name,position\n8,Åda Marinho,MID".encode(),
}


@pytest.mark.parametrize("case", FILES)
def test_files_are_read_as_spreadsheets_write_them(case: str) -> None:
    (line,) = read_squad(FILES[case])
    assert (line.values, line.errors) == (ADA, {})


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    lines = read_squad(b'sep=,\nname,nationality\nAda,\n\n"Bea","Ni\nger"\nCyd,\n')
    assert [(line.row, line.values["name"]) for line in lines] == [(2, "Ada"), (4, "Bea"), (5, "Cyd")]


def test_a_column_that_is_missing_says_nothing_and_an_empty_cell_says_null() -> None:
    (line,) = read_squad(b"name,height_cm\nAda,\n")
    assert line.values == {"name": "Ada", "height_cm": None}
    (short,) = read_squad(b"name,height_cm,weight_kg\nAda\n")
    assert short.values == {"name": "Ada", "height_cm": None, "weight_kg": None}


# Column, cell, value.
CELLS = [
    ("jersey_number", "1", 1),
    ("jersey_number", "99", 99),
    ("position", "gk", Position.GOALKEEPER),
    ("birth_date", "2001-05-17", date(2001, 5, 17)),
    ("birth_date", "17.5.2001", date(2001, 5, 17)),
    ("dominant_foot", "Both", Foot.BOTH),
    ("height_cm", "100", 100),
    ("weight_kg", "200", 200),
    ("nationality", "Côte d'Ivoire", "Côte d'Ivoire"),
    ("country_code", "ci", "CI"),
]


@pytest.mark.parametrize(("column", "cell", "value"), CELLS)
def test_cells_are_read_as_people_write_them(column: str, cell: str, value: object) -> None:
    (line,) = read_squad(f"name,{column}\nAda,{cell}\n".encode())
    assert (line.values[column], line.errors) == (value, {})


# Column, cell, what is wrong.
WRONG_CELLS = [
    ("jersey_number", "0", "must be between 1 and 99"),
    ("jersey_number", "100", "must be between 1 and 99"),
    ("jersey_number", "ten", "must be a whole number"),
    ("jersey_number", "٨", "must be a whole number"),
    ("position", "striker", "must be GK, DEF, MID or FWD"),
    ("birth_date", "1899-12-31", "must be a date such as 2000-05-31, between 1900-01-01 and today"),
    ("birth_date", "2999-01-01", "must be a date such as 2000-05-31, between 1900-01-01 and today"),
    ("birth_date", "05/17/2001", "must be a date such as 2000-05-31, between 1900-01-01 and today"),
    ("birth_date", "31.02.2001", "must be a date such as 2000-05-31, between 1900-01-01 and today"),
    ("birth_date", "37028", "must be a date such as 2000-05-31, between 1900-01-01 and today"),
    ("dominant_foot", "none", "must be left, right or both"),
    ("height_cm", "99", "must be between 100 and 250 centimetres"),
    ("height_cm", "251", "must be between 100 and 250 centimetres"),
    ("height_cm", "1.82", "must be a whole number"),
    ("height_cm", "9" * 5000, "must be a whole number"),
    ("weight_kg", "29", "must be between 30 and 200 kilograms"),
    ("nationality", "x" * 101, "must have at most 100 characters"),
    ("nationality", "Bra\x00zil", "must have no line breaks, control characters or marks of the writing direction"),
    ("country_code", "BRA", "must be two letters, such as BR"),
]


@pytest.mark.parametrize(("column", "cell", "message"), WRONG_CELLS)
def test_what_is_wrong_with_a_cell_is_said_in_words(column: str, cell: str, message: str) -> None:
    (line,) = read_squad(f"name,{column}\nAda,{cell}\n".encode())
    assert line.errors == {column: message}
    assert column not in line.values


# Cell, what is wrong.
WRONG_NAMES = [
    ("", "must have at least one character that can be seen"),
    ("   ", "must have at least one character that can be seen"),
    ("x" * 201, "must have at most 200 characters"),
    ("A\x07da", "must have no line breaks, control characters or marks of the writing direction"),
    ('"Ada\nMarinho"', "must have no line breaks, control characters or marks of the writing direction"),
]


@pytest.mark.parametrize(("cell", "message"), WRONG_NAMES)
def test_a_row_needs_a_name(cell: str, message: str) -> None:
    (line,) = read_squad(f"name,height_cm\n{cell},180\n".encode())
    assert line.errors == {"name": message}


def test_a_row_has_no_more_cells_than_the_header() -> None:
    (line,) = read_squad(b"name,height_cm\nAda,180,7\n")
    assert line.errors == {None: "has more cells than the header has names"}


WESTERN = ["Søren Ødegård", "Muñoz", "João Simões", "Kjær", "Gonçalves", "Müller", "Noël", "Åda", "O’Brien"]
NOT_WESTERN = ["Łukasz", "Modrić", "Dvořák", "Kovačić", "Němec", "Szczęsny", "Gergő", "Čech", "Ćwiek", "Kamiński"]


@pytest.mark.parametrize("name", WESTERN)
def test_names_that_can_be_read_in_one_way_are_read(name: str) -> None:
    assert [line.values["name"] for line in read_squad(f"name\n{name}\n".encode("cp1252"))] == [name]


@pytest.mark.parametrize("content", [*(f"name\n{name}\n".encode("cp1250") for name in NOT_WESTERN)], ids=NOT_WESTERN)
def test_no_letter_of_central_europe_is_taken_for_a_western_one(content: bytes) -> None:
    with pytest.raises(Unprocessable, match='save it as CSV in UTF-8 \\("CSV UTF-8" in Excel\\)'):
        read_squad(content)


def test_turkish_letters_are_not_taken_for_icelandic_ones() -> None:
    with pytest.raises(Unprocessable, match="in UTF-8"):
        read_squad("name\nArda Yıldız\n".encode("cp1254"))


_UNREADABLE = 'The letters of the file cannot be read: save it as CSV in UTF-8 ("CSV UTF-8" in Excel).'
UNUSABLE = {
    "empty": (b"", "The file is empty."),
    "blank": ("\ufeff \r\n".encode(), "The file is empty."),
    "a workbook": (b"PK\x03\x04rest", "The file is a workbook, not CSV: save it as CSV first."),
    "no letters": (b"name\n\x81\x8d", _UNREADABLE),
    "half of UTF-16": (b"\xff\xfen\x00a", _UNREADABLE),
    "an open quotation": (b'name\n"Ada\n', "The file is not sound CSV; perhaps a quotation mark is missing."),
    "an open quotation in the header": (b'"name\n', "The file is not sound CSV; perhaps a quotation mark is missing."),
    "an endless cell": (
        b"name\n" + b"x" * 200_000,
        "The file is not sound CSV; perhaps a quotation mark is missing.",
    ),
    "an unknown column": (
        b"name,shoe\nAda,39\n",
        "The column 'shoe' is unknown; a squad has jersey_number, name, position, birth_date, dominant_foot, "
        "height_cm, weight_kg, nationality, country_code.",
    ),
    "a column twice": (b"name,height_cm,Height cm\n", "The column height_cm is there twice."),
    "no header": (
        b"height_cm\n180\n",
        "The first row must name the columns; a squad has jersey_number, name, position, birth_date, dominant_foot, "
        "height_cm, weight_kg, nationality, country_code, and needs name.",
    ),
    "too many rows": (b"name\n" + b"Ada\n" * (MAX_ROWS + 1), "The file has more than 500 rows."),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_file_that_cannot_be_used_is_refused_in_words(case: str) -> None:
    content, sentence = UNUSABLE[case]
    with pytest.raises(Unprocessable) as refusal:
        read_squad(content)
    assert (refusal.value.code, refusal.value.detail) == ("squad_file_unusable", sentence)


def test_as_many_rows_as_are_allowed_are_read() -> None:
    assert len(read_squad(b"name\n" + b"Ada\n" * MAX_ROWS)) == MAX_ROWS


def test_rows_are_about_the_player_with_the_name() -> None:
    squad = [player("Ada", 8), player("Béa Ødegård", 9), player("Cyd", None)]
    assert outcome(plan("jersey_number,name\n8,Ada\n9,Bea Odegard\n7,CYD\n,Dee\n", squad)) == [
        ("unchanged", "Ada", {}),
        ("update", "Béa Ødegård", {}),  # another spelling
        ("update", "Cyd", {}),  # a number and a new spelling
        ("create", None, {}),
    ]


def test_numbers_are_swapped_and_shifted_but_never_the_names() -> None:
    squad = [player("Matthias", 1), player("Søren", 2)]
    assert outcome(plan("name,jersey_number\nMatthias,2\nSøren,1\n", squad)) == [
        ("update", "Matthias", {}),
        ("update", "Søren", {}),
    ]
    shifted = plan("name,jersey_number\nMatthias,2\nSøren,3\nNew,1\n", squad)
    assert [(row.player and row.player.name, row.errors) for row in shifted] == [
        ("Matthias", {}),
        ("Søren", {}),
        (None, {}),
    ]


# Rows of the file; what is wrong with the first one.
NUMBERS_OF_OTHERS = [
    ["Cleo,1"],
    ["Cleo,1", "Ada,1"],  # who keeps it in the same file
    ["Cleo,1", "Ada,x"],  # who would give it up, if her row could be read
    ["Bea,1"],  # who has another one
]


@pytest.mark.parametrize("lines", NUMBERS_OF_OTHERS)
def test_a_number_belongs_to_whom_has_it(lines: list[str]) -> None:
    rows = plan("\n".join(["name,jersey_number", *lines]), [player("Ada", 1), player("Bea", 2)])
    assert rows[0].errors == {
        "jersey_number": "number 1 belongs to Ada; give that player another one in the file",
    }


def test_a_number_is_free_when_the_file_takes_it_away() -> None:
    rows = plan("name,jersey_number\nCleo,1\nAda,\n", [player("Ada", 1)])
    assert outcome(rows) == [("create", None, {}), ("update", "Ada", {})]


def test_numbers_stand_in_a_file_once() -> None:
    errors = [errors for _, _, errors in outcome(plan("jersey_number,name\n8,Ada\n8,Bea\n9,ADA\n"))]
    assert errors == [{}, {"jersey_number": "is also in row 2"}, {}]


# Header and rows of new players of one name; which rows are wrong.
NAMESAKES = [
    ("jersey_number,name\n2,Danilo\n13,danilo\n", [False, False]),
    ("jersey_number,name\n2,Danilo\n,Danilo\n", [False, False]),
    ("name,birth_date\nDanilo,1991-07-15\nDanilo,2001-04-29\n", [False, False]),
    ("name\nDanilo\nDaniló\n", [False, True]),
    ("name,birth_date\nDanilo,2001-04-29\nDanilo,2001-04-29\n", [False, True]),
    ("name,height_cm\nDanilo,170\nDanilo,180\n", [False, True]),
]


@pytest.mark.parametrize(("text", "wrong"), NAMESAKES)
def test_new_namesakes_are_told_apart_by_number_or_birth_date(text: str, wrong: list[bool]) -> None:
    message = "is also in row 2; only different jersey numbers or birth dates tell namesakes apart"
    assert [row.errors for row in plan(text)] == [{"name": message} if is_wrong else {} for is_wrong in wrong]


def test_a_new_namesake_stands_beside_the_one_who_is_there() -> None:
    rows = plan("jersey_number,name\n13,Danilo\n2,Danilo\n", [player("Danilo", 2)])
    assert outcome(rows) == [("create", None, {}), ("unchanged", "Danilo", {})]


_UNCLEAR = {
    "name": "is the name of several players or rows; give the birth date, or the jersey number that the player has"
}


def test_namesakes_of_a_team_are_told_apart_by_what_is_known() -> None:
    squad = [player("Ada", 8), player("Ada", 9), player("Ada", None, height_cm=170), player("Ada", None)]
    known = "jersey_number,name,height_cm\n9,Ada,\n,Ada,170\n8,Ada,\n,Ada,\n"
    assert outcome(plan(known, squad)) == [("unchanged", "Ada", {})] * 4
    (row,) = plan("name,height_cm\nAda,171\n", squad)
    assert row.errors == _UNCLEAR
    (row,) = plan("name,height_cm,jersey_number\nAda,171,9\n", squad)
    assert (row.player, row.errors) == (squad[1], {})


def test_namesakes_who_change_numbers_are_told_apart_by_birth_date() -> None:
    squad = [player("Danilo", 2, birth_date=date(1991, 7, 15)), player("Danilo", 13, birth_date=date(2001, 4, 29))]
    rows = plan("jersey_number,name,birth_date\n13,Danilo,1991-07-15\n2,Danilo,2001-04-29\n", squad)
    assert [(row.player, row.errors) for row in rows] == [(squad[0], {}), (squad[1], {})]


def test_two_rows_that_could_be_one_player_are_not_guessed_at() -> None:
    rows = plan("jersey_number,name\n8,Ada\n9,Ada\n", [player("Ada", 7)])
    assert [row.errors for row in rows] == [_UNCLEAR, _UNCLEAR]


def test_a_row_with_an_error_keeps_all_that_can_be_read() -> None:
    (row,) = plan("jersey_number,name,height_cm,position\n9,ADA,7,gk\n", [player("Ada", 8)])
    assert outcome([row]) == [("update", "Ada", {"height_cm": "must be between 100 and 250 centimetres"})]
    assert row.line.values == {"jersey_number": 9, "name": "ADA", "position": Position.GOALKEEPER}


RISKY = ["=1+1", "+49 30 1", "-Ada", "@SUM(A1)", "＝1", "'=1+1", "''@x"]


@pytest.mark.parametrize("name", RISKY)
def test_no_cell_of_an_export_runs_in_a_spreadsheet(name: str) -> None:
    content = write_squad([player(name)])
    assert f",'{name}," in content.decode()
    assert [line.values["name"] for line in read_squad(content)] == [name]


def test_an_apostrophe_that_guards_nothing_stays() -> None:
    content = write_squad([player("'t Hooft"), player("O'Brien"), player("'")])
    assert [line.values["name"] for line in read_squad(content)] == ["'t Hooft", "O'Brien", "'"]


def accepted(kind: object, texts: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    """What the API stores for a text; texts that it refuses are left out."""
    adapter = TypeAdapter(kind)

    def stored(text: str) -> tuple[bool, object]:
        try:
            return True, adapter.validate_python(text)
        except ValueError:
            return False, None

    return texts.map(stored).filter(lambda pair: pair[0]).map(lambda pair: pair[1])


ANY_TEXT = st.text(max_size=20) | st.text("',;\t\r\n\"=+-@ \ufeffa", max_size=6)
SQUADS = st.lists(
    st.builds(
        player,
        accepted(Name, ANY_TEXT),
        st.none() | st.integers(1, 99),
        position=st.none() | st.sampled_from(Position),
        birth_date=st.none() | st.dates(date(1900, 1, 1), date(2020, 1, 1)),
        dominant_foot=st.none() | st.sampled_from(Foot),
        height_cm=st.none() | st.integers(100, 250),
        weight_kg=st.none() | st.integers(30, 200),
        nationality=accepted(OptionalText, ANY_TEXT),
        country_code=st.none() | st.sampled_from(["BR", "CI"]),
    ),
    max_size=6,
    unique_by=lambda row: row.jersey_number or row.id,
)


@given(SQUADS)
def test_every_export_imports_again_without_a_change(squad: list[Player]) -> None:
    rows = plan_squad(read_squad(write_squad(squad)), squad)
    assert [(row.action, row.player, row.errors) for row in rows] == [("unchanged", row, {}) for row in squad]


@given(SQUADS.filter(lambda squad: len({told_apart_by(row) for row in squad}) == len(squad)))
def test_every_export_imports_into_an_empty_team(squad: list[Player]) -> None:
    rows = plan_squad(read_squad(write_squad(squad)), [])
    assert [(row.action, row.errors) for row in rows] == [("create", {})] * len(squad)
    assert [row.line.values for row in rows] == [cells_of(row) for row in squad]


def told_apart_by(row: Player) -> tuple[object, ...]:
    return fold(row.name), row.jersey_number, row.birth_date


def cells_of(row: Player) -> dict[str, object]:
    return {column: getattr(row, column) for column in COLUMNS}


NUMBERED_SQUADS = st.lists(
    st.builds(
        player,
        st.sampled_from(["Ada", "ADA", "Bea", "Béa", "Cleo"]),
        st.none() | st.integers(1, 6),
        birth_date=st.none() | st.sampled_from([date(1991, 7, 15), date(2001, 4, 29)]),
        height_cm=st.none() | st.sampled_from([170, 180]),
    ),
    max_size=6,
    unique_by=lambda row: row.jersey_number or row.id,
)


@given(NUMBERED_SQUADS, st.data())
def test_no_permutation_of_numbers_changes_who_somebody_is(squad: list[Player], data: st.DataObject) -> None:
    """Either a row is refused, or all that is known of its player stays as it was, but for the number."""
    numbers = data.draw(st.permutations([row.jersey_number for row in squad]))
    permuted = [Player(**cells_of(row) | {"jersey_number": number}) for row, number in zip(squad, numbers, strict=True)]
    rows = plan_squad(read_squad(write_squad(permuted)), squad)
    for row in (row for row in rows if not row.errors):
        assert row.player is not None
        assert cells_of(row.player) | {"jersey_number": None} == {**row.line.values, "jersey_number": None}
    if len({fold(row.name) for row in squad}) == len(squad):
        assert [(row.player, row.errors) for row in rows] == [(row, {}) for row in squad]
