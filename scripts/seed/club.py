"""Who is there: the club, its accounts, two squads, their staff and their dates."""

from collections.abc import Iterator

from app.models import (
    Base,
    Club,
    Competition,
    Formation,
    Membership,
    Player,
    Reunion,
    Role,
    StaffMember,
    Team,
    TrainingSession,
    User,
)
from app.services.standard_formations import STANDARD_FORMATIONS
from scripts.seed.identity import CLUB_ID, lines_of, seed_id, values_of

# hash_password("coach-pro-demo"); fixed, because every hash has a salt of its own.
_DEMO_PASSWORD_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$qkAkvixHWw0HLRyEzbTy5A$7DKq/OdVM79llpAeb9YjSDrCPA59/xrXZwVfNgoxpS8"  # noqa: S105
)
_ACCOUNTS = (("coach", Role.OWNER), ("analyst", Role.ANALYST), ("viewer", Role.VIEWER))
_TEAMS = (
    ("aurelia", "Port Aurelia FC", "#0b6e4f", "#ffffff"),
    ("brindmoor", "Athletic Brindmoor", "#c8102e", "#1d1d1b"),
)
_COMPETITIONS = (("league", "Harbour Coast League"), ("cup", "Harbour Coast Cup"))


def club_rows() -> Iterator[Base]:
    yield Club(id=CLUB_ID, name="Coach Pro demo club")
    yield from _accounts()
    yield from _teams()
    yield from _formations()
    yield from _players()
    yield from _staff()
    yield from _dates()


def _accounts() -> Iterator[Base]:
    for name, role in _ACCOUNTS:
        yield User(
            id=seed_id("user", name),
            email=f"{name}@example.com",
            password_hash=_DEMO_PASSWORD_HASH,
            full_name=f"Demo {name.capitalize()}",
            is_active=True,
            active_club_id=CLUB_ID,
        )
        yield Membership(club_id=CLUB_ID, user_id=seed_id("user", name), role=role)


def _teams() -> Iterator[Base]:
    for team, name, primary, secondary in _TEAMS:
        yield Team(
            id=seed_id("team", team), club_id=CLUB_ID, name=name, primary_color=primary, secondary_color=secondary
        )
    for competition, name in _COMPETITIONS:
        yield Competition(id=seed_id("competition", competition), club_id=CLUB_ID, name=name, season="2026/27")


def _formations() -> Iterator[Base]:
    for name, slots in STANDARD_FORMATIONS.items():
        positions = [slot.as_json() for slot in slots]
        yield Formation(id=seed_id("formation", name), club_id=CLUB_ID, name=name, positions=positions)


def _players() -> Iterator[Base]:
    for line in lines_of("players.csv"):
        yield Player(
            id=seed_id("player", line["team"], line["jersey_number"]),
            club_id=CLUB_ID,
            team_id=seed_id("team", line["team"]),
            **values_of(Player, line),
        )


def _staff() -> Iterator[Base]:
    for line in lines_of("staff.csv"):
        yield StaffMember(
            id=seed_id("staff", line["name"]),
            club_id=CLUB_ID,
            team_id=seed_id("team", line["team"]),
            **values_of(StaffMember, line),
        )


def _dates() -> Iterator[Base]:
    for model in (Reunion, TrainingSession):
        table = model.__tablename__
        for line in lines_of(f"{table}.csv"):
            yield model(id=seed_id(table, line["title"]), club_id=CLUB_ID, **values_of(model, line))
