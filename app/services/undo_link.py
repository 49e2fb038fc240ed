"""Take a link between two tracks back, or make it again: the figures of its tracks are measured anew."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Conflict
from app.models import AnalysisReport, Job, Match, PlayerMatchStatistics, Track, TrackLink
from app.models.base import utc_now
from app.schemas.analysis_report import MatchFindings, TrackFigures
from app.services.artifacts import kept_positions
from app.services.db_service import Repository
from app.services.ingest.joined_tracks import join_tracks
from app.services.ingest.linked_tracks import find_relatives
from app.services.ingest.match_statistics import MatchSummary, summarise
from app.services.ingest.samples import BALL_SCHEMA, BallSamples, PlayerSamples, Rejected
from app.services.measured_pitch import find_pitch
from app.services.persist_analysis import figures_of, statistics_row, track_json, track_row

_COUNTED = ("rejected_movements", "tracks_too_short", "samples_of_short_tracks")  # of the quality block, over tracks


def undo_link(session: Session, account: Account, link: TrackLink, *, undone: bool, artifacts: Path) -> TrackLink:
    """Undo ``link``, or redo it; nothing happens where that is done already.

    Args:
        link: locked, of ``Repository.get_to_change``.

    Raises:
        Conflict: the positions are gone, or both tracks have been given to players, and not to one.
    """
    if undone == (link.undone_at is not None):
        return link
    report = session.scalars(select(AnalysisReport).where(AnalysisReport.id == link.report_id).with_for_update()).one()
    pairs = _active_pairs(session, report.id)
    active, pair = [one for one in pairs if one != (link.from_track, link.to_track)], (link.from_track, link.to_track)
    with_link = [*active, pair]
    tracks = find_relatives(link.to_track, with_link)
    people = _read_positions(session, report, tracks, artifacts)
    apart, together = (_measure(session, report, people, one) for one in (active, with_link))
    change = _Change(tracks, *((together, apart) if undone else (apart, together)))
    _rewrite_figures(session, account, report, change)
    findings = MatchFindings.model_validate(report.report_data)
    report.report_data = change.to_findings(findings).model_dump(mode="json")
    report.players_tracked = len(findings.tracks) + len(change.after.tracks) - len(change.before.tracks)
    return Repository(session, account, TrackLink).change(link, {"undone_at": utc_now() if undone else None})


@dataclass(frozen=True, slots=True)
class _Change:
    """Figures of some tracks of a report, before and after."""

    tracks: set[int]
    before: MatchSummary
    after: MatchSummary

    def to_findings(self, findings: MatchFindings) -> MatchFindings:
        """What the report says of all tracks, those that did not change among them."""
        told = [track for track in findings.tracks if track.track_number not in self.tracks]
        told += [TrackFigures.model_validate(track_json(track)) for track in self.after.tracks]
        sides = Counter(track.team for track in told)
        before, after = self.before.quality, self.after.quality
        counts = {name: getattr(after, name) - getattr(before, name) for name in _COUNTED}
        quality = {name: getattr(findings.quality, name) + change for name, change in counts.items()}
        return findings.model_copy(
            update={
                "tracks": sorted(told, key=lambda track: track.track_number),
                "teams": [team.model_copy(update={"tracks": sides[team.team]}) for team in findings.teams],
                "quality": findings.quality.model_copy(update=quality),
            }
        )


def _active_pairs(session: Session, report_id: uuid.UUID) -> list[tuple[int, int]]:
    of = TrackLink
    active = select(of.from_track, of.to_track).where(of.report_id == report_id, of.undone_at.is_(None))
    return [(earlier, later) for earlier, later in session.execute(active)]


def _read_positions(session: Session, report: AnalysisReport, tracks: set[int], artifacts: Path) -> PlayerSamples:
    job = session.get(Job, report.job_id) if report.job_id else None
    path = kept_positions(artifacts, job.id, job.fence) if job else None
    if path is None or not path.is_file():
        raise Conflict(
            "The positions of this analysis are gone, so its figures cannot be measured anew.", code="positions_gone"
        )
    frame = pl.scan_parquet(path).filter(pl.col("track").is_in(sorted(tracks))).collect()
    calibrated = MatchFindings.model_validate(report.report_data).quality.calibrated
    return PlayerSamples(frame, calibrated, Rejected())


def _measure(
    session: Session, report: AnalysisReport, people: PlayerSamples, pairs: Sequence[tuple[int, int]]
) -> MatchSummary:
    no_ball = BallSamples(pl.DataFrame(schema=BALL_SCHEMA), people.calibrated, Rejected())
    pitch = find_pitch(report) or session.get_one(Match, report.match_id).pitch
    return summarise(join_tracks(people, pairs), no_ball, pitch=pitch, duration_s=0.0)


def _rewrite_figures(session: Session, account: Account, report: AnalysisReport, change: _Change) -> None:
    """Figures and tracks of the people of ``change``. A name stays with the first track of its person."""
    of, figures = PlayerMatchStatistics, Repository(session, account, PlayerMatchStatistics)
    affected = select(of).where(of.report_id == report.id, of.track_number.in_(change.tracks)).with_for_update()
    rows = {row.track_number: row for row in session.scalars(affected)}
    names = _names(rows.values(), change)
    for number in rows.keys() - names.keys():
        figures.delete(rows.pop(number))
    for track in change.after.tracks:
        row, player_id = rows.get(track.track_number), names[track.track_number]
        if row is None:
            figures.add(PlayerMatchStatistics(**statistics_row(report, track), player_id=player_id))
        else:
            figures.change(row, figures_of(track) | {"player_id": player_id})
    session.execute(delete(Track).where(Track.report_id == report.id, Track.track_number.in_(change.tracks)))
    for track in change.after.tracks:
        session.execute(insert(Track).values(**track_row(report, track), player_id=names[track.track_number]))


def _names(rows: Iterable[PlayerMatchStatistics], change: _Change) -> dict[int, uuid.UUID | None]:
    """Who the people are that ``change`` leaves, by the number of their track."""
    named = {row.track_number: row.player_id for row in rows if row.player_id is not None}
    left = [track.track_number for track in change.after.tracks]
    if len(left) > 1:
        return {number: named.get(number) for number in left}
    if len(set(named.values())) > 1:
        raise Conflict(
            "The two tracks have been given to two players; take one of the names away first.",
            code="tracks_of_two_players",
        )
    return dict.fromkeys(left, next(iter(named.values()), None))
