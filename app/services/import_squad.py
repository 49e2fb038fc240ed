"""A whole squad from one file, and into one: a preview first, then all rows or none."""

import uuid
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Unprocessable
from app.models import Player, Team
from app.schemas.squad import SquadAction, SquadCellError, SquadChange, SquadChanges, SquadPlayer, SquadRow
from app.services.changes import changing, of_club
from app.services.db_service import Repository
from app.services.plan_squad import PlannedRow, plan_squad
from app.services.squad_csv import read_squad, write_squad


def preview_squad(session: Session, account: Account, team_id: uuid.UUID, content: bytes) -> SquadChanges:
    """What :func:`import_squad` would do; nothing is written.

    Raises:
        NotFound, Forbidden: as when the team were changed.
        Unprocessable: the file as a whole cannot be used.
    """
    team = Repository(session, account, Team).get_to_change(team_id)
    return _summary(plan_squad(read_squad(content), session.scalars(_squad_of(team)).all()))


def import_squad(session: Session, account: Account, team_id: uuid.UUID, content: bytes) -> SquadChanges:
    """Add and change the players of a team as a file says. Players whom it does not name stay as they are.

    Raises:
        NotFound, Forbidden: the account may not change the team.
        Unprocessable: the file as a whole cannot be used, or a row has an error; nothing is written then.
    """
    team = Repository(session, account, Team).get_to_change(team_id)
    squad = session.scalars(_squad_of(team).with_for_update()).all()
    planned = plan_squad(read_squad(content), squad)
    _refuse_errors(planned)
    summary = _summary(planned)
    _free_numbers(session, team, planned)
    players = Repository(session, account, Player)
    for row, told in zip(planned, summary.rows, strict=True):
        told.player_id = _write(players, team, row)
    return summary


def export_squad(session: Session, team: Team) -> bytes:
    """The squad of a team that the account sees, in the order of the jersey numbers."""
    return write_squad(session.scalars(_squad_of(team)))


def _squad_of(team: Team) -> Select[Player]:
    order = (Player.jersey_number.is_(None), Player.jersey_number, Player.name, Player.id)
    return select(Player).where(Player.team_id == team.id).order_by(*order)


def _free_numbers(session: Session, team: Team, planned: Sequence[PlannedRow]) -> None:
    """Take the numbers off all who get another, so that no two wear one while row after row is written.

    Only in the database: in memory the players keep them, so that the audit log tells what they were.
    """
    renumbered = [row.player.id for row in planned if row.player is not None and row.changes_number]
    if renumbered:
        statement = update(Player).where(Player.id.in_(renumbered)).values(jersey_number=None)
        options = changing(of_club(team.club_id)) | {"synchronize_session": False}
        session.execute(statement, execution_options=options)


def _write(players: Repository[Player], team: Team, row: PlannedRow) -> uuid.UUID:
    values = dict(row.line.values)
    if row.player is None:
        return players.add(Player(club_id=team.club_id, team_id=team.id, **values)).id
    if row.action is SquadAction.UPDATE:
        players.change(row.player, values)
    return row.player.id


def _refuse_errors(planned: Sequence[PlannedRow]) -> None:
    wrong = [row for row in planned if row.errors]
    if not wrong:
        return
    fields = {
        f"/rows/{row.line.row}" + (f"/{column}" if column else ""): message
        for row in wrong
        for column, message in row.errors.items()
    }
    raise Unprocessable(
        f"{len(wrong)} of {len(planned)} rows cannot be used, so nothing was imported.",
        code="squad_invalid",
        fields=fields,
    )


def _summary(planned: Sequence[PlannedRow]) -> SquadChanges:
    actions = Counter(row.action for row in planned if not row.errors)
    return SquadChanges(
        rows=[_told(row) for row in planned],
        creates=actions[SquadAction.CREATE],
        updates=actions[SquadAction.UPDATE],
        unchanged=actions[SquadAction.UNCHANGED],
        errors=sum(bool(row.errors) for row in planned),
    )


def _told(row: PlannedRow) -> SquadRow:
    known = SquadPlayer.model_validate(row.player) if row.player else SquadPlayer()
    player = known.model_copy(update=dict(row.line.values))
    return SquadRow(
        row=row.line.row,
        action=row.action,
        player_id=row.player.id if row.player else None,
        player=player,
        changes=_changes(known, player),
        errors=[SquadCellError(column=column, message=message) for column, message in row.errors.items()],
    )


def _changes(known: SquadPlayer, told: SquadPlayer) -> list[SquadChange]:
    before, after = known.model_dump(mode="json"), told.model_dump(mode="json")
    return [
        SquadChange(field=field, before=before[field], after=after[field])
        for field in before
        if before[field] != after[field]
    ]
