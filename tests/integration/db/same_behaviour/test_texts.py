"""Texts come back, are found and are sorted alike on both databases."""

import pytest

from tests.integration.conftest import Api
from tests.integration.db.same_behaviour.rows import make, names, read

TEXTS = [
    "👩🏽‍🚀🏴󠁧󠁢󠁳󠁣󠁴󠁿",  # joined from several code points of four bytes each
    "الأهلي \u200fFC\u200e",  # right to left, with marks
    "e\u0301 and é",  # decomposed and composed
    "Z\u0351\u036b\u0343a\u0363l\u0320g\u0348o",
    'it\'s 100 % \\ "quoted" `so`; DROP TABLE teams; --',
    "\u00a0no-break\u2003em",  # blanks of other kinds, inside
    "𝔉𝔯𝔞𝔨𝔱𝔲𝔯",
    "x" * 200,
    "🏆" * 200,  # 800 bytes
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_comes_back_and_is_found_letter_by_letter(api: Api, club: str, text: str) -> None:
    stored = make(api, "/api/teams", name=text, club_id=club)["name"]
    assert stored == text.strip()
    assert names(api, club, name=stored) == [stored]
    assert names(api, club, **{"name[in]": f"nobody,{stored}"}) == [stored]
    assert names(api, club, q=stored) == [stored]


ALIKE = ["a", "A", "á", "ä", "a\u0301", "ａ"]


def test_names_that_resemble_each_other_are_different_names(api: Api, club: str) -> None:
    for name in ALIKE:
        make(api, "/api/teams", name=name, club_id=club)
    for name in ALIKE:
        assert names(api, club, name=name) == [name]


@pytest.mark.parametrize("wanted", ["a", "A", "á", "Ä", "ａ"])
def test_a_search_finds_all_that_resemble_each_other(api: Api, club: str, wanted: str) -> None:
    for name in [*ALIKE, "b", "α", "а", "@"]:  # the Greek and the Cyrillic letter look like it, but are others
        make(api, "/api/teams", name=name, club_id=club)
    assert sorted(names(api, club, q=wanted)) == sorted(ALIKE)


SEARCHES = [
    ("Großkreutz", "GROSSKR", True),
    ("Łukasz", "lukasz", True),
    ("Søren", "soren", True),
    ("Đoković", "dokovic", True),
    ("İlkay", "ilkay", True),
    ("Ærø", "aero", True),
    ("Παπαδόπουλος", "παπαδοπουλοσ", True),
    ("Семёнов", "семенов", True),
    ("Йован", "иован", False),  # a letter of its own, not an accent
    ("Ковачић", "ковачиц", False),
    ("カズ", "かず", True),
    ("森柳 海斗", "柳 海", True),
    ("가나다", "가", True),
    ("각", "가", False),
    ("⚽ one", "⚾", False),
    ("🏆", "😀", False),
    ("100 %", "0 %", True),
    ("100", "%", False),  # no wildcard
    ("under_score", "r_s", True),
    ("underscore", "r_s", False),
    ("back\\slash", "k\\s", True),
    ("a b", "ab", False),
    # What is sorted as several letters is found as itself.
    ("ﬁn", "fin", False),
    ("ﬁn", "ﬁ", True),
    ("fin", "ﬁn", False),
    ("½ time", "2", False),
    ("½ time", "½", True),
    ("Ǆ", "d", False),
    ("Ǆ", "ǆ", True),
    ("Ⅷ", "v", False),
    ("№ 1", "no", False),
    # Joiners are not seen, and not looked for.
    ("می\u200cخواهم", "میخواهم", True),
    ("میخواهم", "می\u200cخواهم", True),
    ("❤\ufe0f", "❤", True),
    ("em\u2003space", "m s", True),
]


@pytest.mark.parametrize(("name", "wanted", "found"), SEARCHES)
def test_a_search_takes_the_same_for_the_same(api: Api, club: str, name: str, wanted: str, found: bool) -> None:
    make(api, "/api/teams", name=name, club_id=club)
    assert names(api, club, q=wanted) == ([name] if found else [])


def test_blanks_at_the_ends_do_not_make_another_name(api: Api, club: str) -> None:
    """MariaDB ignores blanks at the end when it compares, SQLite does not."""
    assert make(api, "/api/teams", name=" \u3000Rovers  ", club_id=club)["name"] == "Rovers"
    for name in ("Rovers", "Rovers ", " Rovers"):
        again = api.client.post("/api/teams", json={"name": name, "club_id": club})
        assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, "/name")
    assert names(api, club, name="Rovers ") == names(api, club, **{"name[in]": "x,Rovers  "}) == ["Rovers"]
    assert names(api, club, q="Rovers ") == []  # a search looks for what it was given


SEGMENT = {"title": "Press", "start_s": 0, "end_s": 1}


def test_blanks_at_the_end_of_a_type_do_not_hide_a_segment(api: Api, club: str) -> None:
    match = make(api, "/api/matches", match_date="2026-11-14T15:00:00Z", club_id=club)
    make(api, "/api/video_segments", match_id=match["id"], segment_type="press ", **SEGMENT)
    assert len(read(api, "/api/video_segments", match_id=match["id"], segment_type="press")) == 1


IN_ORDER = [
    "_",
    "-",
    "!",
    "'",
    "(",
    "@",
    "#",
    "+",
    "☺",
    "⚽",
    "$",
    "€",
    "0",
    "10 men",
    "9",
    "A",
    "a b",
    "ab",
    "Æon",
    "\u200dq",
    "ß",
    "Th",
    "Ünlü",
    "unm",
    "z",
    "Þór",
    "Ω",
    "Алания",
    "Зенит",
    "И",
    "Й",
    "К",
    "אבג",
    "الأهلي",
    "かず",
    "カゼ",
    "柳",
    "森",
    "ꭶ",
    "각",
    "🏆",
    "😀",
]


def test_names_are_sorted_alike(api: Api, club: str) -> None:
    """Signs, emoji of old, digits, letters without case and accents, other scripts, newer emoji."""
    for name in sorted(IN_ORDER, key=lambda name: name[::-1]):
        make(api, "/api/teams", name=name, club_id=club)
    assert names(api, club, sort="name") == IN_ORDER
    assert names(api, club, sort="-name") == IN_ORDER[::-1]
