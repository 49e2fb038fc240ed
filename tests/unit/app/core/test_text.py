"""What a search takes for the same."""

import pytest

from app.core.text import fold

SAME: dict[str, tuple[str, ...]] = {
    "case and accents": ("Özil", "OZIL", "özil", "o\N{COMBINING DIAERESIS}zil"),
    "letters with a stroke": ("Ødegaard", "odegaard", "ØDEGAARD"),
    "the Polish l": ("Łukasz", "lukasz"),
    "the Croatian d": ("Đoković", "dokovic"),
    "the sharp s": ("Großkreutz", "GROSSKREUTZ", "grosskreutz", "GROẞKREUTZ"),
    "ligatures": ("Ærø", "aero", "ÆRØ"),
    "a dotted and a dotless i": ("İlkay", "ilkay", "ılkay", "ILKAY"),
    "wide letters and ligatures of a typesetter": ("ｆｉ", "ﬁ", "fi"),
    "Greek": ("Παπαδόπουλος", "παπαδοπουλος", "ΠΑΠΑΔΌΠΟΥΛΟΣ"),
    "Cyrillic": ("Семёнов", "СЕМЕНОВ"),
}


@pytest.mark.parametrize("case", SAME)
def test_spellings_of_one_name_are_the_same(case: str) -> None:
    assert len({fold(spelling) for spelling in SAME[case]}) == 1


DIFFERENT = [("Müller", "Mueller"), ("⚽", "⚾"), ("a b", "ab"), ("1", "l"), ("", " "), ("100%", "100")]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_no_text_stays_none_and_folding_twice_changes_nothing() -> None:
    assert fold(None) is None
    for spellings in SAME.values():
        for spelling in spellings:
            assert fold(fold(spelling)) == fold(spelling)
