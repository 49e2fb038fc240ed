"""first schema"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clubs",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clubs")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "users",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("full_name", sa.String(length=200), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column(
            "last_login_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "memberships",
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("user_id", sa.CHAR(36), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "coach", "analyst", "viewer", name="role", native_enum=False, length=16),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_memberships_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("club_id", "user_id", name=op.f("pk_memberships")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_memberships_user_id"), "memberships", ["user_id"], unique=False)
    op.create_table(
        "teams",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("primary_color", sa.String(length=7), nullable=True),
        sa.Column("secondary_color", sa.String(length=7), nullable=True),
        sa.Column("logo_url", sa.String(length=500), nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_teams_club_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_teams_club_id"), "teams", ["club_id"], unique=False)
    op.create_table(
        "formations",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("team_id", sa.CHAR(36), nullable=True),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("positions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_formations_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_formations_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formations")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_formations_club_id"), "formations", ["club_id"], unique=False)
    op.create_index(op.f("ix_formations_team_id"), "formations", ["team_id"], unique=False)
    op.create_table(
        "matches",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("home_team_id", sa.CHAR(36), nullable=True),
        sa.Column("away_team_id", sa.CHAR(36), nullable=True),
        sa.Column("match_date", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.Column("venue", sa.String(length=200), nullable=True),
        sa.Column(
            "status",
            sa.Enum("upcoming", "live", "completed", name="matchstatus", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("home_score", sa.Integer(), nullable=True),
        sa.Column("away_score", sa.Integer(), nullable=True),
        sa.Column("pitch_length_m", sa.Double(), nullable=False),
        sa.Column("pitch_width_m", sa.Double(), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(
            ["away_team_id"], ["teams.id"], name=op.f("fk_matches_away_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_matches_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["home_team_id"], ["teams.id"], name=op.f("fk_matches_home_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("idx_match_date", "matches", ["match_date"], unique=False)
    op.create_index(op.f("ix_matches_away_team_id"), "matches", ["away_team_id"], unique=False)
    op.create_index(op.f("ix_matches_club_id"), "matches", ["club_id"], unique=False)
    op.create_index(op.f("ix_matches_home_team_id"), "matches", ["home_team_id"], unique=False)
    op.create_table(
        "players",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("team_id", sa.CHAR(36), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "position", sa.Enum("GK", "DEF", "MID", "FWD", name="position", native_enum=False, length=16), nullable=True
        ),
        sa.Column("jersey_number", sa.Integer(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("dominant_foot", sa.String(length=16), nullable=True),
        sa.Column("height_cm", sa.Integer(), nullable=True),
        sa.Column("weight_kg", sa.Integer(), nullable=True),
        sa.Column("nationality", sa.String(length=100), nullable=True),
        sa.Column("image_url", sa.String(length=500), nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_players_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_players_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_players")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_players_club_id"), "players", ["club_id"], unique=False)
    op.create_index(op.f("ix_players_team_id"), "players", ["team_id"], unique=False)
    op.create_table(
        "match_lineups",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("match_id", sa.CHAR(36), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_match_lineups_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_match_lineups_match_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_lineups")),
        sa.UniqueConstraint("match_id", name=op.f("uq_match_lineups_match_id")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_match_lineups_club_id"), "match_lineups", ["club_id"], unique=False)
    op.create_table(
        "videos",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("match_id", sa.CHAR(36), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("container", sa.String(length=64), nullable=False),
        sa.Column("codec", sa.String(length=32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("frame_count", sa.Integer(), nullable=False),
        sa.Column("frame_rate", sa.Double(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_videos_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_videos_match_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_videos")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_videos_club_id"), "videos", ["club_id"], unique=False)
    op.create_index(op.f("ix_videos_match_id"), "videos", ["match_id"], unique=False)
    op.create_index(op.f("ix_videos_sha256"), "videos", ["sha256"], unique=False)
    op.create_table(
        "calibrations",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("video_id", sa.CHAR(36), nullable=False),
        sa.Column("points", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("median_error_m", sa.Double(), nullable=False),
        sa.Column("max_error_m", sa.Double(), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_calibrations_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("fk_calibrations_video_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibrations")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_calibrations_club_id"), "calibrations", ["club_id"], unique=False)
    op.create_index(op.f("ix_calibrations_video_id"), "calibrations", ["video_id"], unique=False)
    op.create_table(
        "match_lineup_entries",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("lineup_id", sa.CHAR(36), nullable=False),
        sa.Column("sheet_order", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.CHAR(36), nullable=False),
        sa.Column("player_id", sa.CHAR(36), nullable=False),
        sa.Column("formation_id", sa.CHAR(36), nullable=True),
        sa.Column("is_starting", sa.Boolean(), nullable=False),
        sa.Column("position_in_formation", sa.String(length=50), nullable=True),
        sa.ForeignKeyConstraint(
            ["formation_id"], ["formations.id"], name=op.f("fk_match_lineup_entries_formation_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["lineup_id"], ["match_lineups.id"], name=op.f("fk_match_lineup_entries_lineup_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["player_id"], ["players.id"], name=op.f("fk_match_lineup_entries_player_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_match_lineup_entries_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_lineup_entries")),
        sa.UniqueConstraint("lineup_id", "player_id", name=op.f("uq_match_lineup_entries_lineup_id_player_id")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(
        op.f("ix_match_lineup_entries_formation_id"), "match_lineup_entries", ["formation_id"], unique=False
    )
    op.create_index(op.f("ix_match_lineup_entries_player_id"), "match_lineup_entries", ["player_id"], unique=False)
    op.create_index(op.f("ix_match_lineup_entries_team_id"), "match_lineup_entries", ["team_id"], unique=False)
    op.create_table(
        "video_segments",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("match_id", sa.CHAR(36), nullable=False),
        sa.Column("video_id", sa.CHAR(36), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("segment_type", sa.String(length=50), nullable=True),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_video_segments_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_video_segments_match_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("fk_video_segments_video_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_video_segments")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_video_segments_club_id"), "video_segments", ["club_id"], unique=False)
    op.create_index(op.f("ix_video_segments_match_id"), "video_segments", ["match_id"], unique=False)
    op.create_index(op.f("ix_video_segments_video_id"), "video_segments", ["video_id"], unique=False)
    op.create_table(
        "jobs",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("created_by", sa.CHAR(36), nullable=True),
        sa.Column("match_id", sa.CHAR(36), nullable=False),
        sa.Column("video_id", sa.CHAR(36), nullable=False),
        sa.Column("calibration_id", sa.CHAR(36), nullable=True),
        sa.Column("confidence_threshold", sa.Double(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "PROCESSING",
                "COMPLETED",
                "FAILED",
                "CANCELLED",
                name="jobstatus",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column(
            "phase",
            sa.Enum("starting", "analysing", "ingesting", name="phase", native_enum=False, length=16),
            nullable=True,
        ),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=True),
        sa.Column("frames_done", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column(
            "lease_expires_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=True
        ),
        sa.Column(
            "available_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False
        ),
        sa.Column("postponed", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_detail", sa.Text(), nullable=True),
        sa.Column("error_hint", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=True),
        sa.Column("finished_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(
            ["calibration_id"], ["calibrations.id"], name=op.f("fk_jobs_calibration_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["club_id"], ["clubs.id"], name=op.f("fk_jobs_club_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_jobs_created_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_jobs_match_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["video_id"], ["videos.id"], name=op.f("fk_jobs_video_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("idx_job_queue", "jobs", ["status", "available_at"], unique=False)
    op.create_index(op.f("ix_jobs_calibration_id"), "jobs", ["calibration_id"], unique=False)
    op.create_index(op.f("ix_jobs_club_id"), "jobs", ["club_id"], unique=False)
    op.create_index(op.f("ix_jobs_created_by"), "jobs", ["created_by"], unique=False)
    op.create_index(op.f("ix_jobs_match_id"), "jobs", ["match_id"], unique=False)
    op.create_index(op.f("ix_jobs_video_id"), "jobs", ["video_id"], unique=False)
    op.create_table(
        "analysis_reports",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("match_id", sa.CHAR(36), nullable=False),
        sa.Column("video_id", sa.CHAR(36), nullable=True),
        sa.Column("job_id", sa.CHAR(36), nullable=True),
        sa.Column("report_type", sa.String(length=50), nullable=False),
        sa.Column("engine_name", sa.String(length=100), nullable=True),
        sa.Column("engine_version", sa.String(length=50), nullable=True),
        sa.Column("total_frames", sa.Integer(), nullable=False),
        sa.Column("players_tracked", sa.Integer(), nullable=False),
        sa.Column("report_data", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(
            ["club_id"], ["clubs.id"], name=op.f("fk_analysis_reports_club_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_analysis_reports_job_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_analysis_reports_match_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("fk_analysis_reports_video_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analysis_reports")),
        sa.UniqueConstraint("job_id", name=op.f("uq_analysis_reports_job_id")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_analysis_reports_club_id"), "analysis_reports", ["club_id"], unique=False)
    op.create_index(op.f("ix_analysis_reports_match_id"), "analysis_reports", ["match_id"], unique=False)
    op.create_index(op.f("ix_analysis_reports_video_id"), "analysis_reports", ["video_id"], unique=False)
    op.create_table(
        "ball_positions",
        sa.Column("report_id", sa.CHAR(36), nullable=False),
        sa.Column("frame", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time_s", sa.Double(), nullable=False),
        sa.Column("x_px", sa.Double(), nullable=True),
        sa.Column("y_px", sa.Double(), nullable=True),
        sa.Column("x_m", sa.Double(), nullable=True),
        sa.Column("y_m", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["analysis_reports.id"], name=op.f("fk_ball_positions_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", "frame", name=op.f("pk_ball_positions")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "player_match_statistics",
        sa.Column("id", sa.CHAR(36), nullable=False),
        sa.Column("match_id", sa.CHAR(36), nullable=False),
        sa.Column("player_id", sa.CHAR(36), nullable=True),
        sa.Column("report_id", sa.CHAR(36), nullable=True),
        sa.Column("track_number", sa.Integer(), nullable=True),
        sa.Column("team", sa.String(length=16), nullable=True),
        sa.Column("seconds_seen", sa.Double(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("distance_error_m", sa.Double(), nullable=True),
        sa.Column("top_speed_mps", sa.Double(), nullable=True),
        sa.Column("top_speed_error_mps", sa.Double(), nullable=True),
        sa.Column("mean_speed_mps", sa.Double(), nullable=True),
        sa.Column("mean_x_m", sa.Double(), nullable=True),
        sa.Column("mean_y_m", sa.Double(), nullable=True),
        sa.Column("heatmap", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("minutes_played", sa.Integer(), nullable=True),
        sa.Column("goals", sa.Integer(), nullable=True),
        sa.Column("assists", sa.Integer(), nullable=True),
        sa.Column("shots", sa.Integer(), nullable=True),
        sa.Column("shots_on_target", sa.Integer(), nullable=True),
        sa.Column("passes", sa.Integer(), nullable=True),
        sa.Column("accurate_passes", sa.Integer(), nullable=True),
        sa.Column("key_passes", sa.Integer(), nullable=True),
        sa.Column("tackles", sa.Integer(), nullable=True),
        sa.Column("interceptions", sa.Integer(), nullable=True),
        sa.Column("clearances", sa.Integer(), nullable=True),
        sa.Column("saves", sa.Integer(), nullable=True),
        sa.Column("fouls_committed", sa.Integer(), nullable=True),
        sa.Column("fouls_suffered", sa.Integer(), nullable=True),
        sa.Column("offsides", sa.Integer(), nullable=True),
        sa.Column("rating", sa.Double(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("club_id", sa.CHAR(36), nullable=False),
        sa.Column("created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        sa.ForeignKeyConstraint(
            ["club_id"], ["clubs.id"], name=op.f("fk_player_match_statistics_club_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_player_match_statistics_match_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["player_id"], ["players.id"], name=op.f("fk_player_match_statistics_player_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["analysis_reports.id"],
            name=op.f("fk_player_match_statistics_report_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_player_match_statistics")),
        sa.UniqueConstraint(
            "report_id", "track_number", name=op.f("uq_player_match_statistics_report_id_track_number")
        ),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("idx_player_stats_match", "player_match_statistics", ["match_id"], unique=False)
    op.create_index(op.f("ix_player_match_statistics_club_id"), "player_match_statistics", ["club_id"], unique=False)
    op.create_index(
        op.f("ix_player_match_statistics_player_id"), "player_match_statistics", ["player_id"], unique=False
    )
    op.create_table(
        "tracks",
        sa.Column("report_id", sa.CHAR(36), nullable=False),
        sa.Column("track_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("player_id", sa.CHAR(36), nullable=True),
        sa.Column("team", sa.String(length=16), nullable=True),
        sa.Column("first_seen_s", sa.Double(), nullable=False),
        sa.Column("last_seen_s", sa.Double(), nullable=False),
        sa.Column("frames_seen", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["player_id"], ["players.id"], name=op.f("fk_tracks_player_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["report_id"], ["analysis_reports.id"], name=op.f("fk_tracks_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", "track_number", name=op.f("pk_tracks")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_tracks_player_id"), "tracks", ["player_id"], unique=False)


def downgrade() -> None:
    op.drop_table("tracks")
    op.drop_table("player_match_statistics")
    op.drop_table("ball_positions")
    op.drop_table("analysis_reports")
    op.drop_table("jobs")
    op.drop_table("video_segments")
    op.drop_table("match_lineup_entries")
    op.drop_table("calibrations")
    op.drop_table("videos")
    op.drop_table("match_lineups")
    op.drop_table("players")
    op.drop_table("matches")
    op.drop_table("formations")
    op.drop_table("teams")
    op.drop_table("memberships")
    op.drop_table("users")
    op.drop_table("clubs")
