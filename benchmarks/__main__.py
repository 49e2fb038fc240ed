"""Measure, and write the figures down.

python -m benchmarks                        all of it, some twenty minutes on two idle cores
python -m benchmarks --only start,restart   these, and the page keeps the other sections
python -m benchmarks --quick                small sizes, to see that it runs; each section tells its sizes
"""

import importlib
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from benchmarks.report import write_sections
from tests.conftest import ROOT

NAMES = ("start", "reads", "uploads", "load", "restart", "soak")
"""Modules of this package, in the order of the page. Each has ``measure(*, quick: bool) -> Sequence[Section]``."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    only: Annotated[str, typer.Option(help="Names with commas between them; all of them if absent.")] = ",".join(NAMES),
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes.")] = False,
    out: Annotated[Path, typer.Option(help="The page to bring up to date.")] = ROOT / "docs" / "performance.md",
) -> None:
    """Run the benchmarks; what one has measured is written before the next begins."""
    signal.signal(signal.SIGTERM, _exit)  # Ctrl-C raises by itself
    names = only.split(",")
    if unknown := set(names) - set(NAMES):
        raise typer.BadParameter(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
    load, *_ = os.getloadavg()
    for name in NAMES:
        if name in names:
            typer.echo(f"{name} ...")
            sections = importlib.import_module(f"benchmarks.{name}").measure(quick=quick)
            write_sections(out, sections, load=load)
            for section in sections:
                typer.echo("\n".join([section.title, " | ".join(section.columns), *map(" | ".join, section.rows)]))


def _exit(_signal: int, _frame: FrameType | None) -> None:
    """Through all ``finally`` blocks, which stop what was started."""
    sys.exit(130)


if __name__ == "__main__":
    app()
