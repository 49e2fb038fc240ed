"""Write a ``.env`` with a random secret key, unless there is one. Needs only the standard library."""

import os
import secrets
from pathlib import Path

ENV = Path(__file__).resolve().parents[1] / ".env"

TEMPLATE = """\
# Made by `make`; the README describes all settings, .env.example has the common ones. Without DB_* or DATABASE_URL the
# data lies in SQLite under ./var.
SECRET_KEY={secret_key}
"""


def main() -> None:
    try:
        # Readable by its owner only, from the first moment.
        descriptor = os.open(ENV, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{ENV} exists and is left as it is")
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(TEMPLATE.format(secret_key=secrets.token_urlsafe(48)))
    print(f"{ENV} written with a random SECRET_KEY")


if __name__ == "__main__":
    main()
