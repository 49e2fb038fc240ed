"""What is seen on a pitch."""

from enum import StrEnum


class Kind(StrEnum):
    """Of a person, or the ball."""

    PLAYER = "player"
    GOALKEEPER = "goalkeeper"
    REFEREE = "referee"
    BALL = "ball"


PEOPLE = (Kind.PLAYER, Kind.GOALKEEPER, Kind.REFEREE)
