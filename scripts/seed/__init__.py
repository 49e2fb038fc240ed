"""The rows of data/full_insert.sql: a club to look around in.

Everything is made from data/seed/*.csv, but for the analysis: that is what the bundled engine measured on the film in
samples/. Nothing measured is invented. Each run makes the same rows.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from app.models import Base
from scripts.seed.club import club_rows
from scripts.seed.figures import figure_rows
from scripts.seed.identity import ENTERED_AT
from scripts.seed.matches import match_rows
from scripts.seed.reports import report_rows
from scripts.seed.sample_analysis import analysis_rows
from scripts.seed.segments import segment_rows

_MAKERS: tuple[Callable[[], Iterator[Base]], ...] = (
    club_rows,
    match_rows,
    figure_rows,
    analysis_rows,
    report_rows,
    segment_rows,
)


def add_seed(session: Session) -> None:
    """Add all rows, each after those that it refers to, and a second later."""
    rows = (row for make in _MAKERS for row in make())
    for second, row in enumerate(rows):
        for moment in ("created_at", "updated_at"):
            if moment in row.__table__.columns:
                setattr(row, moment, ENTERED_AT + timedelta(seconds=second))
        session.add(row)
        session.flush()
