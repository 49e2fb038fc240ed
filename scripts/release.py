"""Make a release: ``make release VERSION=1.2.0``, or ``python -m scripts.release 1.2.0``.

Sets the version, moves what CHANGELOG.md has under "Unreleased" to it, builds sdist and wheel, checks them, commits and
tags. Nothing is uploaded, and nothing is pushed.

All of it is done in a clone of the last commit. The checkout gets the commit, the tag and ``dist/`` when everything has
succeeded: whatever fails before that has touched nothing.
"""

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", re.ASCII)
_IN_PROJECT = re.compile(r'^version = "([^"]+)"$', re.MULTILINE)
_UNRELEASED = re.compile(r"^## Unreleased\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_PACKAGES = ("app/", "confinement/", "contract/", "engine/", "football/", "probe/")
_NOT_SHIPPED = ("tests/", "training/", "scripts/", "main.py")
_IN_SDIST = ("pyproject.toml", "setup.py", "alembic.ini", "main.py", "data/full_creation.sql", "docs/upgrading.md")


class ReleaseError(Exception):
    """Why there is no release, in a sentence."""


def release(root: Path, version: str, *, today: date) -> list[Path]:
    """Release what is committed in the checkout ``root``; the files that were built.

    Raises:
        ReleaseError: something is not as it should be; the checkout is as it was.
    """
    _require_ready(root, version)
    with tempfile.TemporaryDirectory(prefix="coach-pro-release-") as directory:
        clone, built = Path(directory) / "clone", Path(directory) / "dist"
        _run("git", "clone", "--quiet", "--no-hardlinks", str(root), str(clone), cwd=root)
        write_version(clone, version, today=today)
        _run("git", *_identity(root), "commit", "--quiet", "--all", "--message", f"Release {version}", cwd=clone)
        _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(built), cwd=clone)
        files = sorted(built.iterdir())
        _run(sys.executable, "-m", "twine", "check", "--strict", *map(str, files), cwd=clone)
        check_contents(files, _tracked(clone))
        _run("git", *_identity(root), "tag", "--annotate", f"v{version}", "--message", version, cwd=clone)
        _adopt(root, clone, f"v{version}")
        return _keep(files, root / "dist")


def write_version(root: Path, version: str, *, today: date) -> None:
    """Set the version in a checkout, and give the changes that are not released yet to it.

    Raises:
        ReleaseError: it is no version, not newer than the last one, or there are no changes.
    """
    project, changelog, document = (root / name for name in ("pyproject.toml", "CHANGELOG.md", "docs/openapi.json"))
    text = project.read_text(encoding="utf-8")
    found = _IN_PROJECT.search(text)
    if found is None or _VERSION.fullmatch(version) is None:
        raise ReleaseError(f'"{version}" is no version such as 1.2.0.')
    # The first release may have the version that the project has borne until then.
    if _numbers(version) < _numbers(found[1]) or (version == found[1] and _was_released(changelog, version)):
        raise ReleaseError(f"{version} is not newer than {found[1]}.")
    project.write_text(_IN_PROJECT.sub(f'version = "{version}"', text, count=1), encoding="utf-8")
    changelog.write_text(released(changelog.read_text(encoding="utf-8"), version, today=today), encoding="utf-8")
    of_api = document.read_text(encoding="utf-8")
    document.write_text(of_api.replace(f'"version": "{found[1]}"', f'"version": "{version}"', 1), encoding="utf-8")


def released(changelog: str, version: str, *, today: date) -> str:
    """The changelog with a section for ``version`` in the place of "Unreleased", which begins anew.

    Raises:
        ReleaseError: nothing is unreleased.
    """
    found = _UNRELEASED.search(changelog)
    if found is None or not found[1].strip():
        raise ReleaseError('CHANGELOG.md has nothing under "## Unreleased".')
    heading = f"## Unreleased\n\n## {version} - {today.isoformat()}\n"
    return f"{changelog[: found.start()]}{heading}{found[1]}{changelog[found.end() :]}"


def check_contents(files: Iterable[Path], tracked: Iterable[str]) -> None:
    """Look into what was built: packages, weights, migrations and sample are in the wheel, tests are not.

    Raises:
        ReleaseError: something is missing, or too much.
    """
    tracked = list(tracked)
    needed = {name for name in tracked if name.startswith(_PACKAGES)}
    needed |= {f"app/_bundled/{name}" for name in tracked if re.match(r"alembic/.+\.(py|mako)$|samples/.+\.mp4$", name)}
    wheel = _one(path for path in files if path.suffix == ".whl")
    with zipfile.ZipFile(wheel) as archive:
        _compare(wheel, set(archive.namelist()), needed)
    sdist = _one(path for path in files if path.name.endswith(".tar.gz"))
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    _compare(sdist, names - {"main.py"}, {*needed & names, *_IN_SDIST} - {"main.py"})


def _compare(archive: Path, names: set[str], needed: set[str]) -> None:
    if missing := sorted(needed - names):
        raise ReleaseError(f"{archive.name} lacks {missing[0]}, and {len(missing) - 1} other files.")
    if surplus := sorted(name for name in names if name.startswith(_NOT_SHIPPED)):
        raise ReleaseError(f"{archive.name} holds {surplus[0]}, which is not for those who install it.")


def _require_ready(root: Path, version: str) -> None:
    if _run("git", "status", "--porcelain", cwd=root):
        raise ReleaseError("There are changes that are not committed.")
    if not _run("git", "branch", "--show-current", cwd=root):
        raise ReleaseError("No branch is checked out that could take the release.")
    if _run("git", "tag", "--list", f"v{version}", cwd=root):
        raise ReleaseError(f"There is a tag v{version} already.")


def _adopt(root: Path, clone: Path, tag: str) -> None:
    """Move the branch on to the commit of the clone, and take its tag; neither, if one of them fails."""
    before = _run("git", "rev-parse", "HEAD", cwd=root)
    _run("git", "fetch", "--quiet", "--no-tags", str(clone), "HEAD", cwd=root)
    _run("git", "merge", "--quiet", "--ff-only", "FETCH_HEAD", cwd=root)
    try:
        _run("git", "fetch", "--quiet", str(clone), f"refs/tags/{tag}:refs/tags/{tag}", cwd=root)
    except ReleaseError:
        _run("git", "reset", "--quiet", "--keep", before, cwd=root)
        raise


def _keep(files: Iterable[Path], target: Path) -> list[Path]:
    target.mkdir(exist_ok=True)
    return [Path(shutil.copy(path, target)) for path in files]


def _identity(root: Path) -> list[str]:
    """Who commits in the clone is who would commit here: a clone has no settings of its own."""
    settings = {name: _run("git", "config", name, cwd=root) for name in ("user.name", "user.email")}
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _tracked(root: Path) -> list[str]:
    return _run("git", "ls-files", cwd=root).splitlines()


def _was_released(changelog: Path, version: str) -> bool:
    return f"\n## {version} - " in changelog.read_text(encoding="utf-8")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _one(paths: Iterable[Path]) -> Path:
    (path,) = paths
    return path


def _run(*command: str, cwd: Path) -> str:
    """What a command says on standard output.

    Raises:
        ReleaseError: it failed.
    """
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip()
        raise ReleaseError(f"`{' '.join(command[:4])} ...` failed:\n{words}")
    return done.stdout.strip()


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        raise SystemExit("usage: make release VERSION=1.2.0")
    try:
        files = release(ROOT, arguments[0], today=datetime.now(UTC).date())
    except ReleaseError as error:
        raise SystemExit(f"release: {error}") from error
    for path in files:
        print(path)
    print(f"Tagged v{arguments[0]}. Push it with: git push --follow-tags")


if __name__ == "__main__":
    main(sys.argv[1:])
