"""What is held about a person, for whoever has a right to it: exported, and erased."""

import uuid
from collections.abc import Mapping
from functools import partial
from typing import IO, Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from starlette.types import Send

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Player, StaffMember
from app.schemas.erasure import ErasureRead
from app.schemas.player import PlayerRead
from app.schemas.staff import StaffRead
from app.services.personal_data.erase_person import erase_person, find_person
from app.services.personal_data.export_account import export_account
from app.services.personal_data.export_person import export_person

router = APIRouter(prefix="/api", tags=["personal data"], route_class=RetryingRoute)

_CHUNK_BYTES = 1 << 16
_MEDIA_TYPE = "application/zip"
_ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A ZIP of JSON files, and a README that says what they are.",
        "content": {_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/users/me/export",
    operation_id="exportMe",
    summary="Export all that is held about you",
    response_class=Response,  # the type of the problems is another one
    responses=_ARCHIVE | problem_responses(401),
)
def export_me(account: CurrentAccount, session: SessionDep) -> Response:
    """Your account, clubs, log-ins and invitations, the analyses that you have started, and what the audit logs of
    clubs tell of you."""
    return _download(export_account(session, account), "account.zip")


@router.get(
    "/players/{player_id}/export",
    operation_id="exportPlayer",
    summary="Export all that is held about a player",
    response_class=Response,
    responses=_ARCHIVE | problem_responses(401, 403, 404),
)
def export_player(player_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep) -> Response:
    """Profile, picture, figures, events, line-up places, tracks and positions, with the texts of the club that say the
    name. For owners of the club; also of a player who was deleted, as far as anything is left."""
    person = find_person(session, account, Player, player_id)
    archive = export_person(session, person, pictures=parts.pictures, artifacts=parts.artifacts)
    return _download(archive, f"player-{player_id}.zip")


@router.get(
    "/staff/{staff_id}/export",
    operation_id="exportStaffMember",
    summary="Export all that is held about somebody of the staff",
    response_class=Response,
    responses=_ARCHIVE | problem_responses(401, 403, 404),
)
def export_staff_member(staff_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep) -> Response:
    """The entry, what the audit log says of it, and the texts of the club that say the name, for owners of the club."""
    person = find_person(session, account, StaffMember, staff_id)
    archive = export_person(session, person, pictures=parts.pictures, artifacts=parts.artifacts)
    return _download(archive, f"staff-{staff_id}.zip")


@router.post(
    "/players/{player_id}/erase",
    operation_id="erasePlayer",
    summary="Erase a player",
    responses=problem_responses(401, 403, 404, 412),
)
def erase_player(
    player_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, precondition: PreconditionDep
) -> ErasureRead:
    """Forget who a player is, for owners of the club. It cannot be undone.

    Figures, events and line-up places stay, of an "Erased player" without birth date, number, team or picture. Notes
    about the player go; the name goes from all texts of the club, and from the audit log, if it has two words or more.
    """
    person = find_person(session, account, Player, player_id)
    if person.row is not None:
        precondition.check(PlayerRead.model_validate(person.row))
    erased_at, redacted = erase_person(session, account, person, pictures=parts.pictures)
    return ErasureRead(
        resource="players",
        resource_id=player_id,
        club_id=person.club_id,
        erased_at=erased_at,
        redacted_rows=redacted,
    )


@router.post(
    "/staff/{staff_id}/erase",
    operation_id="eraseStaffMember",
    summary="Erase somebody of the staff",
    responses=problem_responses(401, 403, 404, 412),
)
def erase_staff_member(
    staff_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, precondition: PreconditionDep
) -> ErasureRead:
    """Delete the entry, and take name, address and telephone number out of all texts of the club and of the audit log,
    for owners of the club. It cannot be undone."""
    person = find_person(session, account, StaffMember, staff_id)
    if person.row is not None:
        precondition.check(StaffRead.model_validate(person.row))
    erased_at, redacted = erase_person(session, account, person, pictures=parts.pictures)
    return ErasureRead(
        resource="staff", resource_id=staff_id, club_id=person.club_id, erased_at=erased_at, redacted_rows=redacted
    )


def _download(archive: IO[bytes], name: str) -> Response:
    """The archive is complete: an error on the way would have been a problem document, not a download that is cut."""
    size = archive.tell()
    archive.seek(0)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
    }
    return _Download(archive, headers)


class _Download(StreamingResponse):
    """Closes the archive as soon as nobody listens any more, be it before the first byte, as with HEAD."""

    def __init__(self, archive: IO[bytes], headers: Mapping[str, str]) -> None:
        super().__init__(iter(partial(archive.read, _CHUNK_BYTES), b""), headers=headers, media_type=_MEDIA_TYPE)
        self._archive = archive

    async def stream_response(self, send: Send) -> None:
        with self._archive:
            await super().stream_response(send)
