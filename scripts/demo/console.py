"""What the person at the terminal sees: progress while the server works, and the figures at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.box import ROUNDED, SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from scripts.demo.figures import kmh_with_band, percent, with_band
from scripts.demo.findings import Findings, Job, Side, split_in_words

_NARROW = 60  # columns of a terminal; the widest table takes 58
_PLAIN_STEP_PERCENT = 10  # without a terminal, a line for each tenth of the way


@contextmanager
def progress_of(console: Console) -> Iterator[Callable[[Job], None]]:
    """A function that takes the news of a job and shows them: a bar, or plain lines where there is no terminal."""
    if not console.is_terminal:
        yield _plain_lines(console)
        return
    columns = (
        SpinnerColumn(),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Waiting for a worker.", total=1.0)
        yield lambda job: bar.update(task, completed=job.progress, description=job.message or job.status.lower())


def _plain_lines(console: Console) -> Callable[[Job], None]:
    told = -_PLAIN_STEP_PERCENT

    def tell(job: Job) -> None:
        nonlocal told
        reached = round(job.progress * 100)
        if reached >= told + _PLAIN_STEP_PERCENT or (job.is_over and reached > told):
            told = reached
            console.print(f"{percent(job.progress):>4}  {job.message or job.status.lower()}", highlight=False)

    return tell


def print_findings(console: Console, findings: Findings) -> None:
    """The table of tracks, the split into teams, and how far to trust both."""
    for side in findings.sides:
        console.print(_table(side, is_narrow=console.width < _NARROW))
    data = findings.report.report_data
    console.print(f"Tracks: {len(findings.tracks)} — {split_in_words(findings.sides)}", highlight=False)
    if data.calibration is not None:
        console.print(
            f"Calibration: {data.calibration.points} points, off by {data.calibration.median_error_m:.2f} m in the "
            f"median and {data.calibration.max_error_m:.2f} m at most",
            highlight=False,
        )
    if data.metres_missing_because is not None:
        console.print(data.metres_missing_because)
    console.print(f"Ball: seen in {percent(data.ball.coverage)} of the time", highlight=False)


def _table(side: Side, *, is_narrow: bool) -> Table:
    box = SIMPLE if is_narrow else ROUNDED
    table = Table(title=side.title, title_justify="left", title_style="bold", box=box, pad_edge=not is_narrow)
    names = ("track", "s", "m", "m/s") if is_narrow else ("track", "seen s", "distance m", "top speed m/s", "km/h")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for track in side.tracks:
        speed = track.top_speed_mps, track.top_speed_error_mps
        cells = (
            str(track.track_number),
            f"{track.seconds_seen:.1f}",
            with_band(track.distance_m, track.distance_error_m),
            with_band(*speed),
            kmh_with_band(*speed),
        )
        table.add_row(*cells[: len(names)])
    return table
