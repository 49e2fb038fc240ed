"""What was played and will be: matches, their sheets, and what happened in them."""

from collections.abc import Iterator, Sequence

from app.models import Base, Match, MatchEvent, MatchLineup, MatchLineupEntry
from app.services.standard_formations import STANDARD_FORMATIONS
from scripts.seed.identity import CLUB_ID, id_or_none, lines_of, seed_id, values_of


def match_rows() -> Iterator[Base]:
    for line in lines_of("matches.csv"):
        yield Match(
            id=seed_id("match", line["match"]),
            club_id=CLUB_ID,
            home_team_id=id_or_none("team", line["home"]),
            away_team_id=id_or_none("team", line["away"]),
            competition_id=id_or_none("competition", line["competition"]),
            **values_of(Match, line),
        )
    yield from _sheets()
    yield from _events()


def _sheets() -> Iterator[Base]:
    lines = list(lines_of("match_sheet.csv"))
    for match in dict.fromkeys(line["match"] for line in lines):
        yield MatchLineup(id=seed_id("lineup", match), club_id=CLUB_ID, match_id=seed_id("match", match))
        on_sheet = [line for line in lines if line["match"] == match]
        places = _places(on_sheet)
        for order, line in enumerate(on_sheet):
            yield _entry(line, order, places.get(order))


def _places(on_sheet: Sequence[dict[str, str]]) -> dict[int, str]:
    """Where the starters stand, as the published client writes it. They are listed as the slots of a formation are."""
    slots = {line["team"]: iter(STANDARD_FORMATIONS[line["formation"]]) for line in on_sheet}
    starters = [(order, slots[line["team"]]) for order, line in enumerate(on_sheet) if line["is_starting"] == "yes"]
    return {order: f"{slot.x:.4f},{slot.y:.4f}" for order, slot in ((order, next(of)) for order, of in starters)}


def _entry(line: dict[str, str], order: int, place: str | None) -> MatchLineupEntry:
    player_id = seed_id("player", line["team"], line["jersey_number"])
    return MatchLineupEntry(
        id=seed_id("lineup", line["match"], player_id),
        club_id=CLUB_ID,
        lineup_id=seed_id("lineup", line["match"]),
        sheet_order=order,
        team_id=seed_id("team", line["team"]),
        player_id=player_id,
        formation_id=seed_id("formation", line["formation"]),
        position_in_formation=place,
        **values_of(MatchLineupEntry, line),
    )


def _events() -> Iterator[Base]:
    """What names an event is minute, type, team and number: "79 goal aurelia 19" for example."""
    for line in lines_of("events.csv"):
        happening = " ".join(line[name] for name in ("minute", "event_type", "team", "jersey_number"))
        yield MatchEvent(
            id=seed_id("event", line["match"], happening),
            club_id=CLUB_ID,
            match_id=seed_id("match", line["match"]),
            team_id=seed_id("team", line["team"]),
            player_id=seed_id("player", line["team"], line["jersey_number"]),
            **values_of(MatchEvent, line),
        )
