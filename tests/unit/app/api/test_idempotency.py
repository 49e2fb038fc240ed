"""Which keys are keys, and which requests are the same."""

import re

import pytest
from starlette.requests import Request

from app.api.idempotency import HEADER, KEY_PARAMETER, read_key
from app.core.errors import Unprocessable
from app.services.idempotency import fingerprint_of

# What stands in the header, and the key that it names.
GOOD: list[tuple[str, str]] = [
    ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
    ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
    ("x", "x"),
    (" \tpadded ", "padded"),
    ('" inner blanks count "', " inner blanks count "),
    (r'"a \"quoted\" word and a \\"', r'a "quoted" word and a \\'[:-1]),
    ("it's;a=key,too", "it's;a=key,too"),
    ("k" * 255, "k" * 255),
    (f'"{"k" * 255}"', "k" * 255),
    (f'"{chr(92) * 510}"', chr(92) * 255),
]
BAD: list[list[str]] = [
    [""],
    ["  "],
    ['""'],
    ["k" * 256],
    [f'"{"k" * 256}"'],
    ["two words"],
    ['"no end'],
    ['"'],
    ['"one" "two"'],
    ['"with parameters";a=1'],
    [r'"not \escapable"'],
    ["clé"],
    ['"clé"'],
    ["tab\tinside"],
    ["nul\0"],
    ["del\x7f"],
    ["one", "two"],
    ["one", "one"],
]


def request_with(*lines: str) -> Request:
    headers = [(HEADER.lower().encode(), line.encode("latin-1")) for line in lines]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers})


@pytest.mark.parametrize(("line", "key"), GOOD)
def test_a_key_is_a_string_of_structured_fields_or_a_bare_word(line: str, key: str) -> None:
    assert read_key(request_with(line)) == key


@pytest.mark.parametrize("lines", BAD, ids=repr)
def test_what_is_no_key_is_refused(lines: list[str]) -> None:
    with pytest.raises(Unprocessable) as refused:
        read_key(request_with(*lines))
    assert refused.value.code == "idempotency_key_invalid"


def test_the_document_describes_what_is_a_key() -> None:
    pattern = re.compile(KEY_PARAMETER["schema"]["pattern"])
    assert all(pattern.search(line.strip()) for line, _ in GOOD)
    assert [lines for lines in BAD if len(lines) == 1 and pattern.search(lines[0])] == []


def test_a_request_without_the_header_has_no_key() -> None:
    assert read_key(request_with()) is None


def test_pieces_do_not_run_into_each_other() -> None:
    lists = [(b"ab", b"c"), (b"a", b"bc"), (b"abc",), (b"", b"abc"), (b"abc", b"")]
    assert len({fingerprint_of(*pieces) for pieces in lists}) == len(lists)
