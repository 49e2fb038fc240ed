"""A run of some benchmarks leaves the figures of the others as they were."""

from benchmarks.report import Section, updated

READS = Section("Reads", "How fast.", ("what", "figure"), [("list", "1"), ("details", "2")])
START = Section("Start", "How soon.", ("what", "figure"), [("API", "3")])


def test_a_section_is_a_table_with_its_own_note() -> None:
    page = updated("", [READS], note="Measured today.")
    assert (
        "## Reads\n\nHow fast.\n\n| what | figure |\n| --- | --- |\n| list | 1 |\n| details | 2 |\n\nMeasured today.\n"
        in page
    )


def test_what_was_not_measured_stays_with_its_note() -> None:
    old = updated("", [READS, START], note="Measured yesterday.")
    newer = Section("Reads", "How fast.", ("what", "figure"), [("list", "4")])
    page = updated(old, [newer], note="Measured today.")
    reads, start = page.split("## ")[1:]
    assert "| list | 4 |" in reads
    assert "| details | 2 |" not in reads
    assert "Measured today." in reads
    assert "| API | 3 |" in start
    assert "Measured yesterday." in start


def test_the_page_does_not_grow_when_nothing_changes() -> None:
    page = updated("", [READS, START], note="Measured today.")
    assert updated(page, [START, READS], note="Measured today.") == page
