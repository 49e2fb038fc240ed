"""What /proc says of this very process."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from benchmarks.processes import Usage, family, forget_peak, peak_resident_mb, resident_mb, usage_of
from benchmarks.readings import Reading, growth_mb_per_minute, taking_readings


def test_what_a_process_opens_is_counted(tmp_path: Path) -> None:
    before, done = usage_of([os.getpid()]), threading.Event()
    thread = threading.Thread(target=done.wait)
    with (tmp_path / "file").open("w"):
        thread.start()
        now = usage_of([os.getpid()])
        done.set()
        thread.join()
    assert (now.open_files, now.threads) == (before.open_files + 1, before.threads + 1)
    assert before.memory_mb > 1
    assert before.processor_s > 0


def test_a_process_that_has_ended_counts_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert usage_of([process.pid]) == Usage(0, 0, 0, 0)


def test_children_belong_to_the_family() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert process.pid in family(os.getpid())
        process.communicate(b"\n")


def test_the_peak_tells_of_memory_that_is_given_back_already() -> None:
    forget_peak(os.getpid())
    before = resident_mb(os.getpid())
    bytearray(100 * 1024 * 1024)
    assert peak_resident_mb(os.getpid()) > before + 90


@pytest.mark.parametrize("grown_mb", [0.0, 6.0])
def test_growth_is_the_slope_of_the_memory(grown_mb: float) -> None:
    readings = [Reading(at_s, Usage(100 + grown_mb * at_s / 60, 0, 0, 0)) for at_s in (0.0, 30.0, 60.0, 90.0)]
    assert growth_mb_per_minute(readings) == pytest.approx(grown_mb)


def test_readings_begin_and_end_with_the_block() -> None:
    with taking_readings(lambda: [os.getpid()], every_s=60) as readings:
        pass
    assert 1 <= len(readings) <= 2
    assert readings[-1].usage.memory_mb > 1
