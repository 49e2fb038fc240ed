"""Who is asking."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """A logged-in user and the clubs whose rows it may see.

    ``club_id`` is the club that owns what the user creates.
    """

    user_id: uuid.UUID
    club_id: uuid.UUID
    club_ids: frozenset[uuid.UUID]
