"""Parse engine CSVs and persist them, without any engine: python scripts/smoke_parse_and_persist.py

Reads every folder of samples/engine_csv (a real analysis of the sample match, in each CSV dialect that is understood),
writes it to the configured database (SQLite, MariaDB or MySQL) in a club of its own, reads the rows back, prints them,
and removes the club again unless ``--keep`` is given. Exits 1 if what is read differs from what was written.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import typer  # noqa: E402 - the packages lie beside this folder
from sqlalchemy import func, select  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from app.core.config import Settings  # noqa: E402
from app.core.database import Database  # noqa: E402
from app.core.migrations import upgrade_database  # noqa: E402
from app.models import AnalysisReport, BallPosition, Club, Match, MatchStatus, PlayerMatchStatistics  # noqa: E402
from app.models.base import utc_now  # noqa: E402
from app.services.ingest.engine_csv import read_ball, read_players  # noqa: E402
from app.services.ingest.frame_clock import ConstantRate  # noqa: E402
from app.services.ingest.match_statistics import summarise  # noqa: E402
from app.services.persist_analysis import Findings, Provenance, persist_analysis  # noqa: E402

SAMPLES = ROOT / "samples" / "engine_csv"


@dataclass(frozen=True, slots=True)
class Written:
    """What one folder of CSVs became."""

    report: AnalysisReport
    tracks: int
    ball_positions: int


def read_findings(folder: Path, match: Match, *, fps: float) -> Findings:
    """``fps`` times the frames of files that carry no times of their own."""
    clock = ConstantRate(fps)
    players = read_players(folder / "player_metrics.csv", clock=clock, calibrated=True, pitch=match.pitch)
    ball = read_ball(folder / "ball_metrics.csv", clock=clock, calibrated=True, pitch=match.pitch)
    times = players.frame["time_s"].to_numpy()
    frames = players.frame["frame"].to_numpy()
    duration_s = float(times.max() - times.min()) + 1 / fps
    return Findings(
        summary=summarise(players, ball, pitch=match.pitch, duration_s=duration_s),
        ball=ball,
        total_frames=int(frames.max()),
        team_kits=(),
        provenance=Provenance(job_id=None, attempt=1, engine_name=folder.name, engine_version=None),
    )


def write_folder(session: Session, club: Club, folder: Path, *, fps: float) -> Written:
    match = Match(club_id=club.id, match_date=utc_now(), status=MatchStatus.COMPLETED)
    session.add(match)
    session.flush()
    findings = read_findings(folder, match, fps=fps)
    report = persist_analysis(session, match, findings)
    return Written(report, len(findings.summary.tracks), len(findings.ball.frame))


def print_what_was_persisted(session: Session, written: Written) -> bool:
    """Read back and print one report; whether it is what was written."""
    report = session.get_one(AnalysisReport, written.report.id)
    statistics = session.scalars(
        select(PlayerMatchStatistics)
        .where(PlayerMatchStatistics.report_id == report.id)
        .order_by(PlayerMatchStatistics.track_number)
    ).all()
    balls = session.scalar(select(func.count()).select_from(BallPosition).where(BallPosition.report_id == report.id))
    print(f"\n{report.engine_name}: {report.total_frames} frames, {len(statistics)} tracks, {balls} ball positions")
    print(f"  {'track':>5} {'team':<6} {'seen s':>7} {'distance m':>16} {'top speed m/s':>15}")
    for row in statistics:
        distance = _with_error(row.distance_m, row.distance_error_m)
        speed = _with_error(row.top_speed_mps, row.top_speed_error_mps)
        print(f"  {row.track_number:>5} {row.team or '-':<6} {row.seconds_seen or 0:>7.2f} {distance:>16} {speed:>15}")
    return (len(statistics), balls) == (written.tracks, written.ball_positions)


def _with_error(value: float | None, error: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ± {error or 0:.1f}"


def main(
    fps: Annotated[float, typer.Option(min=0.1, help="Frames per second of files without times.")] = 25.0,
    keep: Annotated[bool, typer.Option(help="Leave the rows in the database.")] = False,
) -> None:
    """Parse, persist, read back, print."""
    url = Settings().sqlalchemy_url
    upgrade_database(url)
    print(f"database: {url.render_as_string(hide_password=True)}")
    database = Database(url)
    with database.unit_of_work() as session:
        club = Club(name="Smoke test")
        session.add(club)
        session.flush()
        written = [write_folder(session, club, folder, fps=fps) for folder in sorted(SAMPLES.iterdir())]
    with database.reading() as session:
        same = [print_what_was_persisted(session, one) for one in written]
    if not keep:
        with database.unit_of_work() as session:
            session.delete(session.get_one(Club, club.id))
        print("\nThe rows were removed again (--keep leaves them).")
    database.dispose()
    if not all(same) or not same:
        raise SystemExit("What was read back is not what was written.")


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
