"""how long a club keeps footage"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    # SQLite writes an added column behind the constraints of the table, where a new database has it before them.
    recreate = "always" if op.get_context().dialect.name == "sqlite" else "auto"
    with op.batch_alter_table("clubs", recreate=recreate) as batch_op:
        batch_op.add_column(sa.Column("footage_retention_days", sa.Integer(), nullable=True))
    with op.batch_alter_table("videos", recreate=recreate) as batch_op:
        batch_op.add_column(sa.Column("footage_deleted_at", _MOMENT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("videos") as batch_op:
        batch_op.drop_column("footage_deleted_at")
    with op.batch_alter_table("clubs") as batch_op:
        batch_op.drop_column("footage_retention_days")
