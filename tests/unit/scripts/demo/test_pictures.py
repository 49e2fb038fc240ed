import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.demo.heatmaps import draw_heatmaps
from scripts.demo.paint import ink_on, paint_of
from scripts.demo.positions import draw_positions, spread_apart
from scripts.demo.report import Pictures, write_report
from tests.unit.scripts.demo.made_findings import KITS, findings, track

FOUND = findings(track(1, "A"), track(2, "B", mean_x_m=60.0), track(3, "other", mean_x_m=11.0), track(4, None))


def test_crowded_markers_are_moved_apart_and_lonely_ones_stay() -> None:
    points = np.array([[50.0, 30.0], [50.0, 30.0], [51.0, 30.0], [10.0, 10.0]])
    spread = spread_apart(points, 3.5)
    distances = np.linalg.norm(spread[:, None] - spread[None], axis=2)[np.triu_indices(4, 1)]
    assert distances.min() > 3.3
    np.testing.assert_allclose(spread[3], points[3], atol=0.01)


def test_a_shirt_is_painted_as_its_colour_is_called() -> None:
    team_a, team_b, *_ = FOUND.sides
    assert paint_of(team_a, FOUND.sides) == "#ffffff"
    assert ink_on("#ffffff") == "#111111"
    assert ink_on(paint_of(team_b, FOUND.sides)) == "#ffffff"


def test_two_sides_with_one_colour_name_are_painted_as_filmed() -> None:
    kits = (KITS[0], KITS[1].model_copy(update={"colour_name": "white"}))
    sides = findings(track(1, "A"), track(2, "B"), kits=kits).sides
    assert [paint_of(side, sides) for side in sides] == ["#9191cd", "#4955ac"]


@pytest.mark.parametrize("draw", [draw_positions, draw_heatmaps])
def test_pictures_are_readable_and_not_blank(draw, tmp_path: Path) -> None:
    with Image.open(draw(FOUND, None, tmp_path / "picture.png")) as picture:
        assert picture.width >= 1200
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 50


def test_the_report_needs_nothing_beside_it(tmp_path: Path) -> None:
    pictures = Pictures(draw_positions(FOUND, None, tmp_path / "p.png"), None, still=b"\xff\xd8jpeg")
    page = write_report(FOUND, pictures, tmp_path / "report.html", filmed_share=0.57).read_text(encoding="utf-8")
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert "30.0 ± 0.5" in page
    assert "saw 57% of the pitch" in page
    assert "Team A (white)" in page


def test_the_report_shows_strange_names_as_text(tmp_path: Path) -> None:
    kits = (KITS[0].model_copy(update={"colour_name": "<script>alert(1)</script>"}),)
    path = write_report(findings(track(1, "A"), kits=kits), Pictures(None, None, b""), tmp_path / "report.html")
    assert "<script>" not in path.read_text(encoding="utf-8")
