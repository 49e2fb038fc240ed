"""The size of pitch that figures were measured on, and what becomes of it when the match gets another one.

Figures cannot be scaled to another size: penalty areas and the circle are as large on all pitches, so places between
them shift by different amounts. They stay as they are, and their report says that they do not fit any more.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import AnalysisReport, Match
from app.models.base import JsonValue
from app.schemas.analysis_report import MatchFindings
from app.services.db_service import Repository
from football.pitch import Pitch


def describe_pitch(measured_on: Pitch, of_match: Pitch) -> JsonValue:
    """The block of a report."""
    return {
        "length_m": measured_on.length_m,
        "width_m": measured_on.width_m,
        "mismatch": None if measured_on == of_match else _sentence(measured_on, of_match),
    }


def find_pitch(report: AnalysisReport) -> Pitch | None:
    """What a report was measured on; None where it does not say."""
    if report.report_data is None:
        return None
    measured_on = MatchFindings.model_validate(report.report_data).pitch
    return None if measured_on is None else Pitch(measured_on.length_m, measured_on.width_m)


def compare_reports(session: Session, account: Account, match: Match) -> None:
    """Tell in the reports of ``match`` whether its pitch is the one that they were measured on."""
    reports = Repository(session, account, AnalysisReport)
    of_match = select(AnalysisReport).where(AnalysisReport.match_id == match.id).with_for_update()
    for report in session.scalars(of_match).all():
        measured_on = find_pitch(report)
        if isinstance(report.report_data, dict) and measured_on is not None:
            block = describe_pitch(measured_on, match.pitch)
            reports.change(report, {"report_data": {**report.report_data, "pitch": block}})


def _sentence(measured_on: Pitch, of_match: Pitch) -> str:
    return (
        f"These figures were measured on a pitch of {measured_on.length_m:g} x {measured_on.width_m:g} m, and the "
        f"match is on one of {of_match.length_m:g} x {of_match.width_m:g} m; analyse the video again to measure on it."
    )
