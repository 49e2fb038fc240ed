"""Fill the configured database with the club to look around in: ``make seed``."""

from sqlalchemy import exists, select

from app.core.config import Settings
from app.core.database import Database
from app.core.migrations import upgrade_database
from app.models import Club
from scripts.seed import add_seed
from scripts.seed.identity import CLUB_ID

_LOG_IN = "Log in as coach@example.com, analyst@example.com or viewer@example.com with the password coach-pro-demo."


def main() -> None:
    url = Settings().sqlalchemy_url
    upgrade_database(url)
    database = Database(url)
    with database.unit_of_work() as session:
        is_there = session.scalar(select(exists().where(Club.id == CLUB_ID)))
        if not is_there:
            add_seed(session)
    database.dispose()
    print(f"The demo club {'was there already' if is_there else 'is there'}. {_LOG_IN}")


if __name__ == "__main__":
    main()
