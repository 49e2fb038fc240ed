"""What a network takes for balls before a fixed camera."""

import numpy as np

from engine.background import Background
from engine.network_detector import NetworkDetector
from engine.networks.found import Found
from engine.person_size import LearntSize
from engine.pitch_colour import PixelNoise, to_lab
from tests.unit.engine.drawn_match import HEIGHT, WIDTH, draw_pitch

NOISE = PixelNoise(6.0, 3.0)
SPOT, BALL = (200, 250), (400, 250)


class TakesWhiteForBalls:
    """Finds a ball where the picture is white at one of two places."""

    def find(self, picture, *, least, body_px=None):
        balls = np.array([(x, y) for x, y in (SPOT, BALL) if picture[y, x].min() > 240], np.float64).reshape(-1, 2)
        return Found(np.empty((0, 4)), np.empty(0), np.empty((0, 3)), balls, np.full(len(balls), 0.4))


def paint(picture, place):
    x, y = place
    picture[y - 3 : y + 3, x - 3 : x + 3] = 255


def places(detector, picture):
    return [tuple(one.centre) for one in detector.detect(picture).balls]


def test_what_looks_like_a_ball_in_the_empty_scene_of_a_fixed_camera_is_none():
    empty = draw_pitch(lines=False)
    paint(empty, SPOT)
    played = empty.copy()
    paint(played, BALL)
    size, background = LearntSize((WIDTH, HEIGHT)), Background(to_lab(empty), NOISE)
    fixed = NetworkDetector(TakesWhiteForBalls(), size, NOISE, region=None, background=background, least=0.3)
    moving = NetworkDetector(TakesWhiteForBalls(), size, NOISE, region=None, background=None, least=0.3)
    assert places(fixed, played) == [BALL]
    assert places(moving, played) == [SPOT, BALL]
