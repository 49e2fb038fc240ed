"""Stretches of film to show to the players."""

from collections.abc import Iterator

from app.models import Base, VideoSegment
from scripts.seed.identity import CLUB_ID, id_or_none, lines_of, seed_id, values_of
from scripts.seed.sample_analysis import MATCH, REPORT_ID


def segment_rows() -> Iterator[Base]:
    for line in lines_of("segments.csv"):
        yield VideoSegment(
            id=seed_id("segment", line["match"], line["title"]),
            club_id=CLUB_ID,
            match_id=seed_id("match", line["match"]),
            match_event_id=id_or_none("event", line["match"], line["event"]),
            report_id=REPORT_ID if line["match"] == MATCH else None,
            **values_of(VideoSegment, line),
        )
