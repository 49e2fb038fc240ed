"""what the engine knows: bridged places of the ball, how sure it was of a track, and a film of what it found"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite writes an added column behind the constraints of the table, where a new database has it before them.
    recreate = "always" if op.get_context().dialect.name == "sqlite" else "auto"
    with op.batch_alter_table("ball_positions", recreate=recreate) as batch_op:
        batch_op.add_column(sa.Column("interpolated", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("ball_positions") as batch_op:
        batch_op.alter_column("interpolated", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    with op.batch_alter_table("jobs", recreate=recreate) as batch_op:
        batch_op.add_column(sa.Column("preview", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("preview_bytes", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.alter_column("preview", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    for table in ("tracks", "player_match_statistics"):
        with op.batch_alter_table(table, recreate=recreate) as batch_op:
            batch_op.add_column(sa.Column("confidence", sa.Double(), nullable=True))


def downgrade() -> None:
    for table in ("player_match_statistics", "tracks"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("confidence")
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.drop_column("preview_bytes")
        batch_op.drop_column("preview")
    with op.batch_alter_table("ball_positions") as batch_op:
        batch_op.drop_column("interpolated")
