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

-- Running upgrade 0001 -> 0002

UPDATE players SET dominant_foot = LOWER(dominant_foot);

UPDATE players SET dominant_foot = NULL WHERE dominant_foot NOT IN ('left', 'right', 'both');

CREATE TABLE competitions (
    id CHAR(36) NOT NULL,
    name VARCHAR(200) NOT NULL,
    season VARCHAR(20) NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_competitions PRIMARY KEY (id),
    CONSTRAINT fk_competitions_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT uq_competitions_club_id_name_season UNIQUE (club_id, name, season)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_competitions_club_id ON competitions (club_id);

CREATE TABLE reunions (
    id CHAR(36) NOT NULL,
    title VARCHAR(200) NOT NULL,
    date DATETIME(6) NOT NULL,
    location VARCHAR(200) NOT NULL,
    icon_name VARCHAR(100) NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_reunions PRIMARY KEY (id),
    CONSTRAINT fk_reunions_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_reunions_club_id ON reunions (club_id);

CREATE TABLE training_sessions (
    id CHAR(36) NOT NULL,
    title VARCHAR(200) NOT NULL,
    date DATETIME(6) NOT NULL,
    focus VARCHAR(200) NOT NULL,
    icon_name VARCHAR(100) NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_training_sessions PRIMARY KEY (id),
    CONSTRAINT fk_training_sessions_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_training_sessions_club_id ON training_sessions (club_id);

CREATE TABLE account_sessions (
    id CHAR(36) NOT NULL,
    user_id CHAR(36) NOT NULL,
    user_agent VARCHAR(300),
    address VARCHAR(45),
    last_used_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    revoked_at DATETIME(6),
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_account_sessions PRIMARY KEY (id),
    CONSTRAINT fk_account_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_account_sessions_user_id ON account_sessions (user_id);

CREATE TABLE audit_log (
    id CHAR(36) NOT NULL,
    user_id CHAR(36),
    action VARCHAR(16) NOT NULL,
    resource VARCHAR(64) NOT NULL,
    resource_id CHAR(36) NOT NULL,
    `before` JSON,
    after JSON,
    request_id VARCHAR(64),
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_audit_log PRIMARY KEY (id),
    CONSTRAINT fk_audit_log_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_audit_log_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE SET NULL
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX idx_audit_club_time ON audit_log (club_id, created_at);

CREATE INDEX ix_audit_log_club_id ON audit_log (club_id);

CREATE INDEX ix_audit_log_resource_id ON audit_log (resource_id);

CREATE INDEX ix_audit_log_user_id ON audit_log (user_id);

CREATE TABLE invitations (
    id CHAR(36) NOT NULL,
    email VARCHAR(254) NOT NULL,
    `role` VARCHAR(16) NOT NULL,
    token_hash VARCHAR(64) NOT NULL,
    invited_by CHAR(36),
    expires_at DATETIME(6) NOT NULL,
    accepted_at DATETIME(6),
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_invitations PRIMARY KEY (id),
    CONSTRAINT fk_invitations_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_invitations_invited_by FOREIGN KEY(invited_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT uq_invitations_token_hash UNIQUE (token_hash)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_invitations_club_id ON invitations (club_id);

CREATE INDEX ix_invitations_invited_by ON invitations (invited_by);

CREATE TABLE staff (
    id CHAR(36) NOT NULL,
    team_id CHAR(36),
    name VARCHAR(200) NOT NULL,
    `role` VARCHAR(16) NOT NULL,
    email VARCHAR(254),
    phone VARCHAR(50),
    notes TEXT,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_staff PRIMARY KEY (id),
    CONSTRAINT fk_staff_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_staff_team_id FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE SET NULL
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_staff_club_id ON staff (club_id);

CREATE INDEX ix_staff_team_id ON staff (team_id);

CREATE TABLE match_events (
    id CHAR(36) NOT NULL,
    match_id CHAR(36) NOT NULL,
    team_id CHAR(36),
    player_id CHAR(36),
    event_type VARCHAR(16) NOT NULL,
    minute INTEGER NOT NULL,
    stoppage_minute INTEGER,
    video_time_s DOUBLE,
    x_m DOUBLE,
    y_m DOUBLE,
    notes TEXT,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_match_events PRIMARY KEY (id),
    CONSTRAINT fk_match_events_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_match_events_match_id FOREIGN KEY(match_id) REFERENCES matches (id) ON DELETE CASCADE,
    CONSTRAINT fk_match_events_player_id FOREIGN KEY(player_id) REFERENCES players (id) ON DELETE SET NULL,
    CONSTRAINT fk_match_events_team_id FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE SET NULL
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX idx_match_event_minute ON match_events (match_id, minute);

CREATE INDEX ix_match_events_club_id ON match_events (club_id);

CREATE INDEX ix_match_events_player_id ON match_events (player_id);

CREATE INDEX ix_match_events_team_id ON match_events (team_id);

CREATE TABLE match_team_statistics (
    id CHAR(36) NOT NULL,
    match_id CHAR(36) NOT NULL,
    team_id CHAR(36) NOT NULL,
    possession_percentage DOUBLE,
    expected_goals DOUBLE,
    total_shots INTEGER,
    shots_on_target INTEGER,
    corners INTEGER,
    fouls INTEGER,
    offsides INTEGER,
    pressures INTEGER,
    final_third_passes INTEGER,
    high_turnover_zones_data JSON,
    set_piece_xg_breakdown_data JSON,
    transition_speed_data JSON,
    build_up_patterns JSON,
    defensive_block_patterns JSON,
    notes TEXT,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_match_team_statistics PRIMARY KEY (id),
    CONSTRAINT fk_match_team_statistics_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_match_team_statistics_match_id FOREIGN KEY(match_id) REFERENCES matches (id) ON DELETE CASCADE,
    CONSTRAINT fk_match_team_statistics_team_id FOREIGN KEY(team_id) REFERENCES teams (id) ON DELETE CASCADE,
    CONSTRAINT uq_match_team_statistics_match_id_team_id UNIQUE (match_id, team_id)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_match_team_statistics_club_id ON match_team_statistics (club_id);

CREATE INDEX ix_match_team_statistics_team_id ON match_team_statistics (team_id);

CREATE TABLE refresh_tokens (
    token_hash VARCHAR(64) NOT NULL,
    session_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    used_at DATETIME(6),
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (token_hash),
    CONSTRAINT fk_refresh_tokens_session_id FOREIGN KEY(session_id) REFERENCES account_sessions (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_refresh_tokens_session_id ON refresh_tokens (session_id);

ALTER TABLE analysis_reports ADD COLUMN notes TEXT;

ALTER TABLE analysis_reports ADD COLUMN updated_at DATETIME(6);

ALTER TABLE calibrations ADD COLUMN updated_at DATETIME(6);

ALTER TABLE formations ADD COLUMN updated_at DATETIME(6);

ALTER TABLE jobs ADD COLUMN updated_at DATETIME(6);

ALTER TABLE match_lineup_entries ADD COLUMN club_id CHAR(36);

ALTER TABLE match_lineup_entries ADD COLUMN created_at DATETIME(6);

ALTER TABLE match_lineup_entries ADD COLUMN updated_at DATETIME(6);

CREATE INDEX ix_match_lineup_entries_club_id ON match_lineup_entries (club_id);

ALTER TABLE match_lineup_entries ADD CONSTRAINT fk_match_lineup_entries_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE;

ALTER TABLE match_lineups ADD COLUMN updated_at DATETIME(6);

ALTER TABLE matches ADD COLUMN competition_id CHAR(36);

ALTER TABLE matches ADD COLUMN updated_at DATETIME(6);

CREATE INDEX ix_matches_competition_id ON matches (competition_id);

ALTER TABLE matches ADD CONSTRAINT fk_matches_competition_id FOREIGN KEY(competition_id) REFERENCES competitions (id) ON DELETE SET NULL;

ALTER TABLE memberships ADD COLUMN created_at DATETIME(6);

ALTER TABLE player_match_statistics ADD COLUMN sprint_count INTEGER;

ALTER TABLE player_match_statistics ADD COLUMN sprint_distance_m DOUBLE;

ALTER TABLE player_match_statistics ADD COLUMN progressive_carries INTEGER;

ALTER TABLE player_match_statistics ADD COLUMN player_xg DOUBLE;

ALTER TABLE player_match_statistics ADD COLUMN press_resistance_success_rate DOUBLE;

ALTER TABLE player_match_statistics ADD COLUMN defensive_coverage_km DOUBLE;

ALTER TABLE player_match_statistics ADD COLUMN updated_at DATETIME(6);

ALTER TABLE players ADD COLUMN country_code VARCHAR(2);

ALTER TABLE players ADD COLUMN market_value DOUBLE;

ALTER TABLE players ADD COLUMN updated_at DATETIME(6);

ALTER TABLE players ADD CONSTRAINT uq_players_team_id_jersey_number UNIQUE (team_id, jersey_number);

ALTER TABLE teams ADD COLUMN updated_at DATETIME(6);

ALTER TABLE teams ADD CONSTRAINT uq_teams_club_id_name UNIQUE (club_id, name);

ALTER TABLE users ADD COLUMN active_club_id CHAR(36);

CREATE INDEX ix_users_active_club_id ON users (active_club_id);

ALTER TABLE users ADD CONSTRAINT fk_users_active_club_id FOREIGN KEY(active_club_id) REFERENCES clubs (id) ON DELETE SET NULL;

ALTER TABLE video_segments ADD COLUMN match_event_id CHAR(36);

ALTER TABLE video_segments ADD COLUMN report_id CHAR(36);

ALTER TABLE video_segments ADD COLUMN description TEXT;

ALTER TABLE video_segments ADD COLUMN updated_at DATETIME(6);

CREATE INDEX ix_video_segments_match_event_id ON video_segments (match_event_id);

CREATE INDEX ix_video_segments_report_id ON video_segments (report_id);

ALTER TABLE video_segments ADD CONSTRAINT fk_video_segments_report_id FOREIGN KEY(report_id) REFERENCES analysis_reports (id) ON DELETE SET NULL;

ALTER TABLE video_segments ADD CONSTRAINT fk_video_segments_match_event_id FOREIGN KEY(match_event_id) REFERENCES match_events (id) ON DELETE SET NULL;

ALTER TABLE videos ADD COLUMN updated_at DATETIME(6);

UPDATE match_lineup_entries SET club_id = (SELECT club_id FROM match_lineups WHERE match_lineups.id = match_lineup_entries.lineup_id), created_at = (SELECT created_at FROM match_lineups WHERE match_lineups.id = match_lineup_entries.lineup_id);

UPDATE memberships SET created_at = (SELECT created_at FROM clubs WHERE clubs.id = memberships.club_id);

UPDATE users SET active_club_id = (SELECT club_id FROM memberships WHERE user_id = users.id ORDER BY role <> 'owner', club_id LIMIT 1);

UPDATE analysis_reports SET updated_at = created_at;

ALTER TABLE analysis_reports CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE calibrations SET updated_at = created_at;

ALTER TABLE calibrations CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE formations SET updated_at = created_at;

ALTER TABLE formations CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE jobs SET updated_at = created_at;

ALTER TABLE jobs CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE match_lineup_entries SET updated_at = created_at;

ALTER TABLE match_lineup_entries CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE match_lineups SET updated_at = created_at;

ALTER TABLE match_lineups CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE matches SET updated_at = created_at;

ALTER TABLE matches CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE player_match_statistics SET updated_at = created_at;

ALTER TABLE player_match_statistics CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE players SET updated_at = created_at;

ALTER TABLE players CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE teams SET updated_at = created_at;

ALTER TABLE teams CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE video_segments SET updated_at = created_at;

ALTER TABLE video_segments CHANGE updated_at updated_at DATETIME(6) NOT NULL;

UPDATE videos SET updated_at = created_at;

ALTER TABLE videos CHANGE updated_at updated_at DATETIME(6) NOT NULL;

ALTER TABLE match_lineup_entries MODIFY club_id CHAR(36) NOT NULL;

ALTER TABLE match_lineup_entries CHANGE created_at created_at DATETIME(6) NOT NULL;

ALTER TABLE memberships CHANGE created_at created_at DATETIME(6) NOT NULL;

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';

-- Running upgrade 0002 -> 0003

ALTER TABLE jobs ADD COLUMN frames_total BIGINT;

ALTER TABLE jobs ADD COLUMN frames_per_second DOUBLE;

ALTER TABLE jobs ADD COLUMN phase_progress DOUBLE NOT NULL DEFAULT 0;

CREATE INDEX idx_job_history ON jobs (status, finished_at);

CREATE INDEX idx_job_turns ON jobs (created_by, started_at);

DROP INDEX ix_jobs_created_by ON jobs;

ALTER TABLE jobs ALTER COLUMN phase_progress DROP DEFAULT;

CREATE TABLE job_events (
    id BIGINT NOT NULL AUTO_INCREMENT,
    job_id CHAR(36) NOT NULL,
    happened_at DATETIME(6) NOT NULL,
    status VARCHAR(16) NOT NULL,
    phase VARCHAR(16),
    progress DOUBLE NOT NULL,
    phase_progress DOUBLE NOT NULL,
    frames_done BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    message VARCHAR(500),
    error_code VARCHAR(64),
    CONSTRAINT pk_job_events PRIMARY KEY (id),
    CONSTRAINT fk_job_events_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX idx_job_events ON job_events (job_id, id);

INSERT INTO job_events (job_id, happened_at, status, phase, progress, phase_progress, frames_done, attempt, message, error_code) SELECT id, COALESCE(finished_at, started_at, created_at), status, phase, progress, phase_progress, frames_done, attempt, message, error_code FROM jobs ORDER BY created_at;

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0002';

-- Running upgrade 0003 -> 0004

CREATE TABLE webhooks (
    id CHAR(36) NOT NULL,
    url VARCHAR(2000) NOT NULL,
    description VARCHAR(500),
    events JSON NOT NULL,
    secret VARCHAR(100) NOT NULL,
    previous_secret VARCHAR(100),
    previous_secret_until DATETIME(6),
    is_active BOOL NOT NULL,
    disabled_reason VARCHAR(500),
    consecutive_failures INTEGER NOT NULL,
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_webhooks PRIMARY KEY (id),
    CONSTRAINT fk_webhooks_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_webhooks_club_id ON webhooks (club_id);

CREATE TABLE webhook_deliveries (
    id CHAR(36) NOT NULL,
    webhook_id CHAR(36) NOT NULL,
    message_id VARCHAR(64) NOT NULL,
    event_type VARCHAR(16) NOT NULL,
    payload TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    attempt INTEGER NOT NULL,
    next_attempt_at DATETIME(6) NOT NULL,
    leased_until DATETIME(6),
    last_status INTEGER,
    last_error VARCHAR(500),
    response_ms INTEGER,
    finished_at DATETIME(6),
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id),
    CONSTRAINT fk_webhook_deliveries_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_webhook_deliveries_webhook_id FOREIGN KEY(webhook_id) REFERENCES webhooks (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX idx_delivery_due ON webhook_deliveries (state, next_attempt_at);

CREATE INDEX idx_delivery_webhook ON webhook_deliveries (webhook_id, state);

CREATE INDEX ix_webhook_deliveries_club_id ON webhook_deliveries (club_id);

UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0003';

-- Running upgrade 0004 -> 0005

CREATE TABLE idempotency_keys (
    user_id CHAR(36) NOT NULL,
    key_hash VARCHAR(64) NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    claim_id CHAR(36) NOT NULL,
    lease_expires_at DATETIME(6) NOT NULL,
    answer MEDIUMTEXT,
    created_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, key_hash),
    CONSTRAINT fk_idempotency_keys_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);

UPDATE alembic_version SET version_num='0005' WHERE alembic_version.version_num = '0004';

-- Running upgrade 0005 -> 0006

ALTER TABLE analysis_reports MODIFY total_frames INTEGER NULL;

ALTER TABLE analysis_reports MODIFY players_tracked INTEGER NULL;

ALTER TABLE analysis_reports MODIFY report_data JSON NULL;

UPDATE alembic_version SET version_num='0006' WHERE alembic_version.version_num = '0005';

-- Running upgrade 0006 -> 0007

ALTER TABLE jobs ADD COLUMN frame_stride INTEGER;

UPDATE alembic_version SET version_num='0007' WHERE alembic_version.version_num = '0006';

-- Running upgrade 0007 -> 0008

CREATE TABLE track_links (
    id CHAR(36) NOT NULL,
    match_id CHAR(36) NOT NULL,
    report_id CHAR(36) NOT NULL,
    from_track INTEGER NOT NULL,
    to_track INTEGER NOT NULL,
    confidence DOUBLE NOT NULL,
    undone_at DATETIME(6),
    club_id CHAR(36) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_track_links PRIMARY KEY (id),
    CONSTRAINT fk_track_links_club_id FOREIGN KEY(club_id) REFERENCES clubs (id) ON DELETE CASCADE,
    CONSTRAINT fk_track_links_match_id FOREIGN KEY(match_id) REFERENCES matches (id) ON DELETE CASCADE,
    CONSTRAINT fk_track_links_report_id FOREIGN KEY(report_id) REFERENCES analysis_reports (id) ON DELETE CASCADE,
    CONSTRAINT uq_track_links_report_id_to_track UNIQUE (report_id, to_track)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

CREATE INDEX ix_track_links_club_id ON track_links (club_id);

CREATE INDEX ix_track_links_match_id ON track_links (match_id);

UPDATE alembic_version SET version_num='0008' WHERE alembic_version.version_num = '0007';

-- Running upgrade 0008 -> 0009

ALTER TABLE ball_positions ADD COLUMN interpolated BOOL NOT NULL DEFAULT false;

ALTER TABLE ball_positions ALTER COLUMN interpolated DROP DEFAULT;

ALTER TABLE jobs ADD COLUMN preview BOOL NOT NULL DEFAULT false;

ALTER TABLE jobs ADD COLUMN preview_bytes BIGINT;

ALTER TABLE jobs ALTER COLUMN preview DROP DEFAULT;

ALTER TABLE tracks ADD COLUMN confidence DOUBLE;

ALTER TABLE player_match_statistics ADD COLUMN confidence DOUBLE;

UPDATE alembic_version SET version_num='0009' WHERE alembic_version.version_num = '0008';

-- Running upgrade 0009 -> 0010

ALTER TABLE videos ADD COLUMN scan_status VARCHAR(16) NOT NULL DEFAULT 'not_scanned';

ALTER TABLE videos ADD COLUMN scan_reason VARCHAR(16) DEFAULT 'not_yet';

ALTER TABLE videos ADD COLUMN scan_signature VARCHAR(255);

ALTER TABLE videos ADD COLUMN scanned_at DATETIME(6);

ALTER TABLE videos ALTER COLUMN scan_status DROP DEFAULT;

ALTER TABLE videos ALTER COLUMN scan_reason DROP DEFAULT;

UPDATE alembic_version SET version_num='0010' WHERE alembic_version.version_num = '0009';

-- Running upgrade 0010 -> 0011

ALTER TABLE clubs ADD COLUMN footage_retention_days INTEGER;

ALTER TABLE videos ADD COLUMN footage_deleted_at DATETIME(6);

UPDATE alembic_version SET version_num='0011' WHERE alembic_version.version_num = '0010';

-- Running upgrade 0011 -> 0012

CREATE TABLE erasures (
    resource VARCHAR(64) NOT NULL,
    resource_id CHAR(36) NOT NULL,
    erased_at DATETIME(6) NOT NULL,
    CONSTRAINT pk_erasures PRIMARY KEY (resource, resource_id)
)CHARSET=utf8mb4 ENGINE=InnoDB COLLATE utf8mb4_bin;

UPDATE alembic_version SET version_num='0012' WHERE alembic_version.version_num = '0011';

-- Running upgrade 0012 -> 0013

ALTER TABLE jobs ADD COLUMN traceparent VARCHAR(55);

UPDATE alembic_version SET version_num='0013' WHERE alembic_version.version_num = '0012';

-- Running upgrade 0013 -> 0014

UPDATE audit_log SET `before`=json_remove(audit_log.`before`, '$.email') WHERE audit_log.resource = 'invitations' AND audit_log.`before` IS NOT NULL;

UPDATE audit_log SET after=json_remove(audit_log.after, '$.email') WHERE audit_log.resource = 'invitations' AND audit_log.after IS NOT NULL;

UPDATE alembic_version SET version_num='0014' WHERE alembic_version.version_num = '0013';
