"""How such a backend is usually begun: FastAPI, a token that is looked up, plain SQL, a connection per request.

It answers the two reads that are compared, from the same tables and as much of them. The measure beside ours.

python -m benchmarks.ancestor DATABASE_URL plain|tls
"""

import os
import socket
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import jwt
import pymysql
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pymysql.cursors import DictCursor
from sqlalchemy.engine import URL, make_url

from app.core.security import ALGORITHM, AUDIENCE

Row = dict[str, Any]
Connection = Any  # pymysql.Connection, which is generic for type checkers only, and FastAPI looks at it

_MATCH = """
    SELECT m.*, home.name AS home_team_name, away.name AS away_team_name, c.name AS competition_name
    FROM matches m LEFT JOIN teams home ON home.id = m.home_team_id LEFT JOIN teams away ON away.id = m.away_team_id
    LEFT JOIN competitions c ON c.id = m.competition_id
    WHERE m.club_id IN (SELECT club_id FROM memberships WHERE user_id = %s)
"""
_FIGURES = """
    s.id, s.club_id, s.match_id, s.player_id, s.report_id, s.track_number, s.team, s.seconds_seen, s.confidence,
    s.distance_m, s.distance_error_m, s.top_speed_mps, s.top_speed_error_mps, s.mean_speed_mps, s.sprint_count,
    s.mean_x_m, s.mean_y_m, s.minutes_played, s.goals, s.assists, s.shots, s.passes, s.rating, s.created_at,
    s.updated_at
"""
_PARTS = {
    "lineup": "SELECT e.*, p.* FROM match_lineup_entries e JOIN match_lineups l ON l.id = e.lineup_id "
    "JOIN players p ON p.id = e.player_id WHERE l.match_id = %s ORDER BY e.sheet_order",
    "events": "SELECT e.*, p.name AS player_name FROM match_events e LEFT JOIN players p ON p.id = e.player_id "
    "WHERE e.match_id = %s ORDER BY e.minute",
    "player_stats": f"SELECT {_FIGURES}, p.name AS player_name FROM player_match_statistics s "
    "LEFT JOIN players p ON p.id = s.player_id WHERE s.match_id = %s ORDER BY s.report_id, s.track_number",
    "team_stats": "SELECT * FROM match_team_statistics WHERE match_id = %s",
    "videos": "SELECT * FROM videos WHERE match_id = %s ORDER BY created_at",
    "reports": "SELECT id, match_id, video_id, report_type, engine_name, engine_version, players_tracked, notes, "
    "created_at FROM analysis_reports WHERE match_id = %s ORDER BY created_at DESC",
    "segments": "SELECT * FROM video_segments WHERE match_id = %s ORDER BY start_s",
    "jobs": "SELECT * FROM jobs WHERE match_id = %s ORDER BY created_at DESC LIMIT 1",
}


def make_app(url: URL, *, secret: str, connect_options: dict[str, Any]) -> FastAPI:
    app = FastAPI()
    bearer = OAuth2PasswordBearer(tokenUrl="token")

    def get_connection() -> Iterator[Connection]:
        connection = pymysql.connect(
            host=url.host or "",
            port=url.port or 3306,
            user=url.username,
            database=url.database,
            cursorclass=DictCursor,
            **connect_options,
        )
        try:
            yield connection
        finally:
            connection.close()

    connected = Annotated[Connection, Depends(get_connection)]

    def get_user(connection: connected, token: Annotated[str, Depends(bearer)]) -> Row:
        try:
            claims = jwt.decode(token, secret, algorithms=[ALGORITHM], audience=AUDIENCE)
        except jwt.InvalidTokenError:
            raise HTTPException(401, "Could not validate credentials") from None
        rows = _rows(connection, "SELECT id, email, is_active FROM users WHERE id = %s", claims["sub"])
        if not rows or not rows[0]["is_active"]:
            raise HTTPException(401, "Could not validate credentials")
        return rows[0]

    asking = Annotated[Row, Depends(get_user)]

    @app.get("/api/matches")
    def list_matches(connection: connected, user: asking, limit: int = 100, offset: int = 0) -> list[Row]:
        page = f"{_MATCH} ORDER BY m.match_date DESC LIMIT %s OFFSET %s"
        return _rows(connection, page, user["id"], limit, offset)

    @app.get("/api/matches/{match_id}/details")
    def get_details(connection: connected, user: asking, match_id: str) -> Row:
        found = _rows(connection, f"{_MATCH} AND m.id = %s", user["id"], match_id)
        if not found:
            raise HTTPException(404, "Match not found")
        return {"match_info": found[0]} | {name: _rows(connection, query, match_id) for name, query in _PARTS.items()}

    return app


def _rows(connection: Connection, query: str, *values: object) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def main() -> None:
    url, encryption = make_url(sys.argv[1]), sys.argv[2]
    # PyMySQL itself uses TLS wherever the server offers it.
    options = {"ssl_disabled": True} if encryption == "plain" else {}
    app = make_app(url, secret=os.environ["SECRET_KEY"], connect_options=options)
    config = uvicorn.Config(app, log_level="warning")
    listener = socket.create_server(("127.0.0.1", 0), backlog=config.backlog)
    sys.stdout.write(f"serves at http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
