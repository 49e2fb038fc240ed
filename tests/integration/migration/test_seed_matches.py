"""The played matches of data/full_insert.sql: sheet, events and figures tell the same story."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.models import (
    EventType,
    Formation,
    Match,
    MatchEvent,
    MatchLineup,
    MatchLineupEntry,
    MatchTeamStatistics,
    Player,
    PlayerMatchStatistics,
    Position,
    VideoSegment,
)
from scripts.seed.identity import seed_id

MINUTES = 90


@dataclass(frozen=True, slots=True)
class Played:
    """A match, and everything about it that a person entered."""

    match: Match
    players: dict[uuid.UUID, Player]
    entries: list[MatchLineupEntry]
    figures: dict[uuid.UUID, PlayerMatchStatistics]
    events: list[MatchEvent]
    team_figures: dict[uuid.UUID, MatchTeamStatistics]

    @property
    def scores(self) -> dict[uuid.UUID, int]:
        return {self.match.home_team_id: self.match.home_score, self.match.away_team_id: self.match.away_score}

    def happened(self, *types: EventType) -> list[MatchEvent]:
        return [event for event in self.events if event.event_type in types]

    def of_team(self, team_id: uuid.UUID) -> list[PlayerMatchStatistics]:
        return [row for player_id, row in self.figures.items() if self.players[player_id].team_id == team_id]


@pytest.fixture(params=["played", "cup"])
def played(seeded_database: Database, request: pytest.FixtureRequest) -> Played:
    match_id = seed_id("match", request.param)
    with seeded_database.reading() as session:

        def of_match(model):
            return session.scalars(sa.select(model).where(model.match_id == match_id)).all()

        [lineup] = of_match(MatchLineup)
        entries = sa.select(MatchLineupEntry).where(MatchLineupEntry.lineup_id == lineup.id)
        return Played(
            match=session.get_one(Match, match_id),
            players={player.id: player for player in session.scalars(sa.select(Player))},
            entries=list(session.scalars(entries.order_by(MatchLineupEntry.sheet_order))),
            figures={row.player_id: row for row in of_match(PlayerMatchStatistics)},
            events=sorted(of_match(MatchEvent), key=lambda event: event.minute),
            team_figures={row.team_id: row for row in of_match(MatchTeamStatistics)},
        )


def total(rows: Iterable[PlayerMatchStatistics], figure: str) -> float:
    return sum(getattr(row, figure) for row in rows)


# The sheet.


def test_eleven_start_for_each_team_and_the_others_sit_on_the_bench(played: Played) -> None:
    assert [entry.sheet_order for entry in played.entries] == list(range(36))
    for team_id in played.scores:
        entries = [entry for entry in played.entries if entry.team_id == team_id]
        starters = [entry for entry in entries if entry.is_starting]
        assert len({entry.position_in_formation for entry in starters}) == len(starters) == 11
        assert len(entries) == 18
        assert all(entry.position_in_formation is None for entry in entries if not entry.is_starting)
        assert all(played.players[entry.player_id].team_id == team_id for entry in entries)


def test_the_starters_are_as_many_per_line_as_their_formation_says(played: Played, seeded_database: Database) -> None:
    with seeded_database.reading() as session:
        formations = session.scalars(sa.select(Formation)).all()
    slots = {formation.id: Counter(slot["position"] for slot in formation.positions) for formation in formations}
    for team_id in played.scores:
        starters = [entry for entry in played.entries if entry.is_starting and entry.team_id == team_id]
        [formation_id] = {entry.formation_id for entry in starters}
        assert Counter(played.players[entry.player_id].position for entry in starters) == slots[formation_id]


def test_each_starter_stands_where_the_published_client_looks_for_a_slot(
    played: Played, seeded_database: Database
) -> None:
    with seeded_database.reading() as session:
        formations = {formation.id: formation.positions for formation in session.scalars(sa.select(Formation))}
    for entry in (entry for entry in played.entries if entry.is_starting):
        words = {f"{slot['x']:.4f},{slot['y']:.4f}": slot["position"] for slot in formations[entry.formation_id]}
        assert words[entry.position_in_formation] == played.players[entry.player_id].position


def test_everybody_with_figures_stood_on_the_sheet_and_all_starters_have_some(played: Played) -> None:
    starts = {entry.player_id: entry.is_starting for entry in played.entries}
    assert set(played.figures) <= set(starts)
    assert {player for player, starting in starts.items() if starting} <= set(played.figures)


# The events.


def test_the_goals_add_up_to_the_score(played: Played) -> None:
    goals = Counter(event.team_id for event in played.happened(EventType.GOAL))
    assert goals == played.scores


@pytest.mark.parametrize(("event_type", "figure"), [(EventType.GOAL, "goals"), (EventType.ASSIST, "assists")])
def test_each_player_has_the_goals_and_assists_that_happened(
    played: Played, event_type: EventType, figure: str
) -> None:
    happened = Counter(event.player_id for event in played.happened(event_type))
    entered = Counter({player_id: getattr(row, figure) for player_id, row in played.figures.items()})
    assert +entered == happened


def test_each_assist_belongs_to_a_goal_of_its_team(played: Played) -> None:
    goals = {(event.minute, event.team_id): event.player_id for event in played.happened(EventType.GOAL)}
    for assist in played.happened(EventType.ASSIST):
        assert goals[assist.minute, assist.team_id] != assist.player_id


def test_for_everybody_who_comes_on_somebody_goes_off(played: Played) -> None:
    on, off = (
        Counter((event.minute, event.team_id) for event in played.happened(kind))
        for kind in (EventType.SUB_IN, EventType.SUB_OUT)
    )
    assert on == off
    assert on.total() >= 6


def test_everybody_played_the_minutes_between_coming_on_and_going_off(played: Played) -> None:
    begin = {entry.player_id: 0 for entry in played.entries if entry.is_starting}
    begin |= {event.player_id: event.minute for event in played.happened(EventType.SUB_IN)}
    left = {event.player_id: event.minute for event in played.happened(EventType.SUB_OUT, EventType.RED_CARD)}
    minutes = {player_id: left.get(player_id, MINUTES) - start for player_id, start in begin.items()}
    assert {player_id: row.minutes_played for player_id, row in played.figures.items()} == minutes


def test_nobody_does_anything_before_coming_on_or_after_going_off(played: Played) -> None:
    on = {event.player_id: event.minute for event in played.happened(EventType.SUB_IN)}
    off = {event.player_id: event.minute for event in played.happened(EventType.SUB_OUT, EventType.RED_CARD)}
    for event in played.events:
        assert on.get(event.player_id, 0) <= event.minute <= off.get(event.player_id, MINUTES)
        assert played.players[event.player_id].team_id == event.team_id


def test_events_lie_on_the_pitch_and_within_their_minute_of_the_film(played: Played) -> None:
    """The film of a match starts with the kick-off, and leaves the half-time break out."""
    for event in played.events:
        if event.x_m is not None:
            assert 0 <= event.x_m <= played.match.pitch_length_m
            assert 0 <= event.y_m <= played.match.pitch_width_m
        if event.video_time_s is not None:
            assert 60 * (event.minute - 1) <= event.video_time_s <= 60 * event.minute


def test_segments_show_the_events_that_they_are_linked_to(played: Played, seeded_database: Database) -> None:
    events = {event.id: event for event in played.events}
    with seeded_database.reading() as session:
        mine = sa.select(VideoSegment).where(VideoSegment.match_id == played.match.id)
        linked = [segment for segment in session.scalars(mine) if segment.match_event_id is not None]
    assert len(linked) >= 2
    for segment in linked:
        assert segment.start_s <= events[segment.match_event_id].video_time_s <= segment.end_s


# The figures.


def test_the_figures_of_the_two_teams_agree_with_each_other(played: Played) -> None:
    for team_id, conceding in zip(played.scores, reversed(played.scores), strict=True):
        mine, theirs = played.of_team(team_id), played.of_team(conceding)
        sent_off = [event for event in played.happened(EventType.RED_CARD) if event.team_id == team_id]
        assert total(mine, "minutes_played") == 11 * MINUTES - sum(MINUTES - event.minute for event in sent_off)
        assert total(mine, "key_passes") <= total(mine, "shots")
        assert total(mine, "saves") == total(theirs, "shots_on_target") - total(theirs, "goals")
        assert total(mine, "fouls_suffered") == total(theirs, "fouls_committed")


def test_the_figures_of_each_player_are_possible(played: Played) -> None:
    for player_id, row in played.figures.items():
        assert 0 < row.minutes_played <= MINUTES
        assert row.shots >= row.shots_on_target >= row.goals >= 0
        assert row.passes >= row.accurate_passes >= 0
        assert row.key_passes >= row.assists >= 0
        assert (row.player_xg > 0) == (row.shots > 0)
        assert row.player_xg <= row.shots
        assert 0 <= row.rating <= 10
        assert row.saves == 0 or played.players[player_id].position is Position.GOALKEEPER


@pytest.mark.parametrize(
    ("of_team", "of_players"),
    [
        ("total_shots", "shots"),
        ("shots_on_target", "shots_on_target"),
        ("fouls", "fouls_committed"),
        ("offsides", "offsides"),
        ("expected_goals", "player_xg"),
    ],
)
def test_the_figures_of_a_team_are_the_sums_of_its_players(played: Played, of_team: str, of_players: str) -> None:
    for team_id, row in played.team_figures.items():
        assert getattr(row, of_team) == pytest.approx(total(played.of_team(team_id), of_players))


def test_both_teams_have_figures_and_share_the_ball(played: Played) -> None:
    assert set(played.team_figures) == set(played.scores)
    assert sum(row.possession_percentage for row in played.team_figures.values()) == 100
    for row in played.team_figures.values():
        assert sum((row.set_piece_xg_breakdown_data or {}).values()) <= row.expected_goals


def test_notes_keep_their_quotes_and_percent_signs(seeded_database: Database) -> None:
    with seeded_database.reading() as session:
        notes = set(session.scalars(sa.select(PlayerMatchStatistics.notes)))
        told = set(session.scalars(sa.select(MatchEvent.notes)))
    assert {
        "Booked after 55'; didn't lose his head.",
        "Wins 70 % of his duels: show him the clip of the 40th minute.",
        'Fouled four times: ask for quicker passes into his "other" foot.',
    } <= notes
    assert 'Last man; "a clear goal-scoring opportunity", said the referee.' in told
