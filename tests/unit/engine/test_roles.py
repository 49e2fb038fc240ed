"""Players, goalkeepers and referees, told from a whole crowd."""

import numpy as np
import pytest

from engine.kinds import PEOPLE, Kind
from engine.networks.found import likeliest_kinds
from engine.roles import FEATURES, RoleTeller, describe_people

SIZE = (1280, 720)
UNDECIDED = 1 / 3
RED, BLUE, YELLOW, BLACK, WHITE, SKIN = (50, 65, 45), (35, 15, -50), (90, -10, 80), (12, 0, 0), (95, 0, 0), (65, 15, 18)


def dress(shirt: tuple[int, int, int], shorts: tuple[int, int, int]) -> np.ndarray:
    return np.array([shirt, shorts, shirt, SKIN], float)


def draw_crowd(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Ten players each in red and in blue, then a goalkeeper in yellow at the left end and a referee in black."""
    feet = random.uniform((350, 250), (1150, 650), (20, 2))
    feet = np.vstack([feet, [(90, 400), (700, 420)]])
    heights = 0.08 * feet[:, 1] + 20
    boxes = np.column_stack([feet[:, 0] - heights / 5, feet[:, 1] - heights, feet[:, 0] + heights / 5, feet[:, 1]])
    kits = [dress(RED, WHITE)] * 10 + [dress(BLUE, BLUE)] * 10 + [dress(YELLOW, YELLOW), dress(BLACK, BLACK)]
    return np.array(kits) + random.normal(0, 2, (22, 4, 3)), boxes


@pytest.fixture(scope="module")
def teller() -> RoleTeller:
    return RoleTeller()


def test_who_wears_what_nobody_else_wears_is_no_player(teller: RoleTeller) -> None:
    for seed in range(10):
        outfits, boxes = draw_crowd(np.random.default_rng(seed))
        kinds = likeliest_kinds(teller.rate(outfits, boxes, SIZE, np.full((22, 3), UNDECIDED)))
        assert kinds == (Kind.PLAYER,) * 20 + (Kind.GOALKEEPER, Kind.REFEREE), seed


def test_chances_add_up_to_one(teller: RoleTeller) -> None:
    outfits, boxes = draw_crowd(np.random.default_rng(1))
    assert teller.rate(outfits, boxes, SIZE, np.full((22, 3), UNDECIDED)).sum(axis=1) == pytest.approx(np.ones(22))


def test_a_firm_opinion_counts(teller: RoleTeller) -> None:
    outfits, boxes = draw_crowd(np.random.default_rng(1))
    undecided = np.full((22, 3), UNDECIDED)
    firm = undecided.copy()
    firm[0] = 0.0, 0.0, 1.0
    referee = PEOPLE.index(Kind.REFEREE)
    before, after = (teller.rate(outfits, boxes, SIZE, opinion)[0, referee] for opinion in (undecided, firm))
    assert after > 5 * before


def test_the_order_of_people_does_not_matter(teller: RoleTeller) -> None:
    outfits, boxes = draw_crowd(np.random.default_rng(2))
    order = np.random.default_rng(3).permutation(22)
    opinion = np.full((22, 3), UNDECIDED)
    assert teller.rate(outfits[order], boxes[order], SIZE, opinion) == pytest.approx(
        teller.rate(outfits, boxes, SIZE, opinion)[order], abs=1e-5
    )


@pytest.mark.parametrize("count", [0, 1, 2])
def test_so_few_people_cannot_be_compared(teller: RoleTeller, count: int) -> None:
    outfits, boxes = draw_crowd(np.random.default_rng(4))
    opinion = np.tile([0.2, 0.3, 0.5], (count, 1))
    assert teller.rate(outfits[:count], boxes[:count], SIZE, opinion) is opinion


@pytest.mark.parametrize("count", [3, 4, 22])
def test_descriptions_are_finite_whatever_is_seen(count: int) -> None:
    outfits, boxes = draw_crowd(np.random.default_rng(5))
    for same in (outfits[:count], np.repeat(outfits[:1], count, axis=0)):
        described = describe_people(same, np.repeat(boxes[:1], count, axis=0), SIZE)
        assert described.shape == (count, FEATURES)
        assert np.isfinite(described).all()
