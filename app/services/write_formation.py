"""A formation belongs to one team, or to all of its club; its name agrees with its positions."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.core.account import Account
from app.models import Formation, Team
from app.models.base import JsonValue
from app.services.check_formation import complete_formation
from app.services.club_of_member import club_of_member
from app.services.db_service import Repository
from app.services.standard_formations import Slot


def add_formation(session: Session, account: Account, formation: Formation) -> Formation:
    """
    Raises:
        NotFound: the team does not exist for this account.
        Forbidden: the account may not write formations of that club.
        Unprocessable: name and positions contradict each other.
    """
    formation.club_id = club_of_member(session, account, formation.team_id, club_id=formation.club_id)
    formation.positions = _complete(formation.name, formation.positions)
    return Repository(session, account, Formation).add(formation)


def change_formation(session: Session, account: Account, formation: Formation, values: Mapping[str, Any]) -> Formation:
    """Change a formation of ``Repository.get_to_change``.

    Raises:
        NotFound: the team does not exist in the formation's club.
        Unprocessable: name and positions would contradict each other.
    """
    if values.get("team_id") is not None:
        Repository(session, account, Team).get(values["team_id"], club_id=formation.club_id)
    if not values.keys() & {"name", "positions"}:
        return Repository(session, account, Formation).change(formation, values)
    positions = _complete(values.get("name", formation.name), values.get("positions", formation.positions))
    return Repository(session, account, Formation).change(formation, {**values, "positions": positions})


def _complete(name: str, positions: JsonValue) -> JsonValue:
    slots = [Slot(**slot) for slot in positions] if isinstance(positions, list) else []  # type: ignore[arg-type]
    return [slot.as_json() for slot in complete_formation(name, slots)]
