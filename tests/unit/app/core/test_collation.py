"""The order of names on SQLite; tests/integration/db/same_behaviour compares it with MariaDB's."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.collation import collated, searchable

# Letters that stay apart when they stand side by side: neither accents nor the parts of Hangul syllables.
_APART = st.characters(exclude_categories=["C", "M"]).filter(
    lambda letter: unicodedata.is_normalized("NFC", letter) and not "\u1100" <= letter <= "\u11ff"
)
WORDS = st.text(_APART)


@given(WORDS, WORDS, WORDS)
def test_a_text_contains_its_parts(before: str, part: str, after: str) -> None:
    assert (searchable(part) or "") in (searchable(before + part + after) or "")


@pytest.mark.parametrize(("one", "other"), [("Özil", "OZIL"), ("Ærø", "aero"), ("カズ", "かず"), ("٣", "3")])
def test_case_accents_and_spellings_make_no_difference(one: str, other: str) -> None:
    assert collated(one) == collated(other)


@pytest.mark.parametrize(("one", "other"), [("Й", "И"), ("가", "각"), ("⚽", "⚾"), ("", " "), ("ab", "a b")])
def test_different_letters_stay_different(one: str, other: str) -> None:
    assert collated(one) != collated(other)


@pytest.mark.parametrize(("letter", "part"), [("ﬁ", "f"), ("½", "2"), ("Ǆ", "d"), ("ﬃ", "ﬁ"), ("Ⅷ", "Ⅴ")])
def test_one_letter_contains_no_other_although_it_is_sorted_as_several(letter: str, part: str) -> None:
    assert (searchable(part) or "") not in (searchable(letter) or "")
    assert (searchable(letter) or "") in (searchable(f"a{letter}b") or "")


def test_joiners_make_no_difference() -> None:
    assert collated("\u200dq") == collated("q")
    assert searchable("❤\ufe0f") == searchable("❤")


def test_no_text_stays_no_text() -> None:
    assert searchable(None) is None
    assert collated(None) is None
    assert collated("") == ""
