"""Who was erased, as far as the database and the backups in one place tell: the newer ones know more than the older."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import inspect, select

from app.core.database import Database
from app.core.errors import BackupError
from app.models import Erasure
from app.services.backup.vault import Vault, hash_file, read_manifest
from app.services.personal_data.reapply_erasures import KnownErasure

log = structlog.get_logger(__name__)

_TABLE = Erasure.__tablename__


def erasures_of_database(database: Database) -> set[KnownErasure]:
    """Those that are noted in a database, whatever its schema."""
    if not inspect(database.engine).has_table(_TABLE):
        return set()
    with database.reading() as session:
        rows = session.scalars(select(Erasure)).all()
        return {KnownErasure(row.erased_at, row.resource, row.resource_id) for row in rows}


def erasures_of_vault(vault: Vault) -> set[KnownErasure]:
    """Those that any backup tells. One that is damaged tells nothing, and keeps no other one from being restored."""
    known: set[KnownErasure] = set()
    for place in vault.places():
        try:
            known.update(_erasures_of_backup(place))
        except BackupError as error:
            log.warning("erasures not read", backup=str(place), error=error.detail)
    return known


def _erasures_of_backup(place: Path) -> Iterator[KnownErasure]:
    for part in read_manifest(place).tables:
        if part.name != _TABLE:  # younger than some schemas
            continue
        table = place / "tables" / f"{_TABLE}.jsonl"
        if not table.is_file() or hash_file(table) != part.sha256:
            raise BackupError(f"The table {_TABLE} of {place} is damaged.")
        names, *rows = map(json.loads, table.read_text(encoding="utf-8").splitlines())
        for values in rows:
            row = dict(zip(names, values, strict=True))
            moment = datetime.fromisoformat(row["erased_at"]).replace(tzinfo=UTC)
            yield KnownErasure(moment, row["resource"], UUID(row["resource_id"]))
