"""A release is whole or not at all, and what it builds runs where nothing else is."""

import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx2
import pytest

from app.core.config import Settings
from scripts.release import ReleaseError, release, released
from tests.conftest import ROOT, SAMPLE_CALIBRATION
from tests.waiting import patient_client, wait_until

DAY = date(2026, 11, 28)
SECRET_KEY = "a-secret-that-only-the-installed-server-knows"


def git(checkout: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=checkout, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of this checkout, as one commit."""
    target = tmp_path_factory.mktemp("committed")
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    git(target, "init", "--quiet", "--initial-branch", "main")
    git(target, "config", "user.name", "Somebody")
    git(target, "config", "user.email", "somebody@example.com")
    commit(target)
    return target


def commit(checkout: Path) -> None:
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", "Everything")


@pytest.fixture
def checkout(committed: Path, tmp_path: Path) -> Path:
    """One that a test may spoil."""
    shutil.copytree(committed, tmp_path / "checkout")
    return tmp_path / "checkout"


@pytest.fixture(scope="module")
def tagged(committed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that was released."""
    target = tmp_path_factory.mktemp("tagged") / "checkout"
    shutil.copytree(committed, target)
    release(target, "9.8.7", today=DAY)
    return target


@pytest.fixture(scope="module")
def built(tagged: Path) -> dict[str, Path]:
    """Wheel and sdist of the release, by their kind."""
    return {path.suffix: path for path in (tagged / "dist").iterdir()}


def test_a_release_sets_the_version_commits_and_tags(tagged: Path, built: dict[str, Path]) -> None:
    assert git(tagged, "log", "-1", "--format=%an: %s") == "Somebody: Release 9.8.7"
    assert git(tagged, "rev-parse", "v9.8.7^{commit}") == git(tagged, "rev-parse", "HEAD")
    assert git(tagged, "cat-file", "-t", "v9.8.7") == "tag"
    assert git(tagged, "status", "--porcelain") == ""
    changelog = (tagged / "CHANGELOG.md").read_text()
    assert "## Unreleased\n\n## 9.8.7 - 2026-11-28\n\n### Added" in changelog
    assert 'version = "9.8.7"' in (tagged / "pyproject.toml").read_text()
    assert '"version": "9.8.7"' in (tagged / "docs" / "openapi.json").read_text()
    assert {path.name for path in built.values()} == {"coach_pro-9.8.7-py3-none-any.whl", "coach_pro-9.8.7.tar.gz"}


def test_a_released_version_is_not_released_again(tagged: Path) -> None:
    with pytest.raises(ReleaseError, match=r"There is a tag v9\.8\.7 already"):
        release(tagged, "9.8.7", today=DAY)
    with pytest.raises(ReleaseError, match="has nothing under"):
        release(tagged, "9.8.8", today=DAY)


def leave_uncommitted(checkout: Path) -> None:
    (checkout / "README.md").write_text("changed")


def lose_weights(checkout: Path) -> None:
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace('"engine.networks" = ["*.onnx"]', ""))
    commit(checkout)


def lose_the_sample(checkout: Path) -> None:
    (checkout / "samples" / "tsukuba_wide_left.mp4").unlink()
    commit(checkout)


def ship_tests(checkout: Path) -> None:
    (checkout / "tests" / "__init__.py").touch()
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace('include = ["app*"', 'include = ["tests*", "app*"'))
    (checkout / "MANIFEST.in").write_text((checkout / "MANIFEST.in").read_text().replace("prune tests\n", ""))
    commit(checkout)


MISTAKES = {
    "an uncommitted change": (leave_uncommitted, "9.8.7", "There are changes that are not committed"),
    "no version": (None, "9.8", '"9.8" is no version such as'),
    "an older version": (None, "0.0.9", "0.0.9 is not newer than"),
    "weights that are not packed": (lose_weights, "9.8.7", "lacks engine/networks/detector.onnx"),
    "a build that fails": (lose_the_sample, "9.8.7", r"there is no samples/\*\.mp4"),
    "tests in the wheel": (ship_tests, "9.8.7", "holds tests/__init__.py"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_release_that_fails_leaves_everything_as_it_was(checkout: Path, mistake: str) -> None:
    spoil, version, sentence = MISTAKES[mistake]
    if spoil is not None:
        spoil(checkout)
    before = [git(checkout, *words) for words in (["status", "--porcelain"], ["show-ref"], ["rev-parse", "HEAD"])]
    with pytest.raises(ReleaseError, match=sentence):
        release(checkout, version, today=DAY)
    after = [git(checkout, *words) for words in (["status", "--porcelain"], ["show-ref"], ["rev-parse", "HEAD"])]
    assert after == before
    assert not (checkout / "dist").exists()


def test_only_what_is_unreleased_moves() -> None:
    text = "# Changelog\n\n## Unreleased\n\n- New.\n\n## 1.0.0 - 2026-01-01\n\n- Old.\n"
    wanted = "# Changelog\n\n## Unreleased\n\n## 1.1.0 - 2026-11-28\n\n- New.\n\n## 1.0.0 - 2026-01-01\n\n- Old.\n"
    assert released(text, "1.1.0", today=DAY) == wanted


def test_the_sdist_holds_what_a_wheel_is_built_from(built: dict[str, Path]) -> None:
    """The release has built the wheel from it."""
    with tarfile.open(built[".gz"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"alembic/versions/0001_first_schema.py", "data/full_insert.sql", "samples/tsukuba_wide_left.mp4"} <= names


# The wheel, installed


@pytest.fixture(scope="module")
def installed(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, which sees our dependencies and nothing of this checkout."""
    directory = tmp_path_factory.mktemp("installed")
    venv.create(directory, with_pip=False, symlinks=True)
    python = directory / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index",
         "--disable-pip-version-check", built[".whl"]],
        check=True,
    )  # fmt: skip
    (packages,) = directory.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(
        str(Path(httpx2.__file__).parents[1])
    )  # behind, and without its own .pth files
    return directory / "bin"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """An empty directory to start in, and to call home."""
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def environment(installed: Path, empty: Path) -> dict[str, str]:
    return {"PATH": str(installed), "HOME": str(empty), "PYTHONWARNINGS": "ignore"}


@pytest.fixture
def url(installed: Path, empty: Path, tmp_path: Path) -> Iterator[str]:
    """A server with its engine, as the newcomer starts it."""
    (empty / ".env").write_text(f"SECRET_KEY={SECRET_KEY}\n")
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [installed / "coach-pro", "serve", "--port", "0"],
            cwd=empty, env=environment(installed, empty), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "Coach Pro serves at" in line, (tmp_path / "log").read_text()
        yield line.split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=40)


def test_the_first_start_says_what_is_missing_and_how_to_make_it(installed: Path, empty: Path) -> None:
    tried = subprocess.run(
        [installed / "coach-pro", "serve"],
        cwd=empty, env=environment(installed, empty), capture_output=True, text=True,
    )  # fmt: skip
    assert (tried.returncode, len(tried.stderr.splitlines())) == (2, 1)
    subprocess.run(tried.stderr.partition("Make one, once: ")[2], shell=True, cwd=empty, check=True)
    assert Settings(_env_file=empty / ".env").secret_key.get_secret_value()


def test_without_the_engine_extra_a_sentence_names_it(installed: Path, empty: Path, tmp_path: Path) -> None:
    """Python takes a module that is None for one that is not there."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['cv2'] = None\n")
    settings = {"SECRET_KEY": SECRET_KEY, "PYTHONPATH": str(tmp_path)}
    tried = subprocess.run(
        [installed / "coach-pro", "serve"],
        cwd=empty, env=environment(installed, empty) | settings, capture_output=True, text=True,
    )  # fmt: skip
    assert (tried.returncode, tried.stderr.count("pip install coach-pro[engine]")) == (2, 1), tried.stderr
    assert not list(empty.iterdir())


def test_the_installed_server_analyses_the_sample_that_came_with_it(installed: Path, empty: Path, url: str) -> None:
    with patient_client(url) as client:
        wait_until(lambda: client.get("/health").json()["engine"] == "reachable", patience_s=120)
        assert client.get("/readyz").status_code == 200
        assert client.get("/openapi.json").json()["info"]["version"] == "9.8.7"
        account = {"email": "coach@example.com", "password": "correct horse"}
        headers = {"Authorization": f"Bearer {client.post('/api/register', json=account).json()['access_token']}"}
        (sample,) = installed.parent.glob("lib/python*/site-packages/app/_bundled/samples/*.mp4")
        with sample.open("rb") as film:
            data = {"calibration": SAMPLE_CALIBRATION.read_text(), "frame_stride": "5"}
            job = client.post("/api/analyze_match", headers=headers, files={"file": film}, data=data).json()
        path = f"/api/jobs/{job['job_id']}"
        wait_until(
            lambda: client.get(path, headers=headers).json()["status"] in {"COMPLETED", "FAILED"}, patience_s=300
        )
        assert client.get(path, headers=headers).json()["status"] == "COMPLETED"
    assert {path.name for path in empty.iterdir()} >= {".env", "uploads", "var"}
