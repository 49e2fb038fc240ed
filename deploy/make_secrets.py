"""Make the secrets of compose.yaml, at random, in deploy/secrets; what is there stays. Only the standard library.

The folder is its owner's. The files in it are readable by all, since each container reads them as another user.
"""

import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "secrets"


def groups() -> list[dict[str, str]]:
    """Contents by name; files of one group speak of the same password."""
    redis, broker = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    limits = 'save ""\nappendonly no\nmaxmemory 256mb\nmaxmemory-policy volatile-ttl\n'
    return [
        {"secret_key": secrets.token_urlsafe(48)},
        {"db_password": secrets.token_urlsafe(32)},
        {"metrics_token": secrets.token_urlsafe(32)},
        {
            "redis.conf": f"{limits}requirepass {redis}\n",
            "redis_url": f"redis://:{redis}@redis:6379/0",
        },
        {
            "rabbitmq.conf": f"default_user = coach_pro\ndefault_pass = {broker}\n",
            "celery_broker_url": f"amqp://coach_pro:{broker}@rabbitmq:5672//",
        },
    ]


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for group in groups():
        there = [name for name in group if (folder / name).exists()]
        if len(there) not in {0, len(group)}:
            sys.exit(f"{folder}: of {' and '.join(group)} only {there[0]} is there; remove it, and run this again.")
        for name in group.keys() - there:
            (folder / name).write_text(group[name], encoding="utf-8")
            (folder / name).chmod(0o444)
            print(f"{folder / name} written")


if __name__ == "__main__":
    main()
