"""The picture of how long each part of the pitch was played on, team by team."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from football.pitch import Pitch
from scripts.demo.findings import CellTimes, Findings, Side, TrackFigures
from scripts.demo.footage import FilmedArea
from scripts.demo.pitch_figure import (
    FAINT_INK,
    INK,
    draw_pitch,
    hatch_unfilmed,
    new_figure,
    save,
    write_caption,
    write_title,
)

FloatArray = NDArray[np.float64]

_COLOURS = "YlOrRd"


def draw_heatmaps(findings: Findings, area: FilmedArea | None, path: Path) -> Path:
    """Write a PNG with one panel per team on one scale; one panel of everybody where there are no teams."""
    pitch = Pitch(findings.match.pitch_length_m, findings.match.pitch_width_m)
    panels = _panels(findings)
    figure = new_figure(14, 6.5)
    width = 0.95 / len(panels)
    every_cell = [cells.seconds for _, cells in panels]
    scale = Normalize(0.0, max(float(seconds.max()) for seconds in every_cell) or 1.0)
    for place, (title, cells) in enumerate(panels):
        axes = figure.add_axes((0.025 + place * width, 0.225, width * 0.97, 0.60))
        draw_pitch(axes, pitch, grass="#f1f3ec", lines="#6f7a72")
        _draw_cells(axes, cells, pitch, scale)
        if area is not None:
            hatch_unfilmed(axes, area)
        axes.set_title(title, fontsize=12, color=INK)
    _draw_scale(figure, scale, panels[0][1].cell_m)
    write_title(figure, "How long they were where", "Time of all players of a team together, cell by cell")
    write_caption(
        figure,
        f"{findings.seconds_filmed:.0f} s of video, seen as by the main camera, which stands below the picture."
        + (" Hatched: not in the picture, so nobody could be seen there." if area is not None else ""),
    )
    return save(figure, path)


class _Cells:
    """Seconds (rows, columns) of several tracks together, on cells of ``cell_m``."""

    def __init__(self, heatmaps: Iterable[CellTimes]) -> None:
        found = list(heatmaps)
        self.cell_m = found[0].cell_m
        self.seconds: FloatArray = np.sum([np.array(heatmap.seconds) for heatmap in found], axis=0)


def _panels(findings: Findings) -> list[tuple[str, _Cells]]:
    teams = [side for side in findings.sides if side.is_team and _heatmaps(side.tracks)]
    if not teams:
        return [("Everybody", _Cells(_heatmaps(findings.tracks)))]
    return [(_panel_title(side), _Cells(_heatmaps(side.tracks))) for side in teams]


def _panel_title(side: Side) -> str:
    return f"{side.title}, {len(side.tracks)} tracks"


def _heatmaps(tracks: Iterable[TrackFigures]) -> list[CellTimes]:
    return [track.heatmap for track in tracks if track.heatmap is not None]


def _draw_cells(axes: Axes, cells: _Cells, pitch: Pitch, scale: Normalize) -> None:
    rows, columns = cells.seconds.shape
    # The last row and column may reach over the line; they are drawn up to it.
    x_m = np.minimum(np.arange(columns + 1) * cells.cell_m, pitch.length_m)
    y_m = np.minimum(np.arange(rows + 1) * cells.cell_m, pitch.width_m)
    visited = np.ma.masked_less_equal(cells.seconds, 0.0)
    axes.pcolormesh(x_m, y_m, visited, cmap=_COLOURS, norm=scale, zorder=1)


def _draw_scale(figure: Figure, scale: Normalize, cell_m: float) -> None:
    axes = figure.add_axes((0.3, 0.165, 0.4, 0.026))
    bar = figure.colorbar(ScalarMappable(scale, _COLOURS), cax=axes, orientation="horizontal")
    bar.set_label(f"seconds per cell of {cell_m:g} m x {cell_m:g} m", fontsize=10, color=FAINT_INK)
    bar.outline.set_visible(False)
