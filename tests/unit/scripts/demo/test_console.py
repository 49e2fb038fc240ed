import io
import uuid

import pytest
from rich.console import Console

from scripts.demo.console import print_findings, progress_of
from scripts.demo.findings import Job
from tests.unit.scripts.demo.made_findings import findings, track

FOUND = findings(track(1, "A"), track(22, "B", distance_m=1234.5, top_speed_mps=None, top_speed_error_mps=None))


def job(progress: float, message: str, status: str = "PROCESSING") -> Job:
    return Job(job_id=uuid.UUID(int=1), status=status, progress=progress, message=message)


@pytest.mark.parametrize("width", [40, 59, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_no_figure_is_cut(width: int) -> None:
    console = Console(width=width, file=io.StringIO())
    print_findings(console, FOUND)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= width
    assert "1234.5 ± 0.5" in text
    assert "5.0 ± 0.2" in text
    assert "…" not in text


def test_kilometres_per_hour_are_shown_where_there_is_room_for_them() -> None:
    shown = {}
    for width in (59, 60):
        console = Console(width=width, file=io.StringIO())
        print_findings(console, FOUND)
        shown[width] = "km/h" in console.file.getvalue()  # type: ignore[attr-defined]
    assert shown == {59: False, 60: True}


def test_without_a_terminal_progress_is_a_line_for_each_tenth() -> None:
    console = Console(width=80, file=io.StringIO(), force_terminal=False)
    with progress_of(console) as tell:
        for percent in range(0, 100, 5):
            tell(job(percent / 100, f"at {percent}"))
        tell(job(1.0, "Analysis finished.", "COMPLETED"))
        tell(job(1.0, "Analysis finished.", "COMPLETED"))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert [line.split()[0] for line in lines] == [f"{percent}%" for percent in range(0, 101, 10)]
    assert "\x1b" not in "".join(lines)


def test_on_a_terminal_progress_is_a_bar() -> None:
    console = Console(width=80, file=io.StringIO(), force_terminal=True, color_system=None)
    with progress_of(console) as tell:
        tell(job(0.42, "Analysed 105 of 250 frames."))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "42%" in text
    assert "Analysed 105 of 250 frames." in text
