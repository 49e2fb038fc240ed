import polars as pl
import pytest

from app.services.engine import TrackLink
from app.services.ingest.joined_tracks import join_tracks, sound_links
from app.services.ingest.linked_tracks import find_heads, find_relatives
from app.services.ingest.samples import PLAYER_SCHEMA, PlayerSamples, Rejected

# Track 1 is seen in frames 1 to 3, track 2 in 5 and 6, track 3 in 8, track 4 in 2.
SPANS = {1: (1, 2, 3), 2: (5, 6), 3: (8,), 4: (2,)}


@pytest.fixture
def players() -> PlayerSamples:
    rows = [{"frame": frame, "time_s": frame / 25, "track": track} for track, span in SPANS.items() for frame in span]
    return PlayerSamples(pl.DataFrame(rows, schema=PLAYER_SCHEMA), calibrated=False, rejected=Rejected())


@pytest.mark.parametrize(
    ("link", "sound"),
    [
        ((1, 2), True),
        ((1, 3), True),
        ((2, 1), False),
        ((1, 1), False),
        ((1, 4), False),  # seen at the same time
        ((1, 9), False),  # nobody has that number
        ((-1, 2), False),
    ],
)
def test_only_tracks_one_after_the_other_can_be_one_person(players: PlayerSamples, link, sound) -> None:
    assert bool(sound_links([TrackLink(*link, 0.9)], players)) is sound


def test_a_track_stands_once_on_each_side_and_the_first_word_counts(players: PlayerSamples) -> None:
    links = [TrackLink(1, 2, 0.9), TrackLink(4, 2, 0.99), TrackLink(1, 3, 0.99), TrackLink(2, 3, 0.7)]
    assert [(link.from_track, link.to_track) for link in sound_links(links, players)] == [(1, 2), (2, 3)]


@pytest.mark.parametrize(("told", "kept"), [(0.12345, 0.123), (1.5, 1.0), (-1.0, 0.0), (float("inf"), 0.0)])
def test_confidences_are_from_0_to_1(players: PlayerSamples, told: float, kept: float) -> None:
    assert sound_links([TrackLink(1, 2, told)], players)[0].confidence == kept


def test_a_person_has_the_number_of_the_first_track(players: PlayerSamples) -> None:
    joined = join_tracks(players, [(2, 3), (1, 2)])
    assert joined.frame["track"].to_list() == [1] * 6 + [4]
    assert joined.frame["frame"].to_list() == [1, 2, 3, 5, 6, 8, 2]
    assert join_tracks(players, []) is players


def test_relatives_are_all_tracks_of_a_person() -> None:
    pairs = [(2, 3), (1, 2), (5, 6)]
    assert find_heads(pairs) == {2: 1, 3: 1, 6: 5}
    assert [find_relatives(track, pairs) for track in (1, 2, 3, 6, 7)] == [{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {5, 6}, {7}]
