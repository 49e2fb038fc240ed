"""reports that people write"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What only an analysis finds. A report without them was written by a person.
_MEASURED = {"total_frames": sa.Integer(), "players_tracked": sa.Integer(), "report_data": sa.JSON()}


def upgrade() -> None:
    with op.batch_alter_table("analysis_reports") as batch_op:
        for name, kind in _MEASURED.items():
            batch_op.alter_column(name, existing_type=kind, nullable=True)


def downgrade() -> None:
    # An older program takes every report for an analysis; one without figures would break each list that it stands in.
    op.execute("DELETE FROM analysis_reports WHERE total_frames IS NULL")
    with op.batch_alter_table("analysis_reports") as batch_op:
        for name, kind in _MEASURED.items():
            batch_op.alter_column(name, existing_type=kind, nullable=False)
