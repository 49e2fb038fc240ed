"""Figures that a person would enter by hand: of the players and of the teams."""

from collections.abc import Iterator

from app.models import Base, MatchTeamStatistics, PlayerMatchStatistics
from scripts.seed.identity import CLUB_ID, lines_of, seed_id, values_of


def figure_rows() -> Iterator[Base]:
    yield from _of_players()
    yield from _of_teams()


def _of_players() -> Iterator[Base]:
    """Of those on the sheet who played."""
    for line in lines_of("match_sheet.csv"):
        if line["minutes_played"]:
            player_id = seed_id("player", line["team"], line["jersey_number"])
            figures = values_of(PlayerMatchStatistics, line)
            del figures["team"]  # of a measured track: A or B
            yield PlayerMatchStatistics(
                id=seed_id("statistics", line["match"], player_id),
                club_id=CLUB_ID,
                match_id=seed_id("match", line["match"]),
                player_id=player_id,
                **figures,
            )


def _of_teams() -> Iterator[Base]:
    for line in lines_of("team_statistics.csv"):
        yield MatchTeamStatistics(
            id=seed_id("team statistics", line["match"], line["team"]),
            club_id=CLUB_ID,
            match_id=seed_id("match", line["match"]),
            team_id=seed_id("team", line["team"]),
            **values_of(MatchTeamStatistics, line),
        )
