import numpy as np
import pytest

from engine.tracking.stitching import MAX_BLIND_GAP_S, Glimpse, Look, Stitcher, find_heads

BLUE, WHITE = np.array([40.0, 16.0, -43.0]), np.array([85.0, 0.0, 0.0])
INTERVAL_S = 0.04
BODY_PX = 60.0
PX_PER_M = BODY_PX / 1.78


def walk(stitcher: Stitcher, track: int, seconds: tuple[float, float], *, line=0.0, speed=2.0, look=None) -> None:
    """Somebody who walks to the right at ``speed`` (m/s), ``line`` metres below the first."""
    for time_s in np.arange(*seconds, INTERVAL_S):
        foot = np.array([speed * time_s, line]) * PX_PER_M
        stitcher.see(track, Glimpse(float(time_s), foot, BODY_PX), look or Look(BLUE))


def pairs(stitcher: Stitcher, **facts) -> list[tuple[int, int]]:
    return [(link.from_track, link.to_track) for link in stitcher.link(**facts)]


def test_somebody_who_was_hidden_and_goes_on_is_one_person():
    stitcher = Stitcher()
    walk(stitcher, 1, (0, 5))
    walk(stitcher, 2, (0, 12), line=30.0)
    walk(stitcher, 3, (7, 12))
    (link,) = stitcher.link()
    assert (link.from_track, link.to_track) == (1, 3)
    assert link.confidence > 0.9


def test_a_person_of_many_tracks_has_the_number_of_the_first():
    stitcher = Stitcher()
    for track, start_s in ((4, 0), (2, 5), (9, 10)):
        walk(stitcher, track, (start_s, start_s + 3.5))
    assert find_heads(stitcher.link()) == {2: 4, 9: 4}


@pytest.mark.parametrize(
    ("seconds", "facts"),
    [
        ((4, 9), {}),  # seen at the same time
        ((5.2, 9), {"line": 20.0}),  # too far for anybody to run
        ((7, 9), {"look": Look(WHITE)}),
        ((7, 9), {"look": Look(BLUE, "B")}),  # the other team in the same shirt cannot be, but shirts fade in the shade
        ((60, 65), {}),
    ],
)
def test_who_cannot_be_the_same_is_not_linked(seconds, facts):
    stitcher = Stitcher()
    walk(stitcher, 1, (0, 5), look=Look(BLUE, "A"))
    walk(stitcher, 2, seconds, **{"look": Look(BLUE, "A")} | facts)
    assert pairs(stitcher) == []


def test_two_who_cross_out_of_sight_go_on_as_they_ran():
    stitcher = Stitcher()
    walk(stitcher, 1, (0, 4), speed=5.0)
    for time_s in np.arange(0, 4, INTERVAL_S):
        stitcher.see(2, Glimpse(float(time_s), np.array([44.0 - 5 * time_s, 0.0]) * PX_PER_M, BODY_PX), Look(BLUE))
    walk(stitcher, 3, (4.8, 8), speed=5.0)
    for time_s in np.arange(4.8, 8, INTERVAL_S):
        stitcher.see(4, Glimpse(float(time_s), np.array([44.0 - 5 * time_s, 0.0]) * PX_PER_M, BODY_PX), Look(BLUE))
    assert sorted(pairs(stitcher)) == [(1, 3), (2, 4)]


def test_with_equal_rivals_nobody_is_linked():
    stitcher = Stitcher()
    walk(stitcher, 1, (0, 5), speed=0.0)
    walk(stitcher, 2, (7, 12), speed=0.0, line=2.0)
    walk(stitcher, 3, (7, 12), speed=0.0, line=-2.0)
    assert pairs(stitcher) == []


def test_a_moving_camera_bridges_short_gaps_only_unless_the_pitch_is_known():
    gap_s = MAX_BLIND_GAP_S + 1
    blind, seeing = Stitcher(), Stitcher()
    walk(blind, 1, (0, 5), speed=0.0)
    walk(blind, 2, (5 + gap_s, 15), speed=0.0)
    assert pairs(blind) == [(1, 2)]
    assert pairs(blind, camera_moves=True) == []
    for track, (since, until) in ((1, (0, 5)), (2, (5 + gap_s, 15))):
        for time_s in np.arange(since, until, INTERVAL_S):
            place = np.array([50.0, 30.0])
            seeing.see(track, Glimpse(float(time_s), 900 * place * time_s, BODY_PX, place), Look(BLUE))
    assert pairs(seeing, camera_moves=True) == [(1, 2)]


def test_nobody_is_linked_where_nobody_was_seen():
    assert Stitcher().link() == []


def test_memory_is_that_of_the_tracks_and_not_of_their_length():
    stitcher = Stitcher()
    walk(stitcher, 1, (0, 5))
    before = len(vars(stitcher._lives[1]))
    walk(stitcher, 1, (5, 60))
    assert len(stitcher._lives) == 1
    assert len(vars(stitcher._lives[1])) == before
    assert not any(isinstance(part, list | dict) for part in vars(stitcher._lives[1]).values())
