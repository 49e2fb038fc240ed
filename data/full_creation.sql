-- The schema of Coach Pro for MySQL 8 and MariaDB 10.6 or newer, with the database itself.
--     mysql -u root -p < data/full_creation.sql
-- Made by scripts/make_creation_sql.py from the migrations in alembic/versions; do not edit.

SET NAMES utf8mb4;
CREATE DATABASE IF NOT EXISTS coach_pro_db CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
USE coach_pro_db;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE clubs (
    id CHAR(36) NOT NULL,
    name VARCHAR(200) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_clubs PRIMARY KEY (id)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE TABLE users (
    id CHAR(36) NOT NULL,
    email VARCHAR(254) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    full_name VARCHAR(200),
    is_active BOOL NOT NULL,
    last_login_at DATETIME(6),
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE TABLE memberships (
    club_id CHAR(36) NOT NULL,
    user_id CHAR(36) NOT NULL,
    `role` VARCHAR(16) NOT NULL,
    CONSTRAINT pk_memberships PRIMARY KEY (club_id, user_id),
    CONSTRAINT fk_memberships_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_memberships_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_memberships_user_id ON memberships (user_id);

CREATE TABLE teams (
    id CHAR(36) NOT NULL,
    name VARCHAR(200) NOT NULL,
    primary_color VARCHAR(7),
    secondary_color VARCHAR(7),
    logo_url VARCHAR(500),
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_teams PRIMARY KEY (id),
    CONSTRAINT fk_teams_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_teams_club_id ON teams (club_id);

CREATE TABLE formations (
    id CHAR(36) NOT NULL,
    team_id CHAR(36),
    name VARCHAR(50) NOT NULL,
    description TEXT,
    positions JSON NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_formations PRIMARY KEY (id),
    CONSTRAINT fk_formations_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_formations_team_id FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_formations_club_id ON formations (club_id);

CREATE INDEX ix_formations_team_id ON formations (team_id);

CREATE TABLE matches (
    id CHAR(36) NOT NULL,
    home_team_id CHAR(36),
    away_team_id CHAR(36),
    match_date DATETIME(6) NOT NULL,
    venue VARCHAR(200),
    status VARCHAR(16) NOT NULL,
    home_score INTEGER,
    away_score INTEGER,
    pitch_length_m DOUBLE NOT NULL,
    pitch_width_m DOUBLE NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_matches PRIMARY KEY (id),
    CONSTRAINT fk_matches_away_team_id FOREIGN KEY(away_team_id) REFERENCES teams (id) ON DELETE SET NULL,
    CONSTRAINT fk_matches_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_matches_home_team_id FOREIGN KEY(home_team_id) REFERENCES teams (id) ON DELETE SET NULL
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX idx_match_date ON matches (match_date);

CREATE INDEX ix_matches_away_team_id ON matches (away_team_id);

CREATE INDEX ix_matches_club_id ON matches (club_id);

CREATE INDEX ix_matches_home_team_id ON matches (home_team_id);

CREATE TABLE players (
    id CHAR(36) NOT NULL,
    team_id CHAR(36),
    name VARCHAR(200) NOT NULL,
    position VARCHAR(16),
    jersey_number INTEGER,
    birth_date DATE,
    dominant_foot VARCHAR(16),
    height_cm INTEGER,
    weight_kg INTEGER,
    nationality VARCHAR(100),
    image_url VARCHAR(500),
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_players PRIMARY KEY (id),
    CONSTRAINT fk_players_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_players_team_id FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE SET NULL
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_players_club_id ON players (club_id);

CREATE INDEX ix_players_team_id ON players (team_id);

CREATE TABLE match_lineups (
    id CHAR(36) NOT NULL,
    match_id CHAR(36) NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_match_lineups PRIMARY KEY (id),
    CONSTRAINT fk_match_lineups_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_match_lineups_match_id FOREIGN KEY(match_id) REFERENCES matches (id) ON DELETE CASCADE,
    CONSTRAINT uq_match_lineups_match_id UNIQUE (match_id)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_match_lineups_club_id ON match_lineups (club_id);

CREATE TABLE videos (
    id CHAR(36) NOT NULL,
    match_id CHAR(36) NOT NULL,
    filename VARCHAR(255) NOT NULL,
    size_bytes BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    container VARCHAR(64) NOT NULL,
    codec VARCHAR(32) NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    frame_count INTEGER NOT NULL,
    frame_rate DOUBLE NOT NULL,
    duration_s DOUBLE NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_videos PRIMARY KEY (id),
    CONSTRAINT fk_videos_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_videos_match_id FOREIGN KEY(match_id) REFERENCES matches (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_videos_club_id ON videos (club_id);

CREATE INDEX ix_videos_match_id ON videos (match_id);

CREATE INDEX ix_videos_sha256 ON videos (sha256);

CREATE TABLE calibrations (
    id CHAR(36) NOT NULL,
    video_id CHAR(36) NOT NULL,
    points JSON NOT NULL,
    median_error_m DOUBLE NOT NULL,
    max_error_m DOUBLE NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_calibrations PRIMARY KEY (id),
    CONSTRAINT fk_calibrations_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_calibrations_video_id FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_calibrations_club_id ON calibrations (club_id);

CREATE INDEX ix_calibrations_video_id ON calibrations (video_id);

CREATE TABLE match_lineup_entries (
    id CHAR(36) NOT NULL,
    lineup_id CHAR(36) NOT NULL,
    sheet_order INTEGER NOT NULL,
    team_id CHAR(36) NOT NULL,
    player_id CHAR(36) NOT NULL,
    formation_id CHAR(36),
    is_starting BOOL NOT NULL,
    position_in_formation VARCHAR(50),
    CONSTRAINT pk_match_lineup_entries PRIMARY KEY (id),
    CONSTRAINT fk_match_lineup_entries_formation_id FOREIGN KEY(formation_id) REFERENCES formations (id) ON DELETE SET NULL,
    CONSTRAINT fk_match_lineup_entries_lineup_id FOREIGN KEY(lineup_id) REFERENCES match_lineups (id) ON DELETE CASCADE,
    CONSTRAINT fk_match_lineup_entries_player_id FOREIGN KEY(player_id) REFERENCES players (id) ON DELETE CASCADE,
    CONSTRAINT fk_match_lineup_entries_team_id FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE CASCADE,
    CONSTRAINT uq_match_lineup_entries_lineup_id_player_id UNIQUE (lineup_id, player_id)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_match_lineup_entries_formation_id ON match_lineup_entries (formation_id);

CREATE INDEX ix_match_lineup_entries_player_id ON match_lineup_entries (player_id);

CREATE INDEX ix_match_lineup_entries_team_id ON match_lineup_entries (team_id);

CREATE TABLE video_segments (
    id CHAR(36) NOT NULL,
    match_id CHAR(36) NOT NULL,
    video_id CHAR(36),
    title VARCHAR(200) NOT NULL,
    segment_type VARCHAR(50),
    start_s DOUBLE NOT NULL,
    end_s DOUBLE NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_video_segments PRIMARY KEY (id),
    CONSTRAINT fk_video_segments_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_video_segments_match_id FOREIGN KEY(match_id) REFERENCES matches (id) ON DELETE CASCADE,
    CONSTRAINT fk_video_segments_video_id FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_video_segments_club_id ON video_segments (club_id);

CREATE INDEX ix_video_segments_match_id ON video_segments (match_id);

CREATE INDEX ix_video_segments_video_id ON video_segments (video_id);

CREATE TABLE jobs (
    id CHAR(36) NOT NULL,
    created_by CHAR(36),
    match_id CHAR(36) NOT NULL,
    video_id CHAR(36) NOT NULL,
    calibration_id CHAR(36),
    confidence_threshold DOUBLE,
    status VARCHAR(16) NOT NULL,
    phase VARCHAR(16),
    progress DOUBLE NOT NULL,
    message VARCHAR(500),
    frames_done BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    fence BIGINT NOT NULL,
    lease_expires_at DATETIME(6),
    available_at DATETIME(6) NOT NULL,
    postponed INTEGER NOT NULL,
    error_code VARCHAR(64),
    error_detail TEXT,
    error_hint TEXT,
    started_at DATETIME(6),
    finished_at DATETIME(6),
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_jobs PRIMARY KEY (id),
    CONSTRAINT fk_jobs_calibration_id FOREIGN KEY(calibration_id) REFERENCES calibrations (id) ON DELETE SET NULL,
    CONSTRAINT fk_jobs_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_jobs_created_by FOREIGN KEY(created_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_jobs_match_id FOREIGN KEY(match_id) REFERENCES matches (id) ON DELETE CASCADE,
    CONSTRAINT fk_jobs_video_id FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX idx_job_queue ON jobs (status, available_at);

CREATE INDEX ix_jobs_calibration_id ON jobs (calibration_id);

CREATE INDEX ix_jobs_club_id ON jobs (club_id);

CREATE INDEX ix_jobs_created_by ON jobs (created_by);

CREATE INDEX ix_jobs_match_id ON jobs (match_id);

CREATE INDEX ix_jobs_video_id ON jobs (video_id);

CREATE TABLE analysis_reports (
    id CHAR(36) NOT NULL,
    match_id CHAR(36) NOT NULL,
    video_id CHAR(36),
    job_id CHAR(36),
    report_type VARCHAR(50) NOT NULL,
    engine_name VARCHAR(100),
    engine_version VARCHAR(50),
    total_frames INTEGER NOT NULL,
    players_tracked INTEGER NOT NULL,
    report_data JSON NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_analysis_reports PRIMARY KEY (id),
    CONSTRAINT fk_analysis_reports_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_analysis_reports_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE SET NULL,
    CONSTRAINT fk_analysis_reports_match_id FOREIGN KEY(match_id) REFERENCES matches (id) ON DELETE CASCADE,
    CONSTRAINT fk_analysis_reports_video_id FOREIGN KEY(video_id) REFERENCES videos (id) ON DELETE SET NULL,
    CONSTRAINT uq_analysis_reports_job_id UNIQUE (job_id)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_analysis_reports_club_id ON analysis_reports (club_id);

CREATE INDEX ix_analysis_reports_match_id ON analysis_reports (match_id);

CREATE INDEX ix_analysis_reports_video_id ON analysis_reports (video_id);

CREATE TABLE ball_positions (
    report_id CHAR(36) NOT NULL,
    frame INTEGER NOT NULL,
    time_s DOUBLE NOT NULL,
    x_px DOUBLE,
    y_px DOUBLE,
    x_m DOUBLE,
    y_m DOUBLE,
    confidence DOUBLE,
    CONSTRAINT pk_ball_positions PRIMARY KEY (report_id, frame),
    CONSTRAINT fk_ball_positions_report_id FOREIGN KEY(report_id) REFERENCES analysis_reports (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE TABLE player_match_statistics (
    id CHAR(36) NOT NULL,
    match_id CHAR(36) NOT NULL,
    player_id CHAR(36),
    report_id CHAR(36),
    track_number INTEGER,
    team VARCHAR(16),
    seconds_seen DOUBLE,
    distance_m DOUBLE,
    distance_error_m DOUBLE,
    top_speed_mps DOUBLE,
    top_speed_error_mps DOUBLE,
    mean_speed_mps DOUBLE,
    mean_x_m DOUBLE,
    mean_y_m DOUBLE,
    heatmap JSON,
    minutes_played INTEGER,
    goals INTEGER,
    assists INTEGER,
    shots INTEGER,
    shots_on_target INTEGER,
    passes INTEGER,
    accurate_passes INTEGER,
    key_passes INTEGER,
    tackles INTEGER,
    interceptions INTEGER,
    clearances INTEGER,
    saves INTEGER,
    fouls_committed INTEGER,
    fouls_suffered INTEGER,
    offsides INTEGER,
    rating DOUBLE,
    notes TEXT,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_player_match_statistics PRIMARY KEY (id),
    CONSTRAINT fk_player_match_statistics_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_player_match_statistics_match_id FOREIGN KEY(match_id) REFERENCES matches (id) ON DELETE CASCADE,
    CONSTRAINT fk_player_match_statistics_player_id FOREIGN KEY(player_id) REFERENCES players (id) ON DELETE CASCADE,
    CONSTRAINT fk_player_match_statistics_report_id FOREIGN KEY(report_id) REFERENCES analysis_reports (id) ON DELETE CASCADE,
    CONSTRAINT uq_player_match_statistics_report_id_track_number UNIQUE (report_id, track_number)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX idx_player_stats_match ON player_match_statistics (match_id);

CREATE INDEX ix_player_match_statistics_club_id ON player_match_statistics (club_id);

CREATE INDEX ix_player_match_statistics_player_id ON player_match_statistics (player_id);

CREATE TABLE tracks (
    report_id CHAR(36) NOT NULL,
    track_number INTEGER NOT NULL,
    player_id CHAR(36),
    team VARCHAR(16),
    first_seen_s DOUBLE NOT NULL,
    last_seen_s DOUBLE NOT NULL,
    frames_seen INTEGER NOT NULL,
    CONSTRAINT pk_tracks PRIMARY KEY (report_id, track_number),
    CONSTRAINT fk_tracks_player_id FOREIGN KEY(player_id) REFERENCES players (id) ON DELETE SET NULL,
    CONSTRAINT fk_tracks_report_id FOREIGN KEY(report_id) REFERENCES analysis_reports (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_tracks_player_id ON tracks (player_id);

INSERT INTO alembic_version (version_num) VALUES ('0001');
