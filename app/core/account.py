"""Who is asking, and what a role allows."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a member may do in a club; each role may do all that those below it may.

    A viewer reads. An analyst also works on matches: footage, events, statistics, reports, segments. A coach also
    manages teams, players, staff, formations and line-ups. An owner also decides about the club and its members.
    """

    VIEWER = "viewer"
    ANALYST = "analyst"
    COACH = "coach"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True)
class Account:
    """A logged-in user with its role in each of its clubs.

    ``club_id`` is the club that owns what the user creates; None: the user belongs to no club any more.
    ``session_id`` is the log-in that the access token comes from.
    """

    user_id: uuid.UUID
    club_id: uuid.UUID | None
    roles: Mapping[uuid.UUID, Role]
    session_id: uuid.UUID | None = None

    @property
    def club_ids(self) -> frozenset[uuid.UUID]:
        return frozenset(self.roles)

    def clubs_with(self, role: Role) -> frozenset[uuid.UUID]:
        """The clubs in which the account may do what ``role`` may."""
        return frozenset(club_id for club_id, own in self.roles.items() if own.includes(role))
