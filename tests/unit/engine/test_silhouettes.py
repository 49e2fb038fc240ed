import numpy as np
import pytest

from engine.blobs import find_blobs
from engine.silhouettes import find_silhouettes, find_upright_blobs


class SameHeightEverywhere:
    def __init__(self, height: float) -> None:
        self._height = height

    def heights_at(self, feet):
        return np.full(len(feet), self._height)


def body(mask: np.ndarray, x: int, foot: int, height: int = 40) -> None:
    """A standing person as a filled block 0.3 heights wide."""
    half = int(0.15 * height)
    mask[foot - height : foot, x - half : x + half] = True


@pytest.fixture
def mask() -> np.ndarray:
    return np.zeros((200, 300), np.bool_)


SIZE = SameHeightEverywhere(40.0)


def test_a_lone_person_is_found_where_it_stands(mask):
    body(mask, 100, 150)
    (found,) = find_silhouettes(find_blobs(mask), SIZE)
    assert found.box == (94.0, 110.0, 106.0, 150.0)
    assert found.height_ratio == pytest.approx(1.0)
    assert not found.is_parted


def test_two_people_side_by_side_are_parted(mask):
    body(mask, 100, 150)
    body(mask, 126, 152)
    mask[120:130, 100:126] = True  # an arm joins them
    feet = sorted((found.box[0] + found.box[2]) / 2 for found in find_silhouettes(find_blobs(mask), SIZE))
    assert feet == pytest.approx([100, 126], abs=4)


def test_somebody_half_hidden_is_found_behind_the_one_in_front(mask):
    body(mask, 100, 150)
    body(mask, 106, 128)  # shows head and shoulders above and beside the one in front
    feet = sorted(found.box[3] for found in find_silhouettes(find_blobs(mask), SIZE))
    assert feet == pytest.approx([128, 150], abs=6)


def test_head_and_legs_with_a_gap_are_one_person(mask):
    body(mask, 100, 150)
    mask[122:126] = False  # a belt in the colour of grass
    assert len(find_silhouettes(find_blobs(mask), SIZE)) == 1


@pytest.mark.parametrize(
    ("height", "width"),
    [
        pytest.param(8, 8, id="a ball"),
        pytest.param(14, 10, id="a bag"),
        pytest.param(40, 2, id="a corner flag"),
    ],
)
def test_what_is_not_as_large_as_a_person_is_dropped(mask, height, width):
    mask[150 - height : 150, 100 : 100 + width] = True
    assert find_silhouettes(find_blobs(mask), SIZE) == []


def test_upright_blobs_are_people_but_not_pieces_of_lines(mask):
    body(mask, 100, 150)
    mask[132:150, 98:102] = False  # between the legs
    mask[110:116, 94:97] = mask[110:116, 103:106] = False  # beside the head
    mask[100:140, 200:203] = True
    assert find_upright_blobs(mask).tolist() == [[94.0, 110.0, 106.0, 150.0]]
