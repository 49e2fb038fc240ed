"""Give out what a club holds about somebody who plays or works for it."""

import uuid
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from sqlalchemy import ColumnElement, inspect, or_, select
from sqlalchemy.orm import Session

from app.models import (
    AnalysisReport,
    Base,
    Job,
    Match,
    MatchEvent,
    MatchLineup,
    MatchLineupEntry,
    Player,
    PlayerMatchStatistics,
    Track,
    TrackLink,
)
from app.services.artifacts import kept_positions
from app.services.ingest.linked_tracks import find_relatives
from app.services.personal_data.archive import Archive, archive_into, unnamed_file
from app.services.personal_data.erase_person import Person
from app.services.personal_data.mentions import find_mentions
from app.services.personal_data.redact_audit_log import entries_about
from app.services.picture_store import PictureStore

_ROWS_AT_ONCE = 500
_NOT_IN_HERE = "Not in here: the footage of the matches, which shows other people, too, and copies in backups."


def export_person(session: Session, person: Person, *, pictures: PictureStore, artifacts: Path) -> IO[bytes]:
    """A ZIP of everything about somebody of ``find_person``: rows, texts that name them, picture, positions."""
    file = unnamed_file()
    with archive_into(
        file, f"What is held about the entry {person.row_id} of {person.resource}.", _NOT_IN_HERE
    ) as archive:
        of_person = [columns_of(person.row)] if person.row is not None else []
        archive.add_rows(person.resource, "who it is", of_person)
        if isinstance(person.row, Player):
            _add_player(archive, session, person.row, pictures)
            _add_positions(archive, session, person.row_id, artifacts)
        entries = entries_about(session, person.resource, [person.row_id])
        archive.add_rows("audit_log", "who changed the above, and when", map(columns_of, entries))
        mentions = _mentions(session, person, without={entry.id for entry in entries})
        archive.add_rows("mentions", "other rows that say the name or the address", mentions)
    return file


def rows_where(session: Session, model: type[Base], *conditions: ColumnElement[bool]) -> Iterator[Mapping[str, Any]]:
    """The rows of a table, without holding them all in memory."""
    query = select(model).where(*conditions).order_by(*inspect(model).primary_key)
    return map(columns_of, session.scalars(query.execution_options(yield_per=_ROWS_AT_ONCE)))


def columns_of(row: Base) -> dict[str, Any]:
    return {attribute.key: getattr(row, attribute.key) for attribute in inspect(type(row)).column_attrs}


def _add_player(archive: Archive, session: Session, player: Player, pictures: PictureStore) -> None:
    figures = rows_where(session, PlayerMatchStatistics, PlayerMatchStatistics.player_id == player.id)
    archive.add_rows("figures", "entered by hand (report_id is null), or measured", figures)
    events = rows_where(session, MatchEvent, MatchEvent.player_id == player.id)
    archive.add_rows("match_events", "goals, cards and substitutions", events)
    places = rows_where(session, MatchLineupEntry, MatchLineupEntry.player_id == player.id)
    archive.add_rows("line_ups", "places on the sheets of matches", places)
    tracks = rows_where(session, Track, Track.player_id == player.id)
    archive.add_rows("tracks", "what an analysis followed, and somebody has said to be this player", tracks)
    archive.add_rows("matches", "the matches of all these", rows_where(session, Match, _has_a_part_in(player.id)))
    if player.image_url is not None:
        name = player.image_url.rpartition("/")[2]
        archive.add_file("picture.webp", "the picture", pictures.directory / name)


def _has_a_part_in(player_id: uuid.UUID) -> ColumnElement[bool]:
    on_sheet = select(MatchLineup.match_id).join(MatchLineupEntry, MatchLineupEntry.lineup_id == MatchLineup.id)
    tracked = select(AnalysisReport.match_id).join(Track, Track.report_id == AnalysisReport.id)
    return or_(
        Match.id.in_(on_sheet.where(MatchLineupEntry.player_id == player_id)),
        Match.id.in_(tracked.where(Track.player_id == player_id)),
        *(
            Match.id.in_(select(model.match_id).where(model.player_id == player_id))
            for model in (PlayerMatchStatistics, MatchEvent)
        ),
    )


def _add_positions(archive: Archive, session: Session, player_id: uuid.UUID, artifacts: Path) -> None:
    """Where the player was in each frame, a file for each analysis."""
    import polars as pl  # noqa: PLC0415 - loaded by whoever reads positions, not by every server that starts

    query = select(Track.report_id, Track.track_number, Job.id, Job.fence)
    query = query.join(AnalysisReport, AnalysisReport.id == Track.report_id).join(Job, Job.id == AnalysisReport.job_id)
    numbers: dict[tuple[uuid.UUID, Path], set[int]] = {}
    for report_id, number, job_id, fence in session.execute(query.where(Track.player_id == player_id)).all():
        of_report = (report_id, kept_positions(artifacts, job_id, fence))
        numbers.setdefault(of_report, set()).update(find_relatives(number, _links(session, report_id)))
    for (report_id, path), tracks in numbers.items():
        if path.is_file():
            rows = pl.scan_parquet(path).filter(pl.col("track").is_in(sorted(tracks))).collect()
            archive.add_text(f"positions/{report_id}.csv", "positions in each frame of this report", rows.write_csv())


def _links(session: Session, report_id: uuid.UUID) -> list[tuple[int, int]]:
    query = select(TrackLink.from_track, TrackLink.to_track)
    return [
        (earlier, later)
        for earlier, later in session.execute(
            query.where(TrackLink.report_id == report_id, TrackLink.undone_at.is_(None))
        )
    ]


def _mentions(session: Session, person: Person, *, without: Collection[uuid.UUID]) -> Iterator[Mapping[str, object]]:
    words = person.words(session)
    for mention in find_mentions(session, person.club_id, words) if words else ():
        if mention.row_id not in without:
            yield {"table": mention.model.__tablename__, "id": mention.row_id, **mention.values}
