"""Old backups go by rules, with what only they have; whoever is killed meanwhile loses nothing that is kept."""

import hashlib
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.errors import BackupError
from app.services.backup.manifest import FORMAT, FileKind, FilePart, Manifest
from app.services.backup.prune_backups import KeepRules, Pruning, prune_backups
from app.services.backup.restore_backup import Source
from app.services.backup.vault import Vault, hash_file
from tests.conftest import ROOT
from tests.files import files_below

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def add_backup(vault: Vault, sources: Path, made_at: datetime, *contents: str) -> Path:
    """A backup without tables, of files with these contents."""
    parts = []
    with vault.locked():
        directory = vault.begin()
        for content in contents:
            source = sources / content
            source.write_text(content)
            sha256, size = vault.add(source)
            name = f"{hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()}.webp"
            parts.append(FilePart(kind=FileKind.PICTURE, name=name, modified_ns=1, sha256=sha256, size_bytes=size))
        manifest = Manifest(
            format=FORMAT, backup_id=uuid.uuid4(), made_at=made_at, revision="0001", tables=(), files=tuple(parts),
            absent=(),
        )  # fmt: skip
        return vault.finish(directory, manifest)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    return tmp_path / "sources"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def contents_of(root: Path) -> set[str]:
    """Of the stored files."""
    return {path.read_text() for path in files_below(root / "objects")}


def test_each_rule_keeps_the_latest_backup_of_its_last_periods(vault: Vault, sources: Path) -> None:
    """Two a day on Sunday to Tuesday, and one two months ago; the machine was off in between."""
    old = add_backup(vault, sources, MONDAY - timedelta(days=60))
    days = [MONDAY - timedelta(days=1), MONDAY, MONDAY + timedelta(days=1)]
    early = [add_backup(vault, sources, day) for day in days]
    late = [add_backup(vault, sources, day + timedelta(hours=12)) for day in days]
    kept: list[tuple[KeepRules, set[Path]]] = [
        (KeepRules(last=1), {late[2]}),
        (KeepRules(last=3), {late[2], early[2], late[1]}),
        (KeepRules(daily=2), {late[2], late[1]}),
        (KeepRules(daily=4), {late[2], late[1], late[0], old}),
        (KeepRules(weekly=2), {late[2], late[0]}),
        (KeepRules(monthly=2), {late[2], old}),
        (KeepRules(last=2, weekly=2, monthly=9), {late[2], early[2], late[0], old}),
        (KeepRules(last=99), {old, *early, *late}),
    ]
    for rules, wanted in kept:
        pruning = prune_backups(vault, rules, dry_run=True)
        assert {place for place, _ in pruning.kept} == wanted, rules
        assert set(pruning.dropped) == {old, *early, *late} - wanted, rules
    assert dict(prune_backups(vault, KeepRules(daily=9, monthly=9), dry_run=True).kept)[old] == "daily, monthly"
    assert all(place.is_dir() for place in (old, *early, *late))


def test_files_go_with_the_last_backup_that_names_them(vault: Vault, sources: Path, tmp_path: Path) -> None:
    first = add_backup(vault, sources, MONDAY, "deleted since", "still there")
    second = add_backup(vault, sources, MONDAY + timedelta(days=1), "still there", "new")
    planned = prune_backups(vault, KeepRules(last=1), dry_run=True)
    assert contents_of(tmp_path / "vault") == {"deleted since", "still there", "new"}
    done = prune_backups(vault, KeepRules(last=1), dry_run=False)
    assert done == planned == Pruning(((second, "last"),), (first,), files=1, freed_bytes=len("deleted since"))
    assert contents_of(tmp_path / "vault") == {"still there", "new"}
    assert Source.at(tmp_path / "vault").place == second
    assert not list((tmp_path / "vault").glob(".partial-*"))


class Killed(BaseException):
    pass


KILLS: dict[str, tuple[type, str, int]] = {
    "before anything": (Path, "rename", 0),
    "between two backups": (Path, "rename", 1),
    "while a backup without its name is deleted": (shutil, "rmtree", 0),  # type: ignore[dict-item]
    "before the files": (Path, "unlink", 0),
    "between two files": (Path, "unlink", 1),
}


@pytest.mark.parametrize("moment", KILLS)
def test_a_killed_pruning_loses_nothing_that_is_kept_and_the_next_one_ends_it(
    vault: Vault, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    for day in range(3):
        add_backup(vault, sources, MONDAY + timedelta(days=day), "kept", f"of day {day}", f"more of day {day}")
    owner, name, calls = KILLS[moment]
    real, left = getattr(owner, name), [calls]

    def killed(*arguments: object, **options: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, killed)
        with pytest.raises(Killed):
            prune_backups(vault, KeepRules(last=1), dry_run=False)
    for backup in vault.backups():
        assert all(hash_file(vault.object(part.sha256)) == part.sha256 for part in backup.manifest.files)
    prune_backups(vault, KeepRules(last=1), dry_run=False)
    assert [backup.manifest.made_at for backup in vault.backups()] == [MONDAY + timedelta(days=2)]
    assert contents_of(tmp_path / "vault") == {"kept", "of day 2", "more of day 2"}
    assert not list((tmp_path / "vault").glob(".partial-*"))


@pytest.mark.parametrize("others", [Vault.locked, Vault.in_use])
def test_nothing_is_pruned_while_somebody_makes_or_restores_a_backup(
    vault: Vault, sources: Path, others: Callable[[Vault], object]
) -> None:
    first = add_backup(vault, sources, MONDAY, "old")
    add_backup(vault, sources, MONDAY + timedelta(days=1), "new")
    with others(vault), pytest.raises(BackupError, match="are in use"):  # type: ignore[attr-defined]
        prune_backups(vault, KeepRules(last=1), dry_run=False)
    assert first.is_dir()


def test_two_restores_may_read_at_once(vault: Vault, sources: Path) -> None:
    add_backup(vault, sources, MONDAY)
    with vault.in_use(), vault.in_use():
        pass


def test_a_backup_that_cannot_be_read_stops_the_pruning_before_anything_goes(
    vault: Vault, sources: Path, tmp_path: Path
) -> None:
    """Its files would count as nobody's."""
    damaged = add_backup(vault, sources, MONDAY, "of the damaged one")
    add_backup(vault, sources, MONDAY + timedelta(days=1), "old")
    add_backup(vault, sources, MONDAY + timedelta(days=2), "new")
    (damaged / "manifest.json").write_text("{}")
    with pytest.raises(BackupError, match=r"The manifest of .* is damaged"):
        prune_backups(vault, KeepRules(last=1), dry_run=False)
    assert contents_of(tmp_path / "vault") == {"of the damaged one", "old", "new"}
    assert len(list((tmp_path / "vault" / "backups").iterdir())) == 3


def prune(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "backup", "prune", *arguments],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True,
    )  # fmt: skip


def test_the_command_says_what_it_does_and_needs_no_configuration(vault: Vault, sources: Path, tmp_path: Path) -> None:
    first = add_backup(vault, sources, MONDAY, "old")
    second = add_backup(vault, sources, MONDAY + timedelta(days=1), "new")
    place = str(tmp_path / "vault")
    lines = [f"keep  {second.name}  last, daily", f"drop  {first.name}"]
    tried = prune(place, "--keep-last", "1", "--keep-daily", "1", "--dry-run")
    assert tried.stdout.splitlines() == [*lines, "Would drop backups: 1; files that only they have: 1, 0.0 MB"], (
        tried.stderr
    )
    assert first.is_dir()
    done = prune(place, "--keep-last", "1", "--keep-daily", "1")
    assert done.stdout.splitlines() == [*lines, "Dropped backups: 1; files that only they have: 1, 0.0 MB"], done.stderr
    assert not first.exists()


def test_a_mistake_is_one_sentence_and_makes_nothing(vault: Vault, sources: Path, tmp_path: Path) -> None:
    add_backup(vault, sources, MONDAY)
    mistakes = {
        (str(tmp_path / "vault"),): "Say what to keep",
        (str(tmp_path / "elsewhere"), "--keep-last", "1"): "There is no complete backup to keep",
    }
    for arguments, sentence in mistakes.items():
        refused = prune(*arguments)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
        assert sentence in refused.stderr
    assert not (tmp_path / "elsewhere").exists()
