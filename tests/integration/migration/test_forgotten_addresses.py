"""What the audit log of older versions says about invitations loses the address, and nothing else."""

import json

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL

from app.core.migrations import upgrade_database
from tests.integration.rows import insert_rows, one_row_per_table

ABOUT = {"id": "i", "email": "zoë@example.org", "role": "coach"}


def test_addresses_of_invitations_are_forgotten(empty_url: URL) -> None:
    upgrade_database(empty_url, "0013")
    rows = one_row_per_table(empty_url)
    (entry,) = rows["audit_log"]
    logged = [
        ("invitations", None, ABOUT),
        ("invitations", {"accepted_at": None}, {"accepted_at": "2026-08-01T15:00:00Z"}),
        ("invitations", ABOUT, None),
        ("staff", None, ABOUT),
    ]
    rows["audit_log"] = [
        entry | {"id": f"{number:036}", "resource": resource, "before": _as_json(before), "after": _as_json(after)}
        for number, (resource, before, after) in enumerate(logged)
    ]
    insert_rows(empty_url, rows)
    upgrade_database(empty_url, "0014")
    without = {"id": "i", "role": "coach"}
    assert _log(empty_url) == [
        ("invitations", None, without),
        ("invitations", {"accepted_at": None}, {"accepted_at": "2026-08-01T15:00:00Z"}),
        ("invitations", without, None),
        ("staff", None, ABOUT),
    ]


def _as_json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _log(url: URL) -> list[tuple[str, object, object]]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        rows = connection.execute(text("SELECT resource, `before`, `after` FROM audit_log ORDER BY id")).all()
    return [
        (resource, *(None if value is None else json.loads(value) for value in values)) for resource, *values in rows
    ]
