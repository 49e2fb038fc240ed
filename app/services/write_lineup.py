"""The sheet of a match, written whole, or, by the published client, place by place."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Conflict
from app.models import AuditAction, Match, MatchLineup, MatchLineupEntry
from app.models.base import utc_now
from app.services.audit import record_event
from app.services.changes import changing, of_club
from app.services.check_lineup import Place, check_addition, check_sheet, load_squads
from app.services.db_service import Repository


def write_lineup(session: Session, account: Account, match_id: uuid.UUID, places: Sequence[Place]) -> MatchLineup:
    """Write the one sheet of a match.

    Raises:
        NotFound: match, team, player or formation does not exist for this account.
        Forbidden: the account may not write line-ups.
        Unprocessable: the sheet is against the rules.
        Conflict: the match has a sheet already.
    """
    match = Repository(session, account, Match).get_to_change(match_id)  # locked: one writer at a time
    if _sheet_of(session, match_id) is not None:
        raise Conflict("The match has a line-up already.", code="lineup_exists", fields={"/match_id": "has a line-up"})
    lineup = Repository(session, account, MatchLineup).add(MatchLineup(club_id=match.club_id, match_id=match.id))
    _check_whole(session, account, match, places)
    return _write_entries(session, account, lineup, places, before=[])


def replace_lineup(session: Session, account: Account, lineup: MatchLineup, places: Sequence[Place]) -> MatchLineup:
    """Write a sheet of ``Repository.get_to_change`` anew.

    Raises:
        NotFound: team, player or formation does not exist for this account.
        Unprocessable: the sheet is against the rules.
    """
    match = Repository(session, account, Match).get_to_change(lineup.match_id)  # locked: nobody adds a place meanwhile
    _check_whole(session, account, match, places)
    before = _places_of(session, lineup)
    on_sheet = delete(MatchLineupEntry).where(MatchLineupEntry.lineup_id == lineup.id)
    session.execute(on_sheet, execution_options=changing(of_club(lineup.club_id)))
    lineup.updated_at = utc_now()
    return _write_entries(session, account, lineup, places, before=before)


def add_entry(session: Session, account: Account, match_id: uuid.UUID, place: Place) -> MatchLineupEntry:
    """Write one place; the sheet may stay unfinished. The first place makes the sheet.

    Raises:
        NotFound: match, team, player or formation does not exist for this account.
        Forbidden: the account may not write line-ups.
        Unprocessable: the place is against the rules.
    """
    match = Repository(session, account, Match).get_to_change(match_id)
    lineup = _sheet_of(session, match_id)
    if lineup is None:
        lineup = Repository(session, account, MatchLineup).add(MatchLineup(club_id=match.club_id, match_id=match.id))
    standing = _places_of(session, lineup)
    check_addition(match, standing, place, load_squads(session, account, match, [place]))
    lineup.updated_at = utc_now()
    entry = MatchLineupEntry(
        club_id=match.club_id, lineup_id=lineup.id, sheet_order=_next_order(session, lineup), **asdict(place)
    )
    Repository(session, account, MatchLineupEntry).add(entry)
    session.refresh(entry, ["lineup", "player"])
    return entry


def remove_entry(session: Session, account: Account, entry: MatchLineupEntry) -> None:
    """Delete one place of ``Repository.get_to_change``; the sheet goes with its last one."""
    lineup = Repository(session, account, MatchLineup).get_to_change(entry.lineup_id)
    Repository(session, account, MatchLineupEntry).delete(entry)
    lineup.updated_at = utc_now()
    left = select(MatchLineupEntry.id).where(MatchLineupEntry.lineup_id == lineup.id)
    if session.scalars(left.limit(1)).first() is None:
        Repository(session, account, MatchLineup).delete(lineup)


def _check_whole(session: Session, account: Account, match: Match, places: Sequence[Place]) -> None:
    check_sheet(match, places, load_squads(session, account, match, places))


def _write_entries(
    session: Session, account: Account, lineup: MatchLineup, places: Sequence[Place], *, before: Sequence[Place]
) -> MatchLineup:
    session.add_all(
        MatchLineupEntry(club_id=lineup.club_id, lineup_id=lineup.id, sheet_order=order, **asdict(place))
        for order, place in enumerate(places)
    )
    session.flush()
    values = ({"entries": before}, {"entries": places})
    row_id = (MatchLineup.__tablename__, lineup.id, lineup.club_id)
    record_event(session, account, AuditAction.UPDATE, row_id=row_id, values=values)
    return lineup


def _sheet_of(session: Session, match_id: uuid.UUID) -> MatchLineup | None:
    return session.scalars(select(MatchLineup).where(MatchLineup.match_id == match_id)).one_or_none()


def _places_of(session: Session, lineup: MatchLineup) -> list[Place]:
    of = MatchLineupEntry
    columns = (of.team_id, of.player_id, of.formation_id, of.is_starting, of.position_in_formation)
    rows = session.execute(select(*columns).where(of.lineup_id == lineup.id).order_by(of.sheet_order)).all()
    return [Place(*row) for row in rows]


def _next_order(session: Session, lineup: MatchLineup) -> int:
    orders = select(MatchLineupEntry.sheet_order).where(MatchLineupEntry.lineup_id == lineup.id)
    return max(session.scalars(orders).all(), default=-1) + 1
