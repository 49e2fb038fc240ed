"""A user's own password: proving it once more, and changing it."""

from sqlalchemy import select

from app.core.account import Account
from app.core.database import Database
from app.core.errors import Forbidden
from app.core.security import check_password, hash_password
from app.models import User
from app.services.sessions import end_other_sessions


def require_password(database: Database, account: Account, password: str, *, field: str) -> str:
    """The hash that ``password`` belongs to. No transaction is open while it is verified: that is slow.

    Args:
        field: what the body calls the password.

    Raises:
        Forbidden: it is not the password of the account.
    """
    with database.reading() as session:
        password_hash = session.scalar(select(User.password_hash).where(User.id == account.user_id))
    if password_hash is None or not check_password(password, password_hash).matches:
        raise _wrong_password(field)
    return password_hash


def change_password(database: Database, account: Account, *, current_password: str, new_password: str) -> None:
    """Set another password, and log the user out everywhere else.

    Raises:
        Forbidden: ``current_password`` is not the password of the account.
    """
    current_hash = require_password(database, account, current_password, field="current_password")
    new_hash = hash_password(new_password)
    with database.unit_of_work() as session:
        user = session.get(User, account.user_id, with_for_update=True)
        if user is None or user.password_hash != current_hash:
            raise _wrong_password("current_password")  # any more
        user.password_hash = new_hash
        end_other_sessions(session, account)


def _wrong_password(field: str) -> Forbidden:
    return Forbidden("This is not your password.", code="wrong_password", fields={f"/{field}": "is not your password"})
