"""Fewer round trips to MariaDB for each transaction, which are much of what a small read costs.

SQLAlchemy's pool can ask a connection whether it still works each time it is taken, and roll back each time it is put
back. The former is of use to a connection that nobody has used for a while, the latter if no transaction was ended.
"""

from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState

_TRUSTED_S = 1.0
"""So long after its last use a connection is taken for alive: no server comes back in less time."""
_PUT_BACK_AT = "put_back_at"
_IS_OVER = "transaction_is_over"


def spare_round_trips(engine: Engine) -> None:
    """Of an engine whose pool does neither by itself."""

    def ping(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        put_back_at = record.info.get(_PUT_BACK_AT)
        if put_back_at is None or monotonic() - put_back_at < _TRUSTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the others have lost their server, too; a new one is opened

    event.listen(engine, "checkout", ping)
    event.listen(engine, "checkin", _note_time)
    event.listen(engine, "begin", _open)
    event.listen(engine, "commit", _end)
    event.listen(engine, "rollback", _end)
    event.listen(engine, "reset", _reset)


def _note_time(_: object, record: ConnectionPoolEntry) -> None:
    record.info[_PUT_BACK_AT] = monotonic()


def _open(connection: Connection) -> None:
    connection.info.pop(_IS_OVER, None)


def _end(connection: Connection) -> None:
    connection.info[_IS_OVER] = True


def _reset(connection: Any, record: ConnectionPoolEntry, state: PoolResetState) -> None:
    """Whoever takes a raw connection tells nobody whether its transaction is over."""
    if not record.info.pop(_IS_OVER, False) and not state.terminate_only:
        connection.rollback()
