"""the audit log no longer tells whom an invitation was for"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_LOG = sa.table("audit_log", sa.column("resource"), sa.column("before"), sa.column("after"))


def upgrade() -> None:
    for column in (_LOG.c.before, _LOG.c.after):
        without_address = {column: sa.func.json_remove(column, "$.email")}
        op.execute(_LOG.update().where(_LOG.c.resource == "invitations", column.is_not(None)).values(without_address))


def downgrade() -> None:
    """What was forgotten stays forgotten."""
