"""The sheet of a match as people read it: its entries, what is missing, and who came on for whom."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.core.account import Account
from app.models import EventType, Match, MatchEvent, MatchLineup, MatchLineupEntry
from app.schemas.match_lineup import MatchLineupEntryRead, MatchLineupRead, Substitution
from app.services.check_lineup import Place, load_squads, missing_of
from app.services.db_service import Repository

WITH_ENTRIES = selectinload(MatchLineup.entries).options(
    joinedload(MatchLineupEntry.player), joinedload(MatchLineupEntry.lineup)
)


def read_sheet(session: Session, account: Account, lineup: MatchLineup) -> MatchLineupRead:
    """
    Args:
        lineup: loaded ``WITH_ENTRIES``.
    """
    match = Repository(session, account, Match).get(lineup.match_id)
    places = [place_of(entry) for entry in lineup.entries]
    missing = missing_of(match, places, load_squads(session, account, match, places))
    return MatchLineupRead(
        id=lineup.id,
        club_id=lineup.club_id,
        match_id=lineup.match_id,
        entries=[MatchLineupEntryRead.of(entry) for entry in lineup.entries],
        substitutions=substitutions_of(session, match),
        complete=not missing,
        missing=missing,
        created_at=lineup.created_at,
        updated_at=lineup.updated_at,
    )


def place_of(entry: MatchLineupEntry) -> Place:
    return Place(entry.team_id, entry.player_id, entry.formation_id, entry.is_starting, entry.position_in_formation)


def substitutions_of(session: Session, match: Match) -> list[Substitution]:
    """Who came on for whom: a player who goes off is paired with the next one of the team who comes on that minute."""
    kinds = (EventType.SUB_OUT, EventType.SUB_IN)
    events = session.scalars(
        select(MatchEvent)
        .where(MatchEvent.match_id == match.id, MatchEvent.event_type.in_(kinds))
        .order_by(MatchEvent.minute, MatchEvent.stoppage_minute, MatchEvent.created_at, MatchEvent.id)
    ).all()
    coming = [event for event in events if event.event_type is EventType.SUB_IN]
    going = [event for event in events if event.event_type is EventType.SUB_OUT]
    pairs: list[tuple[MatchEvent | None, MatchEvent | None]] = [(out, _take_partner(coming, out)) for out in going]
    pairs += [(None, event) for event in coming]
    return sorted((_substitution(*pair) for pair in pairs), key=lambda one: (one.minute, one.stoppage_minute or 0))


def _take_partner(coming: list[MatchEvent], going: MatchEvent) -> MatchEvent | None:
    moment = (going.team_id, going.minute, going.stoppage_minute)
    partner = next((one for one in coming if (one.team_id, one.minute, one.stoppage_minute) == moment), None)
    if partner is not None:
        coming.remove(partner)
    return partner


def _substitution(going: MatchEvent | None, coming: MatchEvent | None) -> Substitution:
    event = going or coming
    assert event is not None, "a substitution has one half at least"
    return Substitution(
        minute=event.minute,
        stoppage_minute=event.stoppage_minute,
        team_id=event.team_id,
        player_in_id=coming.player_id if coming else None,
        player_out_id=going.player_id if going else None,
    )
