"""What the bundled engine measured on the film in samples/, taken through the program's own ingest.

The engine's files lie beside the film; the program reads, sums and writes them here as it does after an analysis. The
film itself is in no video store, so the report names neither video nor job.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from app.core.database import Database
from app.models import AnalysisReport, BallPosition, Base, Club, Match, MatchStatus, PlayerMatchStatistics, Track
from app.models.base import utc_now
from app.services.persist_analysis import persist_analysis
from scripts.seed.identity import CLUB_ID, seed_id
from scripts.smoke_parse_and_persist import SAMPLES, read_findings

MATCH = "training"
REPORT_ID = seed_id("report", MATCH)

_FPS = 25.0
_ENGINE = ("coach-pro-classical", "0.1.0")  # which wrote samples/engine_csv/coach_pro
_NOTES = (
    "Measured, not invented: ten seconds of a university match that a fixed camera filmed, analysed by the bundled"
    " engine. The film is samples/tsukuba_wide_left.mp4 (SoccerTrack, MIT licence). To see it beside the figures,"
    " upload it with samples/tsukuba_wide_left.calibration.json."
)


def analysis_rows() -> Iterator[Base]:
    """The report of the sample, and the rows below it."""
    database = Database(URL.create("sqlite+pysqlite", database=":memory:"))
    Base.metadata.create_all(database.engine)
    with database.unit_of_work() as session:
        report = _ingest(session)
        ours = {"report_id": REPORT_ID}
        yield _copy(report, id=REPORT_ID, club_id=CLUB_ID, match_id=seed_id("match", MATCH), notes=_NOTES)
        for track in session.scalars(select(Track).order_by(Track.track_number)):
            yield _copy(track, **ours)
        for figures in session.scalars(select(PlayerMatchStatistics).order_by(PlayerMatchStatistics.track_number)):
            row_id = seed_id("statistics", MATCH, figures.track_number)
            yield _copy(figures, id=row_id, club_id=CLUB_ID, match_id=seed_id("match", MATCH), **ours)
        for position in session.scalars(select(BallPosition).order_by(BallPosition.frame)):
            yield _copy(position, **ours)
    database.dispose()


def _ingest(session: Session) -> AnalysisReport:
    """As after an analysis, in a club of its own."""
    club = Club(name="")
    session.add(club)
    session.flush()
    match = Match(club_id=club.id, match_date=utc_now(), status=MatchStatus.COMPLETED)
    session.add(match)
    session.flush()
    findings = read_findings(SAMPLES / "coach_pro", match, fps=_FPS)
    name, version = _ENGINE
    provenance = replace(findings.provenance, engine_name=name, engine_version=version)
    return persist_analysis(session, match, replace(findings, provenance=provenance))


def _copy(row: Base, **changes: object) -> Base:
    values: dict[str, Any] = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    return type(row)(**values | changes)
