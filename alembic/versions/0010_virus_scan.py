"""what a virus scanner has said of a video"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
_WORD = sa.String(length=16)


def upgrade() -> None:
    # SQLite writes an added column behind the constraints of the table, where a new database has it before them.
    recreate = "always" if op.get_context().dialect.name == "sqlite" else "auto"
    with op.batch_alter_table("videos", recreate=recreate) as batch_op:
        batch_op.add_column(sa.Column("scan_status", _WORD, nullable=False, server_default="not_scanned"))
        batch_op.add_column(sa.Column("scan_reason", _WORD, nullable=True, server_default="not_yet"))
        batch_op.add_column(sa.Column("scan_signature", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("scanned_at", _MOMENT, nullable=True))
    with op.batch_alter_table("videos") as batch_op:
        batch_op.alter_column("scan_status", existing_type=_WORD, existing_nullable=False, server_default=None)
        batch_op.alter_column("scan_reason", existing_type=_WORD, existing_nullable=True, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("videos") as batch_op:
        for name in ("scanned_at", "scan_signature", "scan_reason", "scan_status"):
            batch_op.drop_column(name)
