"""What a name may be: every script, nothing hidden; and the pattern in the document says the same as the server."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.schemas.fields import Name, OptionalColour, OptionalText
from app.schemas.player import CountryCode

NAME, TEXT = TypeAdapter(Name), TypeAdapter(OptionalText)

NAMES = [
    "Łukasz Brzozdęba",
    "森柳 海斗",
    "می\u200cخواهم",  # Persian joins letters with a mark that nobody sees
    "👩🏽\u200d🚀",  # one picture of four characters
    "❤\ufe0f",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # the flag of England
    "e\u0301",
    "\u05d0\u200fA",  # a mark beside a letter turns nothing round
]


@pytest.mark.parametrize("name", NAMES)
def test_every_script_and_emoji_is_a_name(name: str) -> None:
    assert NAME.validate_python(name) == name
    assert TEXT.validate_python(name) == name
    assert re.search(NAME.json_schema()["pattern"], name)


_CONTROL = "should have no line breaks, control characters or marks of the writing direction"
_UNSEEN = "should have at least one character that can be seen"
# Text, what is wrong with it.
REFUSED = [
    ("Ada\x00", _CONTROL),
    ("A\x07da", _CONTROL),
    ("\x1b[31mAda", _CONTROL),
    ("Ada\nMarinho", _CONTROL),
    ("Ada\n", _CONTROL),
    ("Ada\x85", _CONTROL),
    ("Ada\u2028", _CONTROL),
    ("\u202eadA", _CONTROL),
    ("A\ud800", _CONTROL),
    ("\u2066Ada\u2069", _CONTROL),
    ("\u200b", _UNSEEN),
    ("\u200d\ufe0f", _UNSEEN),
    ("\u3164", _UNSEEN),
    ("\u3000", _UNSEEN),
    ("\ufeff \u2060", _UNSEEN),
    ("\U000e0020", _UNSEEN),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_what_is_hidden_in_a_name_is_refused_in_words(text: str, sentence: str) -> None:
    for kind in (NAME, TEXT):
        with pytest.raises(ValidationError) as refused:
            kind.validate_python(text)
        assert [error["msg"] for error in refused.value.errors()] == [sentence]


def test_blanks_are_no_name_and_empty_a_text() -> None:
    with pytest.raises(ValidationError, match=_UNSEEN):
        NAME.validate_python("  ")
    assert TEXT.validate_python("  ") is None
    assert (NAME.validate_python(" Ada "), TEXT.validate_python(" Ada ")) == ("Ada", "Ada")


@pytest.mark.parametrize(("kind", "longest"), [(NAME, 200), (TEXT, 100)])
def test_a_text_is_as_long_as_what_is_sent(kind: TypeAdapter[object], longest: int) -> None:
    assert kind.validate_python("x" * (longest - 1) + " ") == "x" * (longest - 1)
    for text in ("x" * longest + " ", " " * (longest + 1)):
        with pytest.raises(ValidationError, match=f"should have at most {longest} characters"):
            kind.validate_python(text)


@given(st.text(max_size=12) | st.text(" \n\x00\u202e\u200da", max_size=6))
@example("Ada\n")
def test_the_document_says_what_the_server_does(text: str) -> None:
    document = NAME.json_schema()["pattern"].replace("$", r"\Z")  # Python's $ lets a line feed pass, ECMAScript's not
    try:
        NAME.validate_python(text)
    except ValidationError:
        assert not re.search(document, text)
    else:
        assert re.search(document, text)


# Kind, text, what people are told.
MISSPELLED = [
    (OptionalColour, "green", "should be a colour such as #0b6e4f"),
    (OptionalColour, "#0b6e4f\n", "should be a colour such as #0b6e4f"),
    (CountryCode, "KEN", "should be two letters, such as BR"),
    (CountryCode, "ß", "should be two letters, such as BR"),
]


@pytest.mark.parametrize(("kind", "text", "sentence"), MISSPELLED)
def test_people_are_told_what_is_expected_and_no_regular_expression(kind: object, text: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(text)
    assert [error["msg"] for error in refused.value.errors()] == [sentence]


def test_letters_of_a_country_may_be_small() -> None:
    assert TypeAdapter(CountryCode).validate_python("ke") == "KE"
