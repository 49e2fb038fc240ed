"""links between tracks"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "track_links",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("match_id", sa.CHAR(36), nullable=False),
        sa.Column("report_id", sa.CHAR(36), nullable=False),
        sa.Column("from_track", sa.Integer(), nullable=False),
        sa.Column("to_track", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("undone_at", _MOMENT, nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_track_links_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_track_links_match_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["report_id"], ["analysis_reports.id"], name=op.f("fk_track_links_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track_links")),
        sa.UniqueConstraint("report_id", "to_track", name=op.f("uq_track_links_report_id_to_track")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("track_links") as batch_op:
        batch_op.create_index(op.f("ix_track_links_club_id"), ["club_id"])
        batch_op.create_index(op.f("ix_track_links_match_id"), ["match_id"])


def downgrade() -> None:
    op.drop_table("track_links")
