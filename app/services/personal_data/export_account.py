"""Give out what is held about the owner of an account."""

from collections.abc import Iterator, Mapping
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import AccountSession, AuditEntry, Club, Invitation, Job, Membership, User
from app.services.personal_data.archive import archive_into, unnamed_file
from app.services.personal_data.export_person import columns_of, rows_where

_NOTES = (
    "Not in here: the password and the secrets of log-ins, of which only hashes are held; answers to requests with an\n"
    "Idempotency-Key, which are kept encrypted for a short time; log files and backups of the operator.",
    "What you have entered about teams, players and matches belongs to the clubs, whose owners give it out. The audit\n"
    "log tells which rows that were.",
)


def export_account(session: Session, account: Account) -> IO[bytes]:
    """A ZIP of everything about the account: who it is, its clubs and log-ins, invitations, and what it has done."""
    user, file = session.get_one(User, account.user_id), unnamed_file()
    with archive_into(file, f"What is held about the account {user.email}.", *_NOTES) as archive:
        archive.add_rows("account", "the account itself", [_without(columns_of(user), "password_hash")])
        archive.add_rows("memberships", "your clubs, and what you may do there", _memberships(session, user))
        of_user = rows_where(session, AccountSession, AccountSession.user_id == user.id)
        archive.add_rows("sessions", "log-ins, with the address and the program that they came from", of_user)
        invitations = rows_where(session, Invitation, Invitation.email == user.email)
        archive.add_rows("invitations", "to your address", (_without(row, "token_hash") for row in invitations))
        archive.add_rows("jobs", "analyses that you have started", _jobs(session, user))
        archive.add_rows(
            "audit_log", "what you have done, and what others did to your places in clubs", _log(session, user)
        )
    return file


def _jobs(session: Session, user: User) -> Iterator[Mapping[str, object]]:
    query = select(Job.id, Job.club_id, Job.created_at, Job.status).where(Job.created_by == user.id)
    return (row._asdict() for row in session.execute(query.order_by(Job.created_at)))


def _log(session: Session, user: User) -> Iterator[Mapping[str, object]]:
    """Without what rows were: that may be about others, of a club that the user has left."""
    of = AuditEntry
    query = select(of.id, of.club_id, of.created_at, of.action, of.resource, of.resource_id, of.user_id, of.request_id)
    about_user = (of.user_id == user.id) | (of.resource_id == user.id)
    return (row._asdict() for row in session.execute(query.where(about_user).order_by(of.created_at)))


def _memberships(session: Session, user: User) -> Iterator[Mapping[str, object]]:
    query = select(Membership, Club.name).join(Club, Club.id == Membership.club_id)
    for membership, club_name in session.execute(query.where(Membership.user_id == user.id)):
        yield columns_of(membership) | {"club_name": club_name}


def _without(row: Mapping[str, object], secret: str) -> Mapping[str, object]:
    return {name: value for name, value in row.items() if name != secret}
