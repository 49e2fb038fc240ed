"""The picture of where everybody played: a marker at each track's mean position."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from football.pitch import Pitch
from scripts.demo.findings import Findings, Side
from scripts.demo.footage import FilmedArea
from scripts.demo.paint import ink_on, paint_of
from scripts.demo.pitch_figure import draw_pitch, hatch_unfilmed, new_figure, save, write_caption, write_title

FloatArray = NDArray[np.float64]

_SHAPES = ("o", "s", "D", "^")  # the sides differ in shape too, for those who cannot tell their colours
_MARKER_POINTS2 = {"o": 330, "s": 280, "D": 215, "^": 300}
_APART_M = 3.5  # markers nearer than this would cover each other's numbers
_ROUNDS = 300
_BRIEF_SHARE = 0.5


def draw_positions(findings: Findings, area: FilmedArea | None, path: Path) -> Path:
    """Write a PNG; nobody appears in it who has no position in metres."""
    figure = new_figure(12, 9.2)
    axes = figure.add_axes((0.03, 0.135, 0.94, 0.75))
    draw_pitch(axes, _pitch(findings), grass="#4c8c5b", lines="#e9f2ea")
    _draw_sides(axes, findings)
    sides = findings.sides
    handles: list[Artist] = [_legend_entry(side, sides) for side in sides]
    if area is not None:
        handles.append(hatch_unfilmed(axes, area))
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.027, 0.075), ncols=5, frameon=False, fontsize=10.5
    )
    write_title(
        figure,
        "Where they played",
        f"Mean position of every track in {findings.seconds_filmed:.0f} s of video; the numbers are track numbers",
    )
    write_caption(
        figure,
        "Seen as by the main camera, which stands below the picture. Pale markers: seen for less than half of the "
        "video.\nWhere markers would cover each other they are moved apart; a line leads to the true place. "
        "A person who was lost and found again has several numbers.",
    )
    return save(figure, path)


def _pitch(findings: Findings) -> Pitch:
    return Pitch(findings.match.pitch_length_m, findings.match.pitch_width_m)


def _draw_sides(axes: Axes, findings: Findings) -> None:
    sides = findings.sides
    placed = [(side, track) for side in sides for track in side.tracks if track.mean_position_m is not None]
    if not placed:
        return
    true_m = np.array([track.mean_position_m for _, track in placed], dtype=np.float64)
    shown_m = spread_apart(true_m, _APART_M)
    for (side, track), true, shown in zip(placed, true_m, shown_m, strict=True):
        paint, shape = paint_of(side, sides), _shape(side, sides)
        is_brief = track.seconds_seen < _BRIEF_SHARE * findings.seconds_filmed
        if np.linalg.norm(shown - true) > 0.3:
            axes.plot(*zip(true, shown, strict=True), color="#ffffffaa", linewidth=1.0, zorder=3)
            axes.plot(*true, marker=".", color="#ffffff", markersize=4, zorder=3)
        x_m, y_m = (float(part) for part in shown)
        axes.scatter(
            x_m,
            y_m,
            s=_MARKER_POINTS2[shape],
            marker=shape,
            color=paint,
            edgecolors="#111111",
            linewidths=0.9,
            alpha=0.5 if is_brief else 1.0,
            zorder=4,
        )
        axes.text(
            x_m,
            y_m,
            str(track.track_number),
            ha="center",
            va="center_baseline",
            fontsize=9.5,
            fontweight="bold",
            color=ink_on(paint),
            zorder=5,
        )


def _legend_entry(side: Side, sides: Sequence[Side]) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="",
        marker=_shape(side, sides),
        markersize=11,
        markerfacecolor=paint_of(side, sides),
        markeredgecolor="#111111",
        label=f"{side.title}: {len(side.tracks)} tracks",
    )


def _shape(side: Side, sides: Sequence[Side]) -> str:
    return _SHAPES[min(sides.index(side), len(_SHAPES) - 1)]


def spread_apart(points_m: FloatArray, apart_m: float) -> FloatArray:
    """Push points (N, 2) away from each other until every two are ``apart_m`` apart, or for some rounds at most."""
    spread = points_m.copy()
    # Equal points have no direction to part in; a fixed, tiny spiral gives each pair one.
    turns = np.arange(len(spread)) * 2.4
    spread += 1e-3 * np.column_stack([np.cos(turns), np.sin(turns)])
    for _ in range(_ROUNDS):
        difference = spread[:, None] - spread[None, :]
        distance = np.linalg.norm(difference, axis=2)
        np.fill_diagonal(distance, np.inf)
        lack = np.clip(apart_m - distance, 0.0, None)
        if lack.max() < 1e-2:
            break
        spread += 0.5 * np.sum(lack[..., None] * difference / distance[..., None], axis=1)
    return spread
