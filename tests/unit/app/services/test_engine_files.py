"""Files that an engine names: which are taken, and which are not, on a real file system."""

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.errors import PermanentFailure, TransientFailure
from app.services import engine_files
from app.services.engine import ResultFiles
from app.services.engine_files import ExpectedFiles, SharedDirectory

RUN = "5f0c0a52-9df5-4b8b-9c3e-0d1f7a6b2c11-1"
CSV = b"frame,player_id,x,y\n1,0,1.0,2.0\n"


@dataclass
class Disk:
    """A shared directory, and a place of ours beside it."""

    root: Path
    ours: Path

    def expect(self) -> ExpectedFiles:
        return SharedDirectory(self.root, patience_s=0.3).expect(RUN, self.ours)

    @property
    def folder(self) -> Path:
        return self.root / f"analysis_{RUN}"

    @property
    def players(self) -> Path:
        return self.ours / "players.csv"

    @property
    def ball(self) -> Path:
        return self.ours / "ball.csv"

    def fetch(
        self,
        players: Path | str,
        ball: Path | str = "",
        *,
        claimed: bool = False,
        expected: ExpectedFiles | None = None,
    ) -> None:
        files = ResultFiles(str(players), str(ball), players_claimed=claimed)
        (expected or self.expect()).fetch(files, players=self.players, ball=self.ball)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    made = Disk(tmp_path / "shared", tmp_path / "ours")
    made.root.mkdir()
    made.ours.mkdir()
    made.folder.mkdir()
    return made


def write(path: Path, content: bytes = CSV) -> Path:
    path.write_bytes(content)
    return path


def test_both_files_are_copied_and_the_engines_folder_goes(disk: Disk) -> None:
    expected = disk.expect()
    players, ball = write(disk.folder / "player_metrics.csv"), write(disk.folder / "ball_metrics.csv", b"frame,x,y\n")
    beside = write(disk.root / "beside")
    disk.fetch(players, ball, expected=expected)
    assert (disk.players.read_bytes(), disk.ball.read_bytes()) == (CSV, b"frame,x,y\n")
    assert list(disk.root.iterdir()) == [beside]


def test_a_root_that_is_reached_through_a_link_of_the_operator_is_fine(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(disk.root)
    write(disk.folder / "p.csv")
    linked = Disk(tmp_path / "link", disk.ours)
    linked.fetch(linked.folder / "p.csv")
    assert disk.players.read_bytes() == CSV


def folder_of_tenth_attempt(disk: Disk) -> Path:
    tenth = disk.root / f"analysis_{RUN}0"
    tenth.mkdir()
    return write(tenth / "p.csv")


def outside(disk: Disk) -> Path:
    foreign = disk.root.parent / f"analysis_{RUN}"
    foreign.mkdir()
    return write(foreign / "p.csv")


def through_a_linked_folder(disk: Disk) -> Path:
    secret = disk.root.parent / "secret"
    secret.mkdir()
    write(secret / "p.csv")
    disk.folder.rmdir()
    disk.folder.symlink_to(secret)
    return disk.folder / "p.csv"


def through_a_link_further_up(disk: Disk) -> Path:
    inner = disk.ours / f"analysis_{RUN}"
    inner.mkdir()
    write(inner / "p.csv")
    (disk.root / "up").symlink_to(disk.ours)
    return disk.root / "up" / inner.name / "p.csv"


def linked(disk: Disk) -> Path:
    link = disk.folder / "p.csv"
    link.symlink_to(write(disk.ours / "secret"))
    return link


def hard_linked(disk: Disk) -> Path:
    link = disk.folder / "p.csv"
    link.hardlink_to(write(disk.ours / "secret"))
    return link


def fifo(disk: Disk) -> Path:
    os.mkfifo(disk.folder / "p.csv")
    return disk.folder / "p.csv"


def listening_socket(disk: Disk) -> Path:
    path = disk.folder / "p"
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(disk.folder)  # the name of a socket may not be long
        try:
            server.bind("p")
        finally:
            os.chdir(here)
    return path


def directory(disk: Disk) -> Path:
    (disk.folder / "p.csv").mkdir()
    return disk.folder / "p.csv"


REFUSED: dict[str, Callable[[Disk], Path | str]] = {
    "outside the directory": outside,
    "a system file": lambda _: "/etc/passwd",
    "a device": lambda _: "/dev/zero",
    "up and out again": lambda disk: f"{disk.folder}/../../{write(disk.ours / 'secret').relative_to(disk.root.parent)}",
    "up and back": lambda disk: f"{disk.root}/x/../{disk.folder.name}/{write(disk.folder / 'p.csv').name}",
    "relative": lambda disk: f"{disk.folder.name}/{write(disk.folder / 'p.csv').name}",
    "not in a folder": lambda disk: write(disk.root / f"{RUN}.csv"),
    "the folder that runs without an id share": lambda disk: write_in(disk.root / "analysis_"),
    "another attempt's folder": folder_of_tenth_attempt,
    "the folder itself": lambda disk: disk.folder,
    "the file is a link": linked,
    "the file is a second name of another": hard_linked,
    "the folder is a link": through_a_linked_folder,
    "a link further up": through_a_link_further_up,
    "a FIFO": fifo,
    "a socket": listening_socket,
    "a directory": directory,
    "a file as a folder": lambda disk: write(disk.folder / RUN) / "p.csv",
    "a NUL in the name": lambda disk: f"{write(disk.folder / 'p.csv')}\0.png",
    "a name of five thousand letters": lambda disk: disk.folder / ("x" * 5000),
}


def write_in(folder: Path) -> Path:
    folder.mkdir()
    return write(folder / "p.csv")


@pytest.mark.parametrize("case", REFUSED)
def test_a_name_that_is_not_a_plain_file_of_this_run_is_refused_and_nothing_is_removed(disk: Disk, case: str) -> None:
    named = REFUSED[case](disk)
    before = sorted(disk.root.parent.rglob("*"))
    with pytest.raises(PermanentFailure) as refused:
        disk.fetch(named)
    assert refused.value.code == "engine_results_refused"
    assert sorted(disk.root.parent.rglob("*")) == before
    assert not disk.players.exists()


def test_a_file_from_before_the_run_is_refused(disk: Disk) -> None:
    players, expected = write(disk.folder / "p.csv"), disk.expect()
    an_hour_ago = players.stat().st_mtime - 3600
    os.utime(players, (an_hour_ago, an_hour_ago))
    with pytest.raises(PermanentFailure) as refused:
        disk.fetch(players, expected=expected)
    assert refused.value.code == "engine_results_stale"
    assert not disk.players.exists()


def test_a_disk_with_coarse_time_stamps_does_not_make_files_old(disk: Disk) -> None:
    expected = disk.expect()
    players = write(disk.folder / "p.csv")
    os.utime(players, ns=(expected.began_ns, expected.began_ns // 10**9 * 10**9 - 10**9))
    disk.fetch(players, expected=expected)
    assert disk.players.read_bytes() == CSV


def test_a_file_that_was_never_written_means_that_nobody_was_seen(disk: Disk) -> None:
    disk.fetch(disk.folder / "player_metrics.csv", disk.folder / "ball_metrics.csv")
    assert not disk.players.exists()
    assert not disk.folder.exists()  # the empty folder has done its work


def test_an_engine_that_saw_people_and_left_no_file_of_them_is_tried_again(disk: Disk) -> None:
    with pytest.raises(TransientFailure) as failure:
        disk.fetch(disk.folder / "player_metrics.csv", claimed=True)
    assert failure.value.code == "engine_results_missing"


@pytest.mark.parametrize("root", [None, "not there", "shared"])
def test_a_disk_that_is_not_shared_is_not_taken_for_an_empty_match(disk: Disk, root: str | None) -> None:
    """Without the folder, which the engine makes before it opens the video, its disk is another one."""
    disk.folder.rmdir()
    shared = SharedDirectory(disk.root.parent / root if root else None, patience_s=0.3)
    expected = shared.expect(RUN, disk.ours)
    named = f"{shared.root}/analysis_{RUN}/player_metrics.csv"
    with pytest.raises(PermanentFailure) as failure:
        disk.fetch(named, expected=expected)
    assert failure.value.code == "engine_results_unreachable"


@pytest.fixture
def write_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, int], None]:
    """Let an engine write on while its file is copied: one more line after each of the first ``times`` copies."""

    def start(file: Path, times: int) -> None:
        copy, left = engine_files._copy, iter(range(times))

        def copy_and_write(source: int, target: Path) -> bool:
            ends_with_line = copy(source, target)
            if next(left, None) is not None:
                with file.open("ab") as engine:
                    engine.write(b"2,0,1.0,2.0\n")
            return ends_with_line

        monkeypatch.setattr(engine_files, "_copy", copy_and_write)

    return start


def test_a_file_that_still_grows_is_copied_once_it_has_grown(disk: Disk, write_on: Callable[[Path, int], None]) -> None:
    players = write(disk.folder / "p.csv")
    write_on(players, 2)
    disk.fetch(players)
    assert disk.players.read_bytes() == CSV + 2 * b"2,0,1.0,2.0\n"


def test_a_file_that_does_not_stop_growing_is_given_up(disk: Disk, write_on: Callable[[Path, int], None]) -> None:
    players = write(disk.folder / "p.csv")
    write_on(players, 1_000_000)
    with pytest.raises(TransientFailure) as failure:
        disk.fetch(players, expected=SharedDirectory(disk.root, patience_s=0.02).expect(RUN, disk.ours))
    assert failure.value.code == "engine_results_unsettled"


def test_a_file_that_appears_a_moment_after_the_last_word_is_waited_for(disk: Disk) -> None:
    expected = SharedDirectory(disk.root, patience_s=20).expect(RUN, disk.ours)
    late = threading.Timer(0.15, write, [disk.folder / "p.csv"])
    late.start()
    disk.fetch(disk.folder / "p.csv", expected=expected)
    late.join()
    assert disk.players.read_bytes() == CSV


def test_a_cut_file_is_copied_as_it_is_for_the_ingest_to_judge(disk: Disk) -> None:
    disk.fetch(write(disk.folder / "p.csv", CSV[:-3]))
    assert disk.players.read_bytes() == CSV[:-3]


def test_a_file_beyond_the_limit_is_refused_before_it_is_copied(disk: Disk) -> None:
    players = disk.folder / "p.csv"
    with players.open("wb") as file:
        file.truncate(engine_files.MAX_FILE_BYTES + 1)  # a hole: it takes no space
    with pytest.raises(PermanentFailure) as refused:
        disk.fetch(players)
    assert refused.value.code == "metrics_too_large"
    assert not disk.players.exists()
