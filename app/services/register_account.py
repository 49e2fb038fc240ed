"""Registering makes a user, who joins the club that sent an invitation, or gets a club of its own."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.core.security import hash_password
from app.models import User
from app.services.clubs import found_club
from app.services.invitations import accept_invitation
from app.services.log_in import canonical_email

_OWNER_IN_CLUB_NAME = 190  # characters of the owner's name that the name of the club has room for


def register_account(
    session: Session, *, email: str, password: str, full_name: str | None, invitation_token: str | None = None
) -> User:
    """Make an account.

    Raises:
        Conflict: the address is taken, or the invitation was used or has expired.
        NotFound: there is no such invitation for this address.
    """
    user = User(email=canonical_email(email), password_hash=hash_password(password), full_name=full_name)
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("Email already registered", code="email_taken") from error
    if invitation_token is None:
        user.active_club_id = found_club(session, user.id, name=name_of_first_club(user)).club_id
    else:
        user.active_club_id = accept_invitation(session, user, invitation_token).club_id
    return user


def name_of_first_club(user: User) -> str:
    """What the club is called that somebody gets who registers."""
    owner = user.full_name or user.email.partition("@")[0]
    return f"{owner[:_OWNER_IN_CLUB_NAME]}'s club"
