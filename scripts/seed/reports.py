"""Reports that people would write: words only, no figure that nobody measured."""

from collections.abc import Iterator

from app.models import AnalysisReport, Base
from scripts.seed.identity import CLUB_ID, lines_of, seed_id, values_of


def report_rows() -> Iterator[Base]:
    for line in lines_of("reports.csv"):
        yield AnalysisReport(
            id=seed_id("report", line["match"]),
            club_id=CLUB_ID,
            match_id=seed_id("match", line["match"]),
            **values_of(AnalysisReport, line),
        )
