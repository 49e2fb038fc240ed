"""What the person at the terminal sees: progress while the server works, and the figures at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from scripts.demo.figures import kmh_with_band, percent, with_band
from scripts.demo.findings import Findings, Job, Side, split_in_words

_PLAIN_STEP = 0.1  # without a terminal, a line for each tenth of the way


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
    told = -1.0

    def tell(job: Job) -> None:
        nonlocal told
        if job.progress >= told + _PLAIN_STEP or (job.is_over and job.progress > told):
            told = job.progress
            console.print(f"{percent(job.progress):>4}  {job.message or job.status.lower()}", highlight=False)

    return tell


def print_findings(console: Console, findings: Findings) -> None:
    """The table of tracks, the split into teams, and how far to trust both."""
    for side in findings.sides:
        console.print(_table(side))
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


def _table(side: Side) -> Table:
    table = Table(title=side.title, title_justify="left", title_style="bold")
    for name in ("track", "seen s", "distance m", "top speed m/s", "km/h"):
        table.add_column(name, justify="right", no_wrap=True)
    for track in side.tracks:
        table.add_row(
            str(track.track_number),
            f"{track.seconds_seen:.1f}",
            with_band(track.distance_m, track.distance_error_m),
            with_band(track.top_speed_mps, track.top_speed_error_mps),
            kmh_with_band(track.top_speed_mps, track.top_speed_error_mps),
        )
    return table
