"""The use case behind ``coach-pro backup prune``: old backups go, and then the files that no kept one names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.core.errors import BackupError
from app.services.backup.vault import StoredBackup, Vault

_Period = Callable[[datetime], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class KeepRules:
    """How many backups to keep: the latest ones, and the latest one of each of the last days, weeks or months.

    Only days, weeks and months in which a backup was made count, so that a machine that was off for a month loses
    nothing by it. They are those of UTC; a week begins on Monday (ISO 8601).
    """

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0


@dataclass(frozen=True, slots=True)
class Pruning:
    """What is kept, each with the rules that want it, and what goes. Both are the newest first."""

    kept: tuple[tuple[Path, str], ...]
    dropped: tuple[Path, ...]
    files: int
    freed_bytes: int


def prune_backups(vault: Vault, rules: KeepRules, *, dry_run: bool) -> Pruning:
    """Delete the backups that no rule wants, and the stored files that belong to no other one.

    Every manifest is read before anything goes: files of a backup that cannot be read would count as nobody's. Backups
    go first, for good, and then files: whoever is killed in between leaves files that the next pruning removes.

    Raises:
        BackupError: no rule keeps anything, there is no backup, one of them is damaged, or the vault is in use.
    """
    if rules == KeepRules():
        raise BackupError("Say what to keep: --keep-last, --keep-daily, --keep-weekly or --keep-monthly.")
    if vault.latest() is None:
        raise BackupError("There is no complete backup to keep.")
    with vault.locked():
        backups = sorted(vault.backups(), key=lambda backup: backup.manifest.made_at, reverse=True)
        wanted = _wanted(backups, rules)
        dropped = [backup for backup in backups if backup.place not in wanted]
        named = {part.sha256 for backup in backups if backup.place in wanted for part in backup.manifest.files}
        unnamed = [path for path in vault.objects() if path.name not in named]
        pruning = Pruning(
            kept=tuple((place, ", ".join(why)) for place, why in wanted.items()),
            dropped=tuple(backup.place for backup in dropped),
            files=len(unnamed),
            freed_bytes=sum(path.stat().st_size for path in unnamed),
        )
        if not dry_run:
            vault.drop(pruning.dropped)
            vault.remove_objects(unnamed)
    return pruning


def _wanted(backups: Sequence[StoredBackup], rules: KeepRules) -> dict[Path, list[str]]:
    """The places of the backups to keep, the newest first, each with the names of the rules that want it."""
    reasons: dict[Path, list[str]] = {backup.place: [] for backup in backups}
    for name, limit, period in _periods(rules):
        for backup in list(_latest_of_each(backups, period))[:limit]:
            reasons[backup.place].append(name)
    return {place: why for place, why in reasons.items() if why}


def _periods(rules: KeepRules) -> Iterator[tuple[str, int, _Period]]:
    yield "last", rules.last, lambda moment: (int(moment.timestamp() * 1e6),)
    yield "daily", rules.daily, lambda moment: (moment.year, moment.month, moment.day)
    yield "weekly", rules.weekly, lambda moment: tuple(moment.isocalendar()[:2])
    yield "monthly", rules.monthly, lambda moment: (moment.year, moment.month)


def _latest_of_each(backups: Sequence[StoredBackup], period: _Period) -> Iterator[StoredBackup]:
    """
    Args:
        backups: the newest first.
    """
    seen: set[tuple[int, ...]] = set()
    for backup in backups:
        of_backup = period(backup.manifest.made_at)
        if of_backup not in seen:
            seen.add(of_backup)
            yield backup
