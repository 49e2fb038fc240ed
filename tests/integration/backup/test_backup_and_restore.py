"""What is backed up while the service runs comes back as it was, on either database."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from app.core.config import Settings
from app.core.database import Database
from app.core.errors import BackupError, StoreUnavailable
from app.core.migrations import upgrade_database
from app.services.backup.make_backup import make_backup
from app.services.backup.restore_backup import Source, restore_backup
from app.services.backup.stored_files import StoredFiles
from app.services.backup.vault import Vault
from app.services.sweep_storage import sweep_storage
from app.services.video_store import LocalVideoStore
from app.workers.assembly import stored_files
from tests.files import files_below
from tests.integration.backup.conftest import Installation, coach_pro, contents_of, wipe
from tests.servers.private_swift import PrivateSwift
from tests.waiting import wait_until

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def restore(database: Database, settings: Settings, source: Path, *, over_rows: bool = False) -> None:
    restore_backup(database, stored_files(settings), Source.at(source), replace=over_rows)


def test_everything_comes_back_as_it_was(installation: Installation, tmp_path: Path) -> None:
    settings, before = installation.api.settings, installation.contents()
    made = installation.back_up()
    assert {table.name: table.rows for table in made.manifest.tables} == {name: len(r) for name, r in before[0].items()}
    assert all(before[0].values())  # not one table is empty
    assert {part.kind.value for part in made.manifest.files} == {"video", "picture", "positions", "preview"}
    wipe(installation.database, settings)
    restore(installation.database, settings, tmp_path / "backups")
    assert installation.contents() == before
    assert not list((settings.upload_dir / ".incoming").iterdir())  # nothing waits for a sweep


@ON_SQLITE
def test_an_installation_moves_from_sqlite_to_mariadb_and_back(
    installation: Installation, tmp_path: Path, mariadb_url: URL, make_settings: Callable[..., Settings]
) -> None:
    settings, before = installation.api.settings, installation.contents()
    installation.back_up()
    there = Database(mariadb_url)
    settings_there = make_settings(data_dir=tmp_path / "there", upload_dir=tmp_path / "there" / "uploads")
    restore(there, settings_there, tmp_path / "backups")
    assert contents_of(there, settings_there) == before
    make_backup(there, stored_files(settings_there), Vault(tmp_path / "backups there"))
    there.dispose()
    wipe(installation.database, settings)
    restore(installation.database, settings, tmp_path / "backups there")
    assert installation.contents() == before


@ON_SQLITE
def test_videos_move_from_a_disk_into_a_bucket_and_back(
    installation: Installation, tmp_path: Path, swift: PrivateSwift, bucket: str, make_settings: Callable[..., Settings]
) -> None:
    settings, (rows, files) = installation.api.settings, installation.contents()
    (video,) = [part for part in installation.back_up().manifest.files if part.kind == "video"]
    wipe(installation.database, settings)
    in_bucket = make_settings(upload_dir=tmp_path / "bucket", **swift.settings(bucket))
    restore(installation.database, in_bucket, tmp_path / "backups")
    assert swift.objects(bucket) == {video.name: video.size_bytes}
    assert not list((in_bucket.upload_dir / ".incoming").iterdir())

    of_bucket = tmp_path / "backups of the bucket"
    vault = Vault(of_bucket)
    first = make_backup(installation.database, stored_files(in_bucket), vault)
    second = make_backup(installation.database, stored_files(in_bucket), vault)
    assert (first.files_copied, second.files_copied) == (len(files), 0)

    wipe(installation.database, in_bucket)
    restore(installation.database, settings, of_bucket)
    assert installation.contents() == (rows, files)


@ON_SQLITE
def test_a_store_that_is_away_ends_a_backup_with_one_sentence(
    installation: Installation, tmp_path: Path, make_settings: Callable[..., Settings]
) -> None:
    nobody = {"s3_endpoint_url": "http://127.0.0.1:1", "s3_access_key_id": "a", "s3_secret_access_key": "b"}
    settings = make_settings(upload_dir=tmp_path / "bucket", s3_bucket="videos", **nobody)
    with pytest.raises(StoreUnavailable):
        make_backup(installation.database, stored_files(settings), Vault(tmp_path / "backups"))
    assert list((tmp_path / "backups" / "backups").iterdir()) == []


class DeletesNothing(LocalVideoStore):
    """As a bucket does that is away."""

    def delete(self, video_id: UUID) -> None:
        raise StoreUnavailable("It is away.")


@ON_SQLITE
def test_films_of_a_club_that_is_erased_once_more_go_though_the_store_is_away(
    installation: Installation, tmp_path: Path
) -> None:
    settings, client, headers = installation.api.settings, installation.api.client, installation.api.headers
    installation.back_up()
    for club in client.get("/api/clubs", headers=headers).json():
        assert client.delete(f"/api/clubs/{club['id']}", headers=headers).status_code == 204
    store = stored_files(settings)
    away = replace(store, videos=DeletesNothing(settings.upload_dir))
    restore_backup(installation.database, away, Source.at(tmp_path / "backups"), replace=True)
    assert files_below(settings.upload_dir) != []
    sweep_storage(installation.database, store.videos)
    assert files_below(settings.upload_dir) == []


@ON_SQLITE
def test_a_database_without_tables_gets_them_from_the_backup(
    installation: Installation, tmp_path: Path, make_settings: Callable[..., Settings]
) -> None:
    before = installation.contents()
    installation.back_up()
    fresh = Database(URL.create("sqlite+pysqlite", database=str(tmp_path / "fresh" / "new.db")))
    settings = make_settings(data_dir=tmp_path / "fresh", upload_dir=tmp_path / "fresh" / "uploads")
    restore(fresh, settings, tmp_path / "backups")
    assert contents_of(fresh, settings) == before
    fresh.dispose()


def test_a_backup_of_an_older_schema_is_brought_to_the_newest(
    database: Database, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = make_settings()
    old_url = URL.create("sqlite+pysqlite", database=str(tmp_path / "old.db"))
    upgrade_database(old_url, "0008")
    old = Database(old_url)
    with old.unit_of_work() as session:
        session.execute(
            text("INSERT INTO clubs (id, name, created_at) VALUES ('c', 'Öre', '2026-08-01 15:00:00.000001')")
        )
    make_backup(old, stored_files(settings), Vault(tmp_path / "backups"))
    old.dispose()
    restore(database, settings, tmp_path / "backups")
    with database.reading() as session:
        assert [
            (row[0], row[1], str(row[2])) for row in session.execute(text("SELECT id, name, created_at FROM clubs"))
        ] == [("c", "Öre", "2026-08-01 15:00:00.000001")]
        assert session.execute(text("SELECT scan_status FROM videos")).all() == []


@ON_SQLITE
def test_a_second_backup_copies_only_what_is_new_and_reads_nothing_else(
    installation: Installation, tmp_path: Path
) -> None:
    first = installation.back_up()
    assert first.files_copied == 4
    (video,) = [part for part in first.manifest.files if part.kind == "video"]
    path = installation.api.settings.upload_dir / video.name
    path.write_bytes(b"another content of the same size".ljust(video.size_bytes, b"!"))
    os.utime(path, ns=(video.modified_ns, video.modified_ns))
    second = installation.back_up()
    assert (second.files_copied, second.manifest.files) == (0, first.manifest.files)
    os.utime(path, ns=(video.modified_ns, video.modified_ns + 1))
    assert installation.back_up().files_copied == 1
    assert Source.at(tmp_path / "backups").place.parent.name == "backups"
    assert len(list((tmp_path / "backups" / "backups").iterdir())) == 3


def seal_in_noise(manifest: Path) -> None:
    manifest.with_suffix(".sha256").write_bytes(b"\xff" * 64)


def unseal(manifest: Path) -> None:
    manifest.with_suffix(".sha256").unlink()


def make_unreadable(manifest: Path) -> None:
    manifest.unlink()
    manifest.mkdir()


@ON_SQLITE
def test_a_damaged_backup_is_told_and_does_not_stop_the_next_one(installation: Installation, tmp_path: Path) -> None:
    settings, before = installation.api.settings, installation.contents()
    sound, damaged = installation.back_up(), []
    for spoil in (cut, seal_in_noise, unseal, make_unreadable):
        damaged.append(installation.back_up().place)
        spoil(damaged[-1] / "manifest.json")
        with pytest.raises(BackupError, match=f"{damaged[-1]} ") as refused:
            restore(installation.database, settings, tmp_path / "backups", over_rows=True)
        assert len(refused.value.detail.splitlines()) == 1
    made = coach_pro(settings, "backup", str(tmp_path / "backups"))
    said, told = made.communicate()
    assert (made.returncode, "4 files, 0 of them new" in said) == (0, True), told
    sentences = [line for line in told.splitlines() if line.endswith("The new backup does without it.")]
    assert [str(place) in sentence for place, sentence in zip(reversed(damaged), sentences, strict=True)] == [True] * 4
    shutil.rmtree(sound.place)
    wipe(installation.database, settings)
    restore(installation.database, settings, tmp_path / "backups")
    assert installation.contents() == before


@ON_SQLITE
def test_where_no_backup_is_sound_everything_is_copied(installation: Installation) -> None:
    cut(installation.back_up().place / "manifest.json")
    made = installation.back_up()
    assert (made.files_copied, len(made.manifest.files), len(made.damaged)) == (4, 4, 1)


def test_a_video_that_is_deleted_meanwhile_is_in_the_backup_wholly_or_not_at_all(
    installation: Installation, tmp_path: Path
) -> None:
    api = installation.api
    real = stored_files(api.settings)
    (stored,) = [path for path in api.settings.upload_dir.iterdir() if path.is_file()]

    class DeletedOnSight(LocalVideoStore):
        def path(self, video_id: UUID) -> Path:
            if str(video_id) == stored.name and stored.exists():
                assert api.client.delete(f"/api/videos/{video_id}", headers=api.headers).status_code == 204
            return super().path(video_id)

    store = StoredFiles(DeletedOnSight(api.settings.upload_dir), real.pictures, real.artifacts)
    made = make_backup(installation.database, store, installation.vault)
    assert not stored.exists()
    rows = (made.place / "tables" / "videos.jsonl").read_text()
    assert stored.name not in rows
    assert stored.name not in {part.name for part in made.manifest.files}
    assert f"video/{stored.name}" not in made.manifest.absent


@ON_SQLITE
def test_a_killed_backup_is_never_taken_for_one(installation: Installation, tmp_path: Path) -> None:
    settings, vault = installation.api.settings, tmp_path / "backups"
    (stored,) = [path for path in settings.upload_dir.iterdir() if path.is_file()]
    content = stored.read_bytes()
    stored.unlink()
    os.mkfifo(stored)  # whoever reads it waits
    process = coach_pro(settings, "backup", str(vault))
    try:
        wait_until(lambda: len(list(vault.glob(".partial-*"))) == 2, patience_s=300)  # tables, and the video
    finally:
        process.kill()
        process.communicate()
    with pytest.raises(BackupError, match="holds no complete backup"):
        Source.at(vault)
    stored.unlink()
    stored.write_bytes(content)
    installation.back_up()
    assert not list(vault.glob(".partial-*"))
    wipe(installation.database, settings)
    restore(installation.database, settings, vault)
    assert stored.read_bytes() == content


@ON_SQLITE
def test_an_installation_with_rows_is_replaced_only_when_told(installation: Installation, tmp_path: Path) -> None:
    settings, before = installation.api.settings, installation.contents()
    made = coach_pro(settings, "backup", str(tmp_path / "backups"))
    said, complained = made.communicate()
    assert (made.returncode, "4 files, 4 of them new" in said) == (0, True), complained
    installation.api.client.post("/api/teams", headers=installation.api.headers, json={"name": "Later"})
    changed = installation.contents()
    refused = coach_pro(settings, "restore", str(tmp_path / "backups"))
    _, sentence = refused.communicate()
    assert (refused.returncode, len(sentence.splitlines())) == (2, 1)
    assert "The database is not empty" in sentence
    assert installation.contents() == changed
    done = coach_pro(settings, "restore", str(tmp_path / "backups"), "--replace")
    said, complained = done.communicate()
    assert (done.returncode, "Restored" in said) == (0, True), complained
    assert installation.contents() == before


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def of_a_newer_schema(path: Path) -> None:
    """As a newer program would have written it, checksum included."""
    manifest = json.loads(path.read_text()) | {"revision": "9999"}
    path.write_text(json.dumps(manifest))
    path.with_suffix(".sha256").write_text(hashlib.sha256(path.read_bytes()).hexdigest())


DAMAGE: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "a stored file": ("objects/*/*", flip_a_byte, "is damaged: its copy of .* has another checksum"),
    "a stored file that is gone": ("objects/*/*", Path.unlink, "is not complete: its copy of .* is missing"),
    "a table": ("backups/*/tables/players.jsonl", flip_a_byte, "its copy of table players has another checksum"),
    "a table that is cut": ("backups/*/tables/ball_positions.jsonl", cut, "its copy of table ball_positions"),
    "a manifest that is cut": ("backups/*/manifest.json", cut, "The manifest of .* is damaged"),
    "a manifest without its seal": ("backups/*/manifest.sha256", Path.unlink, "holds no complete backup"),
    "a newer schema": ("backups/*/manifest.json", of_a_newer_schema, "has the schema 9999, which this version"),
}


@ON_SQLITE
def test_a_damaged_backup_is_refused_in_a_sentence_before_anything_is_touched(
    installation: Installation, tmp_path: Path
) -> None:
    before = installation.contents()
    made = installation.back_up()
    for name, (pattern, spoil, sentence) in DAMAGE.items():
        copy = tmp_path / name
        shutil.copytree(tmp_path / "backups", copy)
        spoil(min(copy.glob(pattern)))
        with pytest.raises(BackupError, match=sentence) as refused:
            restore(installation.database, installation.api.settings, copy, over_rows=True)
        assert len(refused.value.detail.splitlines()) == 1
    assert installation.contents() == before
    restore(installation.database, installation.api.settings, made.place, over_rows=True)
    assert installation.contents() == before


@ON_SQLITE
def test_two_backups_to_one_place_do_not_mix(installation: Installation) -> None:
    with installation.vault.locked(), pytest.raises(BackupError, match="somebody makes, prunes or restores one"):
        installation.back_up()
