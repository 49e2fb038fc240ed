"""job control: what a job was at each moment, its pace, and whose turn it is"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
_DOUBLE = sa.Double()


def upgrade() -> None:
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.add_column(sa.Column("frames_total", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("frames_per_second", _DOUBLE, nullable=True))
        batch_op.add_column(sa.Column("phase_progress", _DOUBLE, nullable=False, server_default=sa.text("0")))
        batch_op.create_index("idx_job_history", ["status", "finished_at"])
        batch_op.create_index("idx_job_turns", ["created_by", "started_at"])
        batch_op.drop_index(op.f("ix_jobs_created_by"))
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.alter_column("phase_progress", existing_type=_DOUBLE, existing_nullable=False, server_default=None)

    op.create_table(
        "job_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("job_id", sa.CHAR(36), nullable=False),
        sa.Column("happened_at", _MOMENT, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=True),
        sa.Column("progress", _DOUBLE, nullable=False),
        sa.Column("phase_progress", _DOUBLE, nullable=False),
        sa.Column("frames_done", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_events_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_events")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("idx_job_events", "job_events", ["job_id", "id"])
    # Who follows a job that was there before sees its present state, as for every other job.
    op.execute(
        "INSERT INTO job_events (job_id, happened_at, status, phase, progress, phase_progress, frames_done, attempt,"
        " message, error_code) SELECT id, COALESCE(finished_at, started_at, created_at), status, phase, progress,"
        " phase_progress, frames_done, attempt, message, error_code FROM jobs ORDER BY created_at"
    )


def downgrade() -> None:
    op.drop_table("job_events")
    with op.batch_alter_table("jobs") as batch_op:
        batch_op.create_index(op.f("ix_jobs_created_by"), ["created_by"])
        batch_op.drop_index("idx_job_turns")
        batch_op.drop_index("idx_job_history")
        batch_op.drop_column("phase_progress")
        batch_op.drop_column("frames_per_second")
        batch_op.drop_column("frames_total")
