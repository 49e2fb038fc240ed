"""Do to running processes what must not harm, and write down what came of it.

python -m tests.faults                                  all of it, about forty minutes on two idle cores
python -m tests.faults --only killed-worker --number 7  one run again, with the chance that it had
"""

import math
import shutil
import signal
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from tests.conftest import ROOT
from tests.faults.fault import Fault, Outcome, random_of
from tests.faults.table import FAULTS, Row, page
from tests.faults.world import LEASE_S, World

_SEED = 20250601


def main(
    only: Annotated[list[str] | None, typer.Option(help="Names of faults; all of them if absent.")] = None,
    runs_share: Annotated[float, typer.Option(min=0, max=1, help="Share of the runs to do, at least one.")] = 1.0,
    number: Annotated[int | None, typer.Option(min=0, help="Do this run and no other.")] = None,
    seed: Annotated[int, typer.Option(help="Of all chance.")] = _SEED,
    out: Annotated[Path, typer.Option(help="Where to write the table.")] = ROOT / "docs" / "faults.md",
) -> None:
    """Run the faults; exit code 1 if a bar is not met."""
    signal.signal(signal.SIGTERM, _exit)  # Ctrl-C raises by itself
    faults = [fault for fault in FAULTS if not only or fault.name in only]
    if only and len(faults) != len(set(only)):
        raise typer.BadParameter(f"The faults are {', '.join(fault.name for fault in FAULTS)}.")
    directory = Path(tempfile.mkdtemp(prefix="coach-pro-faults-"))
    try:
        with World(directory) as world:
            rows = [_run_all(world, fault, _numbers(fault, number, runs_share), seed) for fault in faults]
    except (KeyboardInterrupt, SystemExit):
        shutil.rmtree(directory)
        raise
    text = page(rows, seed=seed, lease_s=LEASE_S)
    out.write_text(text, encoding="utf-8")
    typer.echo(text)
    if not all(row.is_met for row in rows):
        typer.echo(f"What the processes said lies in {directory}.")
        raise typer.Exit(1)
    shutil.rmtree(directory)


def _numbers(fault: type[Fault], number: int | None, share: float) -> list[int]:
    return [number] if number is not None else list(range(max(1, math.ceil(fault.runs * share))))


def _run_all(world: World, fault: type[Fault], numbers: list[int], seed: int) -> Row:
    """Do the runs; after one that raised, everything is opened anew."""
    outcomes: list[Outcome] = []
    broken: list[str] = []
    waiting, began = list(numbers), time.monotonic()
    while waiting:
        try:
            with ExitStack() as stack:
                opened = fault(world)
                opened.open(stack)
                while waiting:
                    outcomes.append(_run_once(opened, waiting.pop(0), seed))
        except Exception as error:  # the outermost loop: one broken run must not end the others
            traceback.print_exc()
            broken.append(f"{type(error).__name__}: {error}")
            if len(broken) > 3:
                break
    return Row(fault, outcomes, broken, time.monotonic() - began)


def _run_once(fault: Fault, number: int, seed: int) -> Outcome:
    began = time.monotonic()
    typer.echo(f"{fault.name} --number {number} --seed {seed} ... ", nl=False)
    outcome = fault.run(number, random_of(seed, type(fault), number))
    complaints = (*outcome.violations, *outcome.late)
    counts = ", ".join(f"{what}: {count}" for what, count in outcome.counts.items())
    typer.echo("\n    ".join([f"{time.monotonic() - began:.1f} s ({counts})", *complaints]))
    return outcome


def _exit(_signal: int, _frame: FrameType | None) -> None:
    """Through all ``finally`` blocks, which stop what was started."""
    sys.exit(130)


if __name__ == "__main__":
    typer.run(main)
