"""An operator's mistake, told in a sentence: settings that cannot be used, or what they name."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from app.core.errors import CoachProError
from contract.tracing import TracingUnusable

UNUSABLE = 2
"""How a command ends that was given something that it cannot use."""
NOT_STARTED = 3
"""How a server ends that does not start; gunicorn starts a worker that ends with another code again and again."""

# In quotes of the shell: it is there to be copied.
_FIRST_START = """. Make one, once: \
echo "SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(48))')" >> .env"""


@contextmanager
def explained(exit_code: int = UNUSABLE) -> Iterator[None]:
    """An operator's mistake ends the program with one sentence on stderr, and not with a traceback.

    Raises:
        SystemExit: with ``exit_code``, after the sentence.
    """
    try:
        yield
    except (ValidationError, OperationalError, CoachProError, TracingUnusable, OSError) as error:
        sys.stderr.write(f"coach-pro: {_sentence(error)}\n")
        raise SystemExit(exit_code) from None


def _sentence(error: Exception) -> str:
    match error:
        case ValidationError():
            return f"The configuration ({Path('.env').resolve()} and the environment) is not usable: {_refused(error)}"
        case OperationalError():
            return f"The database cannot be used: {error.orig}"
        case CoachProError():
            return error.detail
        case OSError(filename=str() as name, strerror=reason):
            return f"{reason}: {name}"
        case _:
            return str(error)


def _refused(error: ValidationError) -> str:
    """The first variable that is not as it should be, and why."""
    first = error.errors()[0]
    name, reason = "_".join(map(str, first["loc"])).upper(), first["msg"].removeprefix("Value error, ")
    advice = _FIRST_START if (name, first["type"]) == ("SECRET_KEY", "missing") else ""
    return f"{name}: {reason}{advice}"
