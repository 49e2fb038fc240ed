import numpy as np
import pytest

from engine.identities import MOST_PEOPLE, Identities
from engine.results import Place, PlayerRow
from engine.tracking.kalman import start_state
from engine.tracking.tracker import Match, Sighting, Track

SHIRT = np.array([40.0, 16.0, -43.0])


def match(number: int, confidence: float) -> Match:
    track = Track(start_state(np.zeros(2), 60.0, np.eye(2)), 60.0, SHIRT, 0.0, 0.0, number, confidence=confidence)
    return Match(track, Sighting((0.0, 0.0, 20.0, 60.0), 0.9, SHIRT))


def row(number: int, time_s: float, x_px: float) -> PlayerRow:
    return PlayerRow(1, time_s, number, "", Place(x_px, 300.0), (x_px - 10, 240.0, 20.0, 60.0), 0.9)


def test_more_people_than_a_match_has_are_not_told_and_the_least_sure_are_those():
    crowd = [match(number, 0.5 + number / 100) for number in range(1, MOST_PEOPLE + 4)]
    assert [one.track.number for one in Identities().choose(crowd)] == list(range(4, MOST_PEOPLE + 4))


def test_a_newcomer_must_be_clearly_surer_than_who_is_told_already():
    identities = Identities()
    crowd = [match(number, 0.6) for number in range(1, MOST_PEOPLE + 1)]
    assert identities.choose(crowd) == crowd
    assert identities.choose([match(99, 0.65), *crowd]) == crowd
    assert 99 in {one.track.number for one in identities.choose([match(99, 0.8), *crowd])}


@pytest.mark.parametrize(("goes_along", "links"), [(True, 1), (False, 0)])
def test_places_are_compared_as_if_the_camera_had_not_moved(goes_along: bool, links: int):
    """While nobody sees the person, the camera pans by six body heights; the person goes along with it, or stays."""
    identities = Identities()
    person = match(1, 0.9).track
    for time_s in np.arange(0, 2, 0.04):
        identities.turn(np.eye(2, 3))
        identities.note(row(1, float(time_s), 500.0), person, scale=1.0)
    pan = np.array([[1.0, 0.0, 360.0], [0.0, 1.0, 0.0]])
    identities.turn(pan)
    for time_s in np.arange(2.4, 4, 0.04):
        identities.turn(np.eye(2, 3))
        identities.note(row(2, float(time_s), 860.0 if goes_along else 500.0), person, scale=1.0)
    assert len(identities.link()) == links
