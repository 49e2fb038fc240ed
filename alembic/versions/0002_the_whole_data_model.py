"""the whole data model"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
_CHANGEABLE = (
    "analysis_reports",
    "calibrations",
    "formations",
    "jobs",
    "match_lineup_entries",
    "match_lineups",
    "matches",
    "player_match_statistics",
    "players",
    "teams",
    "video_segments",
    "videos",
)


def upgrade() -> None:
    if not context.is_offline_mode():  # a script cannot look at rows; the unique keys will refuse what is double
        _rename_teams_of_one_name(op.get_bind())
        _take_away_double_jersey_numbers(op.get_bind())
    _forget_unknown_feet()

    op.create_table(
        "competitions",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("season", sa.String(length=20), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("updated_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_competitions_club_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competitions")),
        sa.UniqueConstraint("club_id", "name", "season", name=op.f("uq_competitions_club_id_name_season")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("competitions") as batch_op:
        batch_op.create_index(op.f("ix_competitions_club_id"), ["club_id"])

    op.create_table(
        "reunions",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("date", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("icon_name", sa.String(length=100), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("updated_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_reunions_club_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reunions")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("reunions") as batch_op:
        batch_op.create_index(op.f("ix_reunions_club_id"), ["club_id"])

    op.create_table(
        "training_sessions",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("date", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("focus", sa.String(length=200), nullable=False),
        sa.Column("icon_name", sa.String(length=100), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("updated_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(
            ["club_id"], ["clubs.id"], name=op.f("fk_training_sessions_club_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_sessions")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("training_sessions") as batch_op:
        batch_op.create_index(op.f("ix_training_sessions_club_id"), ["club_id"])

    op.create_table(
        "account_sessions",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("user_id", sa.CHAR(36), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column(
            "last_used_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False
        ),
        sa.Column("expires_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("revoked_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=True),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_account_sessions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_sessions")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("account_sessions") as batch_op:
        batch_op.create_index(op.f("ix_account_sessions_user_id"), ["user_id"])

    op.create_table(
        "audit_log",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("user_id", sa.CHAR(36), nullable=True),
        sa.Column(
            "action",
            sa.Enum("create", "update", "delete", name="auditaction", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("resource_id", sa.CHAR(36), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("updated_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_audit_log_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_audit_log_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("audit_log") as batch_op:
        batch_op.create_index("idx_audit_club_time", ["club_id", "created_at"])
        batch_op.create_index(op.f("ix_audit_log_club_id"), ["club_id"])
        batch_op.create_index(op.f("ix_audit_log_resource_id"), ["resource_id"])
        batch_op.create_index(op.f("ix_audit_log_user_id"), ["user_id"])

    op.create_table(
        "invitations",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "role",
            sa.Enum("viewer", "analyst", "coach", "owner", name="role", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.CHAR(36), nullable=True),
        sa.Column("expires_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("accepted_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("updated_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_invitations_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("invitations") as batch_op:
        batch_op.create_index(op.f("ix_invitations_club_id"), ["club_id"])
        batch_op.create_index(op.f("ix_invitations_invited_by"), ["invited_by"])

    op.create_table(
        "staff",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("team_id", sa.CHAR(36), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "head_coach",
                "assistant_coach",
                "gk_coach",
                "analyst",
                "physio",
                "manager",
                "other",
                name="staffrole",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=50), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("updated_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_staff_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_staff_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("staff") as batch_op:
        batch_op.create_index(op.f("ix_staff_club_id"), ["club_id"])
        batch_op.create_index(op.f("ix_staff_team_id"), ["team_id"])

    op.create_table(
        "match_events",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("match_id", sa.CHAR(36), nullable=False),
        sa.Column("team_id", sa.CHAR(36), nullable=True),
        sa.Column("player_id", sa.CHAR(36), nullable=True),
        sa.Column(
            "event_type",
            sa.Enum(
                "goal",
                "own_goal",
                "assist",
                "yellow_card",
                "red_card",
                "sub_in",
                "sub_out",
                name="eventtype",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("stoppage_minute", sa.Integer(), nullable=True),
        sa.Column("video_time_s", sa.Double(), nullable=True),
        sa.Column("x_m", sa.Double(), nullable=True),
        sa.Column("y_m", sa.Double(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("updated_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_match_events_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_match_events_match_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["player_id"], ["players.id"], name=op.f("fk_match_events_player_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_match_events_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_events")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("match_events") as batch_op:
        batch_op.create_index("idx_match_event_minute", ["match_id", "minute"])
        batch_op.create_index(op.f("ix_match_events_club_id"), ["club_id"])
        batch_op.create_index(op.f("ix_match_events_player_id"), ["player_id"])
        batch_op.create_index(op.f("ix_match_events_team_id"), ["team_id"])

    op.create_table(
        "match_team_statistics",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("match_id", sa.CHAR(36), nullable=False),
        sa.Column("team_id", sa.CHAR(36), nullable=False),
        sa.Column("possession_percentage", sa.Double(), nullable=True),
        sa.Column("expected_goals", sa.Double(), nullable=True),
        sa.Column("total_shots", sa.Integer(), nullable=True),
        sa.Column("shots_on_target", sa.Integer(), nullable=True),
        sa.Column("corners", sa.Integer(), nullable=True),
        sa.Column("fouls", sa.Integer(), nullable=True),
        sa.Column("offsides", sa.Integer(), nullable=True),
        sa.Column("pressures", sa.Integer(), nullable=True),
        sa.Column("final_third_passes", sa.Integer(), nullable=True),
        sa.Column("high_turnover_zones_data", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("set_piece_xg_breakdown_data", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("transition_speed_data", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("build_up_patterns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("defensive_block_patterns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("updated_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(
            ["club_id"], ["clubs.id"], name=op.f("fk_match_team_statistics_club_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_match_team_statistics_match_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_match_team_statistics_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_team_statistics")),
        sa.UniqueConstraint("match_id", "team_id", name=op.f("uq_match_team_statistics_match_id_team_id")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("match_team_statistics") as batch_op:
        batch_op.create_index(op.f("ix_match_team_statistics_club_id"), ["club_id"])
        batch_op.create_index(op.f("ix_match_team_statistics_team_id"), ["team_id"])

    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("used_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["account_sessions.id"], name=op.f("fk_refresh_tokens_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("refresh_tokens") as batch_op:
        batch_op.create_index(op.f("ix_refresh_tokens_session_id"), ["session_id"])

    with op.batch_alter_table("analysis_reports") as batch_op:
        batch_op.add_column(sa.Column("notes", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))

    with op.batch_alter_table("calibrations") as batch_op:
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))

    with op.batch_alter_table("formations") as batch_op:
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))

    with op.batch_alter_table("jobs") as batch_op:
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))

    with op.batch_alter_table("match_lineup_entries") as batch_op:
        batch_op.add_column(sa.Column("club_id", sa.CHAR(36), nullable=True))
        batch_op.add_column(sa.Column("created_at", _MOMENT, nullable=True))
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))
        batch_op.create_index(op.f("ix_match_lineup_entries_club_id"), ["club_id"])
        batch_op.create_foreign_key(
            op.f("fk_match_lineup_entries_club_id"), "clubs", ["club_id"], ["id"], ondelete="CASCADE"
        )

    with op.batch_alter_table("match_lineups") as batch_op:
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))

    with op.batch_alter_table("matches") as batch_op:
        batch_op.add_column(sa.Column("competition_id", sa.CHAR(36), nullable=True))
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))
        batch_op.create_index(op.f("ix_matches_competition_id"), ["competition_id"])
        batch_op.create_foreign_key(
            op.f("fk_matches_competition_id"), "competitions", ["competition_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("memberships") as batch_op:
        batch_op.add_column(sa.Column("created_at", _MOMENT, nullable=True))

    with op.batch_alter_table("player_match_statistics") as batch_op:
        batch_op.add_column(sa.Column("sprint_count", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("sprint_distance_m", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("progressive_carries", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("player_xg", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("press_resistance_success_rate", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("defensive_coverage_km", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))

    with op.batch_alter_table("players") as batch_op:
        batch_op.add_column(sa.Column("country_code", sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column("market_value", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))
        batch_op.create_unique_constraint(op.f("uq_players_team_id_jersey_number"), ["team_id", "jersey_number"])

    with op.batch_alter_table("teams") as batch_op:
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))
        batch_op.create_unique_constraint(op.f("uq_teams_club_id_name"), ["club_id", "name"])

    with op.batch_alter_table("users") as batch_op:
        batch_op.add_column(sa.Column("active_club_id", sa.CHAR(36), nullable=True))
        batch_op.create_index(op.f("ix_users_active_club_id"), ["active_club_id"])
        batch_op.create_foreign_key(
            op.f("fk_users_active_club_id"), "clubs", ["active_club_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("video_segments") as batch_op:
        batch_op.add_column(sa.Column("match_event_id", sa.CHAR(36), nullable=True))
        batch_op.add_column(sa.Column("report_id", sa.CHAR(36), nullable=True))
        batch_op.add_column(sa.Column("description", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))
        batch_op.create_index(op.f("ix_video_segments_match_event_id"), ["match_event_id"])
        batch_op.create_index(op.f("ix_video_segments_report_id"), ["report_id"])
        batch_op.create_foreign_key(
            op.f("fk_video_segments_report_id"), "analysis_reports", ["report_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            op.f("fk_video_segments_match_event_id"),
            "match_events",
            ["match_event_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("videos") as batch_op:
        batch_op.add_column(sa.Column("updated_at", _MOMENT, nullable=True))

    _fill_what_old_rows_lack()


def _rename_teams_of_one_name(connection: sa.Connection) -> None:
    """The oldest team of a club keeps the name; "Rovers" becomes "Rovers (2)". MariaDB ignores blanks at the end."""
    teams = sa.table("teams", *map(sa.column, ("id", "club_id", "name", "created_at")))
    rows = connection.execute(sa.select(teams).order_by(teams.c.created_at, teams.c.id)).all()
    taken = {(row.club_id, row.name.rstrip(" ")) for row in rows}
    seen = set()
    for row in rows:
        key = (row.club_id, row.name.rstrip(" "))
        if key in seen:
            key = (row.club_id, _free_name(key[1], {name for club_id, name in taken if club_id == row.club_id}))
            connection.execute(sa.update(teams).where(teams.c.id == row.id).values(name=key[1]))
            taken.add(key)
        seen.add(key)


def _free_name(name: str, taken: set[str]) -> str:
    endings = (f" ({number})" for number in range(2, len(taken) + 3))
    return next(free for ending in endings if (free := name[: 200 - len(ending)] + ending) not in taken)


def _take_away_double_jersey_numbers(connection: sa.Connection) -> None:
    """The oldest player of a team keeps the number."""
    players = sa.table("players", *map(sa.column, ("id", "team_id", "jersey_number", "created_at")))
    numbered = players.c.team_id.is_not(None) & players.c.jersey_number.is_not(None)
    rows = connection.execute(sa.select(players).where(numbered).order_by(players.c.created_at, players.c.id)).all()
    seen = set()
    for row in rows:
        if (row.team_id, row.jersey_number) in seen:
            connection.execute(sa.update(players).where(players.c.id == row.id).values(jersey_number=None))
        seen.add((row.team_id, row.jersey_number))


def _forget_unknown_feet() -> None:
    """Any word was allowed. One that the models do not know would make the row unreadable."""
    op.execute("UPDATE players SET dominant_foot = LOWER(dominant_foot)")
    op.execute("UPDATE players SET dominant_foot = NULL WHERE dominant_foot NOT IN ('left', 'right', 'both')")


def _fill_what_old_rows_lack() -> None:
    """Old rows were never changed, so far as anybody knows; an entry belongs to the club of its sheet."""
    sheet = "(SELECT {} FROM match_lineups WHERE match_lineups.id = match_lineup_entries.lineup_id)"
    club_of_sheet, time_of_sheet = sheet.format("club_id"), sheet.format("created_at")
    op.execute(f"UPDATE match_lineup_entries SET club_id = {club_of_sheet}, created_at = {time_of_sheet}")
    op.execute(
        "UPDATE memberships SET created_at = (SELECT created_at FROM clubs WHERE clubs.id = memberships.club_id)"
    )
    # The club that old versions of the program took for what a user created.
    first_club = "SELECT club_id FROM memberships WHERE user_id = users.id ORDER BY role <> 'owner', club_id LIMIT 1"
    op.execute(f"UPDATE users SET active_club_id = ({first_club})")
    for table in _CHANGEABLE:
        op.execute(f"UPDATE {table} SET updated_at = created_at")
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("updated_at", existing_type=_MOMENT, nullable=False)
    with op.batch_alter_table("match_lineup_entries") as batch_op:
        batch_op.alter_column("club_id", existing_type=sa.CHAR(36), nullable=False)
        batch_op.alter_column("created_at", existing_type=_MOMENT, nullable=False)
    with op.batch_alter_table("memberships") as batch_op:
        batch_op.alter_column("created_at", existing_type=_MOMENT, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("videos") as batch_op:
        batch_op.drop_column("updated_at")

    with op.batch_alter_table("video_segments") as batch_op:
        batch_op.drop_constraint(op.f("fk_video_segments_match_event_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_video_segments_report_id"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_video_segments_report_id"))
        batch_op.drop_index(op.f("ix_video_segments_match_event_id"))
        batch_op.drop_column("updated_at")
        batch_op.drop_column("description")
        batch_op.drop_column("report_id")
        batch_op.drop_column("match_event_id")

    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_constraint(op.f("fk_users_active_club_id"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_users_active_club_id"))
        batch_op.drop_column("active_club_id")

    with op.batch_alter_table("teams") as batch_op:
        batch_op.drop_constraint(op.f("uq_teams_club_id_name"), type_="unique")
        batch_op.drop_column("updated_at")

    with op.batch_alter_table("players") as batch_op:
        batch_op.drop_constraint(op.f("uq_players_team_id_jersey_number"), type_="unique")
        batch_op.drop_column("updated_at")
        batch_op.drop_column("market_value")
        batch_op.drop_column("country_code")

    with op.batch_alter_table("player_match_statistics") as batch_op:
        batch_op.drop_column("updated_at")
        batch_op.drop_column("defensive_coverage_km")
        batch_op.drop_column("press_resistance_success_rate")
        batch_op.drop_column("player_xg")
        batch_op.drop_column("progressive_carries")
        batch_op.drop_column("sprint_distance_m")
        batch_op.drop_column("sprint_count")

    with op.batch_alter_table("memberships") as batch_op:
        batch_op.drop_column("created_at")

    with op.batch_alter_table("matches") as batch_op:
        batch_op.drop_constraint(op.f("fk_matches_competition_id"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_matches_competition_id"))
        batch_op.drop_column("updated_at")
        batch_op.drop_column("competition_id")

    with op.batch_alter_table("match_lineups") as batch_op:
        batch_op.drop_column("updated_at")

    with op.batch_alter_table("match_lineup_entries") as batch_op:
        batch_op.drop_constraint(op.f("fk_match_lineup_entries_club_id"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_match_lineup_entries_club_id"))
        batch_op.drop_column("updated_at")
        batch_op.drop_column("created_at")
        batch_op.drop_column("club_id")

    with op.batch_alter_table("jobs") as batch_op:
        batch_op.drop_column("updated_at")

    with op.batch_alter_table("formations") as batch_op:
        batch_op.drop_column("updated_at")

    with op.batch_alter_table("calibrations") as batch_op:
        batch_op.drop_column("updated_at")

    with op.batch_alter_table("analysis_reports") as batch_op:
        batch_op.drop_column("updated_at")
        batch_op.drop_column("notes")

    op.drop_table("refresh_tokens")
    op.drop_table("match_team_statistics")
    op.drop_table("match_events")
    op.drop_table("staff")
    op.drop_table("invitations")
    op.drop_table("audit_log")
    op.drop_table("account_sessions")
    op.drop_table("training_sessions")
    op.drop_table("reunions")
    op.drop_table("competitions")
