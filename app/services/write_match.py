"""A match: who plays, in which competition, all of one club; and what goes with it when it is deleted."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Conflict, Unprocessable
from app.models import Competition, Job, JobStatus, Match, Team, Video
from app.services.db_service import Repository
from app.services.forget_videos import forget_videos
from app.services.measured_pitch import compare_reports
from app.services.replace_teams import check_replacement
from app.services.video_store import VideoStore

_PARENTS: dict[str, type[Team | Competition]] = {
    "home_team_id": Team,
    "away_team_id": Team,
    "competition_id": Competition,
}


def add_match(session: Session, account: Account, match: Match) -> Match:
    """Add a match to the club of its teams; without teams, to the one that it names, or to the account's.

    Raises:
        NotFound: a team or the competition does not exist for this account, or is of another club.
        Forbidden: the account may not write matches of that club.
        Unprocessable: a team would play against itself.
    """
    named = {name: getattr(match, name) for name in _PARENTS}
    match.club_id = match.club_id or _club_of(session, account, named) or match.club_id
    _check(session, account, match.club_id or account.club_id, named)
    return _with_names(session, Repository(session, account, Match).add(match))


def change_match(session: Session, account: Account, match: Match, values: Mapping[str, object]) -> Match:
    """Change a match of ``Repository.get_to_change``. Figures stay as they were measured, whatever its pitch is now.

    Raises:
        NotFound: a team or the competition does not exist for this account, or is of another club.
        Unprocessable: a team would play against itself.
        Conflict: there are events, statistics or line-up places of a team that would not play any more.
    """
    named: dict[str, Any] = {name: values.get(name, getattr(match, name)) for name in _PARENTS}
    _check(session, account, match.club_id, named)
    check_replacement(session, match, home=named["home_team_id"], away=named["away_team_id"])
    pitch = match.pitch
    changed = Repository(session, account, Match).change(match, values)
    if changed.pitch != pitch:
        compare_reports(session, account, changed)
    return _with_names(session, changed)


def delete_match(session: Session, account: Account, match: Match, *, videos: VideoStore, artifacts: Path) -> None:
    """Delete a match of ``Repository.get_to_change`` with all that belongs to it; its files after the commit.

    Raises:
        Conflict: an analysis of it is running.
    """
    states = select(Job.status).where(Job.match_id == match.id).with_for_update()  # no worker takes one meanwhile
    if JobStatus.PROCESSING in session.scalars(states).all():
        raise Conflict("An analysis of this match is running; let it end first.", code="analysis_running")
    forget_videos(session, Video.match_id == match.id, videos=videos, artifacts=artifacts)
    Repository(session, account, Match).delete(match)


def _club_of(session: Session, account: Account, named: Mapping[str, object]) -> uuid.UUID | None:
    """The club of the first parent that is named."""
    for name, row_id in named.items():
        if isinstance(row_id, uuid.UUID):
            return Repository(session, account, _PARENTS[name]).get(row_id).club_id
    return None


def _check(session: Session, account: Account, club_id: uuid.UUID | None, named: Mapping[str, object]) -> None:
    for name, row_id in named.items():
        if isinstance(row_id, uuid.UUID):
            Repository(session, account, _PARENTS[name]).get(row_id, club_id=club_id)
    if named["home_team_id"] is not None and named["home_team_id"] == named["away_team_id"]:
        fields = {"/away_team_id": "is the home team"}
        raise Unprocessable("A team cannot play against itself.", code="same_team", fields=fields)


def _with_names(session: Session, match: Match) -> Match:
    """Load the teams and the competition that the row refers to now."""
    session.refresh(match, ["home_team", "away_team", "competition"])
    return match
