"""One block is one transaction, and side effects wait for its commit."""

import threading
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from app.core.database import Database, after_commit
from app.core.errors import Conflict
from app.models import Club, Team


class Interrupted(Exception):
    """What the block of a test raises."""


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Club.name).order_by(Club.name)))


def test_a_block_that_ends_is_committed(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(Club(name="kept"))
        assert names(database) == []
    assert names(database) == ["kept"]


def test_a_block_that_raises_is_rolled_back_even_after_a_flush(database: Database) -> None:
    def add_and_stumble() -> None:
        with database.unit_of_work() as session:
            session.add(Club(name="lost"))
            session.flush()
            raise Interrupted

    with pytest.raises(Interrupted):
        add_and_stumble()
    assert names(database) == []


def test_rows_stay_readable_after_the_commit(database: Database) -> None:
    with database.unit_of_work() as session:
        club = Club(name="kept")
        session.add(club)
    assert club.name == "kept"


def test_reading_writes_nothing(database: Database) -> None:
    with database.reading() as session:
        session.add(Club(name="lost"))
        session.flush()
        after_commit(session, lambda: pytest.fail("there was no commit"))
    assert names(database) == []


def test_an_effect_that_raises_does_not_stop_the_next(database: Database) -> None:
    done: list[str] = []

    def stumble() -> None:
        raise Interrupted

    def write() -> None:
        with database.unit_of_work() as session:
            after_commit(session, stumble)
            after_commit(session, lambda: done.append("second"))

    with pytest.raises(Interrupted):
        write()
    assert done == ["second"]


def test_effects_run_in_order_and_see_what_was_committed(database: Database) -> None:
    seen: list[tuple[str, list[str]]] = []
    with database.unit_of_work() as session:
        after_commit(session, lambda: seen.append(("first", names(database))))
        session.add(Club(name="kept"))
        after_commit(session, lambda: seen.append(("second", names(database))))
        session.flush()
        assert seen == []
    assert seen == [("first", ["kept"]), ("second", ["kept"])]


def test_an_effect_may_open_a_unit_of_work_of_its_own(database: Database) -> None:
    def add_another() -> None:
        with database.unit_of_work() as session:
            session.add(Club(name="by the effect"))

    with database.unit_of_work() as session:
        session.add(Club(name="by the block"))
        after_commit(session, add_another)
    assert names(database) == ["by the block", "by the effect"]


def _raise(_: Session) -> None:
    raise Interrupted


def _break_a_rule(session: Session) -> None:
    """Found at the commit itself: the block has ended by then."""
    session.add(Team(club_id=uuid.uuid4(), name="nobody's"))


@pytest.mark.parametrize("fault", [_raise, _break_a_rule])
def test_effects_of_a_failed_block_never_run(database: Database, fault: Callable[[Session], None]) -> None:
    ran: list[str] = []

    def register_and_fail() -> None:
        with database.unit_of_work() as session:
            after_commit(session, lambda: ran.append("effect of the failed block"))
            fault(session)

    with pytest.raises((Interrupted, Conflict)):
        register_and_fail()
    with database.unit_of_work() as session:
        session.add(Club(name="next"))
    assert ran == []
    assert names(database) == ["next"]


def test_releasing_a_savepoint_is_no_commit(database: Database) -> None:
    ran: list[str] = []

    def release_and_stumble() -> None:
        with database.unit_of_work() as session:
            with session.begin_nested():
                session.add(Club(name="inside"))
                after_commit(session, lambda: ran.append("too early"))
            assert ran == []
            raise Interrupted

    with pytest.raises(Interrupted):
        release_and_stumble()
    assert ran == []
    assert names(database) == []


def test_a_rolled_back_savepoint_leaves_the_rest_of_the_block(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(Club(name="outside"))
        savepoint = session.begin_nested()
        session.add(Club(name="inside"))
        session.flush()
        savepoint.rollback()
    assert names(database) == ["outside"]


def test_an_effect_runs_once_when_the_block_holds_a_savepoint(database: Database) -> None:
    ran: list[str] = []
    with database.unit_of_work() as session:
        after_commit(session, lambda: ran.append("once"))
        with session.begin_nested():
            session.add(Club(name="inside"))
    assert ran == ["once"]


def test_writers_that_read_first_wait_for_each_other_on_sqlite(sqlite_url: URL) -> None:
    """Without the write lock at the start, the second writer fails with "database is locked", however long it waits."""
    rounds, writers = 25, 4
    database = Database(sqlite_url)
    with database.unit_of_work() as session:
        session.add(Club(name="0"))
    start, failures = threading.Barrier(writers), []

    def count() -> None:
        start.wait()
        try:
            for _ in range(rounds):
                with database.unit_of_work() as session:
                    club = session.scalars(sa.select(Club)).one()
                    club.name = str(int(club.name) + 1)
        except sa.exc.OperationalError as error:
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert names(database) == [str(rounds * writers)]
    database.dispose()


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(Club(name="not yet"))
        session.flush()
        assert names(database) == []
