"""What happened in a match: by a team and a player of it, inside its video, and, on and off, by those on the sheet."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Unprocessable
from app.models import EventType, Match, MatchEvent, MatchLineup, MatchLineupEntry, Player, Team
from app.services.check_substitutions import SEQUENCE, Moment, check_sequence
from app.services.db_service import Repository
from app.services.match_sides import check_player_in_match, check_team_in_match, may_play
from app.services.video_span import check_inside_video

_WHO = ("event_type", "team_id", "player_id")
_WHEN = (*_WHO, "minute", "stoppage_minute")
_JUDGED = ("id", *_WHEN)


def add_event(session: Session, account: Account, match_id: uuid.UUID, values: Mapping[str, Any]) -> MatchEvent:
    """
    Raises:
        NotFound: match, team or player does not exist for this account.
        Forbidden: the account may not write events.
        Unprocessable: the event cannot have happened so.
    """
    match = Repository(session, account, Match).get_to_change(match_id)  # locked: sequences of events are judged whole
    event = MatchEvent(club_id=match.club_id, match_id=match.id, **_checked(session, account, match, values))
    _check_sequence(session, match, event)
    return Repository(session, account, MatchEvent).add(event)


def change_event(session: Session, account: Account, event: MatchEvent, values: Mapping[str, Any]) -> MatchEvent:
    """Change an event of ``Repository.get_to_change``. What stays as it was is not judged again.

    Raises:
        NotFound: team or player does not exist for this account.
        Unprocessable: the event cannot have happened so.
    """
    match = Repository(session, account, Match).get_to_change(event.match_id)
    changed = {name: value for name, value in values.items() if value != getattr(event, name)}
    who = {name: getattr(event, name) for name in _WHO} if not changed.keys().isdisjoint(_WHO) else {}
    checked = _checked(session, account, match, {**who, **changed})
    if not changed.keys().isdisjoint(_WHEN):
        _check_sequence(session, match, MatchEvent(**{name: getattr(event, name) for name in _JUDGED} | checked))
    return Repository(session, account, MatchEvent).change(event, checked)


def _checked(session: Session, account: Account, match: Match, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an event, with the player's team where none is named. What ``values`` lacks is not judged."""
    event = dict(values)
    if event.get("team_id") is not None:
        Repository(session, account, Team).get(event["team_id"], club_id=match.club_id)
    if event.get("player_id") is not None:
        player = Repository(session, account, Player).get(event["player_id"], club_id=match.club_id)
        event["team_id"] = _team_of(session, match, player, event)
    if event.get("team_id") is not None:
        check_team_in_match(match, event["team_id"])
    _check_place(match, event)
    if event.get("video_time_s") is not None:
        check_inside_video(session, match.id, last_s=event["video_time_s"], field="/video_time_s")
    return event


def _team_of(session: Session, match: Match, player: Player, event: Mapping[str, Any]) -> uuid.UUID | None:
    """The team for which the player took part: that of the sheet, whatever team it is that the player is in by now."""
    check_player_in_match(session, match, player)
    place = _sheet_of(session, match).get(player.id)
    played_for = place.team_id if place else player.team_id if may_play(match, player.team_id) else None
    team_id: uuid.UUID | None = event.get("team_id") or played_for
    if played_for not in {None, team_id}:
        fields = {"/player_id": "is of another team"}
        raise Unprocessable("The player belongs to another team.", code="player_of_other_team", fields=fields)
    return team_id


def _sheet_of(session: Session, match: Match) -> dict[uuid.UUID, MatchLineupEntry]:
    """The places on the sheet of the match, by player."""
    places = select(MatchLineupEntry).join(MatchLineup).where(MatchLineup.match_id == match.id)
    return {place.player_id: place for place in session.scalars(places)}


def _check_sequence(session: Session, match: Match, event: MatchEvent) -> None:
    """Where the team has a sheet, those on it come on, go off and are sent off in an order that is possible."""
    if event.event_type not in SEQUENCE or event.player_id is None:
        return
    sheet = _sheet_of(session, match)
    if not any(event.team_id in {None, place.team_id} for place in sheet.values()):
        return
    place = sheet.get(event.player_id)
    if place is None and event.event_type is not EventType.RED_CARD:  # which somebody on the bench may see, too
        raise Unprocessable(
            "The player is not on the line-up of this match.",
            code="not_on_sheet",
            fields={"/player_id": "is not on the line-up"},
        )
    moments = [*_other_moments(session, match, event), Moment(event.minute, event.stoppage_minute, event.event_type)]
    check_sequence(moments, is_starting=place is not None and place.is_starting)


def _other_moments(session: Session, match: Match, event: MatchEvent) -> list[Moment]:
    of = MatchEvent  # one that is not stored yet has no id, and so all others are others
    others = select(of.minute, of.stoppage_minute, of.event_type).where(
        of.match_id == match.id, of.player_id == event.player_id, of.event_type.in_(SEQUENCE), of.id != event.id
    )
    return [Moment(*row) for row in session.execute(others)]


def _check_place(match: Match, event: Mapping[str, Any]) -> None:
    ends = {"x_m": match.pitch_length_m, "y_m": match.pitch_width_m}
    beyond = {f"/{name}": f"is beyond {end:g} m" for name, end in ends.items() if (event.get(name) or 0) > end}
    if beyond:
        raise Unprocessable("The place lies outside the pitch of this match.", code="off_pitch", fields=beyond)
