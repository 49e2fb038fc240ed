"""What the role of an account in a club allows."""

import uuid

from app.core.account import Account, Role
from app.core.errors import Forbidden, NotFound


def require_role(account: Account, club_id: uuid.UUID | None, role: Role) -> None:
    """
    Raises:
        NotFound: the club is none of the account's; whether it exists is not said.
        Forbidden: the account's role in the club is below ``role``.
    """
    if club_id is None or club_id not in account.club_ids:
        raise NotFound("You are not a member of this club." if club_id else "You are not a member of any club.")
    if not account.roles[club_id].includes(role):
        raise Forbidden(f"This needs the role {role.value} in the club, or a higher one.")
