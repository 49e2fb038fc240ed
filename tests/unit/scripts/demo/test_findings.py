import pytest

from scripts.demo.figures import kmh_with_band, with_band
from scripts.demo.findings import split_in_words
from scripts.demo.self_check import find_faults
from tests.unit.scripts.demo.made_findings import KITS, findings, track


def test_the_teams_come_first_then_the_others_then_the_undecided() -> None:
    found = findings(track(1, None), track(2, "other"), track(3, "B"), track(4, "A"))
    assert [side.team for side in found.sides] == ["A", "B", "other", "undecided"]


def test_within_a_side_who_ran_farthest_comes_first() -> None:
    found = findings(track(1, "A", distance_m=10.0), track(2, "A", distance_m=None), track(3, "A", distance_m=40.0))
    assert [one.track_number for one in found.sides[0].tracks] == [3, 1, 2]


def test_the_split_names_each_side_by_its_colours() -> None:
    found = findings(track(1, "A"), track(2, "A"), track(3, "B"), track(4, None))
    assert split_in_words(found.sides) == "Team A (white): 2, Team B (blue): 1, undecided: 1"


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (30.94, 0.85, "30.9 ± 0.8"),
        (30.94, None, "30.9"),
        (None, None, "–"),  # not measured is not zero
        (0.0, 0.1, "0.0 ± 0.1"),
    ],
)
def test_a_figure_stands_with_its_band(value: float | None, error: float | None, shown: str) -> None:
    assert with_band(value, error) == shown


def test_metres_per_second_are_shown_as_kilometres_per_hour() -> None:
    assert kmh_with_band(5.0, 0.5) == "18 ± 2"
    assert kmh_with_band(None, None) == "–"


def test_a_sound_analysis_has_no_faults() -> None:
    assert find_faults(findings(track(1, "A"), track(2, "B")), calibrated=True) == []


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (findings(), "Not one player"),
        (findings(track(1, "A", top_speed_mps=12.5), track(2, "B")), "12.5 m/s"),
        (findings(track(1, "A"), track(2, "A")), "found 1"),
        (findings(track(1, "A"), track(2, "B"), calibrated=False), "nothing was measured in metres"),
        (findings(track(1, None), track(2, None), kits=KITS[:0]), "found 0"),
    ],
)
def test_what_no_sound_analysis_says_is_a_fault(found, fault: str) -> None:
    (sentence,) = find_faults(found, calibrated=True)
    assert fault in sentence
