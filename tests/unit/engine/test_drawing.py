import numpy as np

from engine.drawing import Drawing, name_people
from engine.results import BallRow, Kind, Place, PlayerRow
from engine.tracking.stitching import Link
from engine.video import Frame, Picture

NOWHERE = Place(0.0, 0.0)


def person(*, team: str, box: tuple[float, float, float, float], track: int = 7) -> PlayerRow:
    return PlayerRow(1, 0.0, track, team, NOWHERE, box, 0.9)


def cells(row: PlayerRow | BallRow) -> dict[str, str]:
    kind = Kind.PLAYERS if isinstance(row, PlayerRow) else Kind.BALL
    return dict(zip(kind.value.strip().split(","), row.to_line().strip().split(","), strict=True))


def drawn(*rows: PlayerRow | BallRow, people: dict[str, str] | None = None, per_px: float = 1.0) -> Picture:
    picture = np.full((200, 300, 3), 90, np.uint8)
    of = {Kind.PLAYERS: PlayerRow, Kind.BALL: BallRow}
    sorted_rows = {kind: [cells(row) for row in rows if isinstance(row, what)] for kind, what in of.items()}
    Drawing(per_px, people or {}, 10.0).draw(Frame(1, 5.0, picture), sorted_rows)
    return picture


def test_a_person_has_a_frame_of_the_team_s_colour_where_the_row_says() -> None:
    picture = drawn(person(team="A", box=(200, 120, 40, 100)), per_px=0.5)
    for y, x in ((60, 110), (85, 100), (85, 120), (110, 110)):
        blue, green, red = picture[y, x]
        assert blue < 60, (y, x)
        assert min(green, red) > 180, (y, x)
    assert (picture[85, 110] == 90).all()


def test_a_ball_that_was_bridged_has_a_thinner_ring() -> None:
    seen, bridged = (
        drawn(BallRow(1, 0.0, Place(150.0, 100.0), 0.9, is_interpolated=bridged)).astype(int)
        for bridged in (False, True)
    )
    changed = [(np.abs(picture[80:120, 130:170] - 90).sum(axis=2) > 120).sum() for picture in (seen, bridged)]
    assert changed[0] > 1.4 * changed[1] > 0


def test_people_are_named_by_their_first_track() -> None:
    people = name_people([Link(2, 9, 0.9), Link(9, 12, 0.8), Link(3, 5, 0.7)])
    assert people == {"9": "2", "12": "2", "5": "3"}
    box = (100.0, 60.0, 20.0, 50.0)
    later, first, other = (drawn(person(team="A", box=box, track=track), people=people) for track in (12, 2, 4))
    assert (later == first).all()
    assert (other != first).any()


def test_the_bar_below_tells_how_far_the_film_is() -> None:
    picture = drawn()
    assert (picture[-1, :140] == 255).all()
    assert (picture[-1, 160:] == 90).all()
