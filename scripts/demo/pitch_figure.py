"""The sheet that all pictures are drawn on: a pitch as the main camera sees it, and what was not filmed hatched."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from mplsoccer import Pitch as PitchDrawing  # type: ignore[import-untyped]

from football.pitch import Pitch
from scripts.demo.footage import FilmedArea

PAPER, INK, FAINT_INK = "#fbfbf8", "#1f2328", "#5b636b"
_DOTS_PER_INCH = 150
_SHADE, _HATCH_INK = "#00000022", "#00000038"
_PAD_M = 3.0


def new_figure(width_in: float, height_in: float) -> Figure:
    """An empty sheet; it has a canvas of its own, so no display and no global state are needed."""
    figure = Figure(figsize=(width_in, height_in), dpi=_DOTS_PER_INCH, facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: Path) -> Path:
    figure.savefig(path, format="png", facecolor=PAPER)
    return path


def draw_pitch(axes: Axes, pitch: Pitch, *, grass: str, lines: str) -> None:
    """The markings, with y downwards: the origin is the far left corner, and the camera stands below the picture."""
    drawing = PitchDrawing(
        pitch_type="custom",
        pitch_length=pitch.length_m,
        pitch_width=pitch.width_m,
        pitch_color=grass,
        line_color=lines,
        linewidth=1.3,
        goal_type="box",
        corner_arcs=True,
        line_zorder=2,
        **dict.fromkeys(("pad_left", "pad_right", "pad_top", "pad_bottom"), _PAD_M),
    )
    drawing.draw(ax=axes)
    axes.invert_yaxis()


def hatch_unfilmed(axes: Axes, area: FilmedArea) -> Patch:
    """Hatch what the camera does not see, so that an empty part is not taken for one where nobody was."""
    if area.share < 1.0:
        levels = [float(area.margin_px.min()) - 1.0, 0.0]
        unseen = axes.contourf(
            area.x_m, area.y_m, area.margin_px, levels=levels, colors=_SHADE, hatches=["///"], zorder=1.5
        )
        unseen.set_edgecolor(_HATCH_INK)
    return Patch(facecolor=_SHADE, edgecolor="#00000066", hatch="///", label="not in the picture")


def write_title(figure: Figure, title: str, subtitle: str) -> None:
    figure.text(0.035, 0.965, title, fontsize=17, fontweight="bold", color=INK, va="top")
    figure.text(0.035, 0.915, subtitle, fontsize=10.5, color=FAINT_INK, va="top")


def write_caption(figure: Figure, caption: str) -> None:
    figure.text(0.035, 0.022, caption, fontsize=9, color=FAINT_INK, va="bottom", linespacing=1.45)
