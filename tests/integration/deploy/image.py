"""An image as a folder: its files, its environment, its user; and its commands as processes."""

import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement

from tests.conftest import ROOT
from tests.integration.deploy.dockerfile import Stage, copy_into, read_stages

_CODE, _LIBRARIES, _DATA, _WORK, _SECRETS = "/srv/coach-pro", "/venv", "/var/coach_pro", "/work", "/run/secrets"
_FOLDER = re.compile(rf"(?<![\w/])(?:{_CODE}|{_LIBRARIES}|{_DATA}|{_WORK}|{_SECRETS})(?=[/:]|$)")
_LAUNCHER = "#!{python}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"


# Root may write everywhere as long as it has its capabilities; an image's user may not.
_AS_AN_ORDINARY_USER = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


@dataclass(frozen=True)
class Image:
    """``mounts``: folders of the machine that stand for folders of the image."""

    stage: Stage
    folder: Path
    mounts: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def built(cls, target: str, folder: Path, **mounts: Path) -> "Image":
        """Laid out below ``folder``: the code that COPY takes, which nobody may change, libraries of this installation
        without our own code, and an empty volume. ``mounts``: in place of ``data`` and ``secrets``."""
        places = {"data": _DATA, "secrets": _SECRETS}
        image = cls(read_stages()[target], folder, {places[name]: path for name, path in mounts.items()})
        copy_into(image.stage, image.place(_CODE))
        for path in (image.place(_CODE), *image.place(_CODE).rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        _make_environment(image.place(_LIBRARIES), image.stage.extras)
        for folder_of_its_user in (_DATA, _WORK):
            image.place(folder_of_its_user).mkdir(parents=True, exist_ok=True)
        return image

    def place(self, path: str) -> Path:
        """Where a path of the image lies here."""
        return self.mounts.get(path) or self.folder / path.removeprefix("/")

    def environment(self, variables: dict[str, str]) -> dict[str, str]:
        here = {name: self._translated(value) for name, value in self.stage.environment.items()}
        here["PATH"] = here["PATH"].replace("$PATH", os.defpath)
        return here | {name: self._translated(value) for name, value in variables.items()}

    def start(self, command: list[str], variables: dict[str, str], *, log: Path) -> "subprocess.Popen[bytes]":
        """A command of the image, as the image would run it with these further variables."""
        with log.open("ab") as output:
            return subprocess.Popen(
                [*_AS_AN_ORDINARY_USER, *command], cwd=self.place(_CODE), env=self.environment(variables),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    def _translated(self, value: str) -> str:
        return _FOLDER.sub(lambda found: str(self.place(found[0])), value)


def read_env_file(text: str) -> dict[str, str]:
    """``docker run --env-file``: a line is a variable; quotes are part of the value, and so is what follows it."""
    lines = [line.lstrip() for line in text.splitlines()]
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _make_environment(folder: Path, group: str) -> None:
    """A virtual environment with libraries and our command, but not our code: that is what is being tested.

    ``group``: of pyproject.toml, whose libraries alone there are; all, if there is no such group.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    installed = Path(sysconfig.get_path("purelib"))
    target = folder / Path(sysconfig.get_path("purelib", vars={"base": str(folder)})).relative_to(folder)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups: dict[str, list[str]] = project["dependency-groups"]
    names = _entries_of(groups[group]) if group in groups else {entry.name for entry in installed.iterdir()}
    for entry in (installed / name for name in names):
        if not entry.name.startswith(("__editable__", "__editable___", "_virtualenv")):
            (target / entry.name).symlink_to(entry)
    (gunicorn,) = importlib.metadata.entry_points(group="console_scripts", name="gunicorn")
    for name, value in {**project["project"]["scripts"], "gunicorn": gunicorn.value}.items():
        module, _, function = value.partition(":")
        script = folder / "bin" / name
        script.write_text(_LAUNCHER.format(python=folder / "bin" / "python", module=module, function=function))
        script.chmod(0o755)


def _entries_of(requirements: Iterable[str]) -> set[str]:
    """Files and folders of distributions, and of all that these need in turn."""
    entries: set[str] = set()
    open_ones, seen = [Requirement(text) for text in requirements], set[str]()
    while open_ones:
        wanted = open_ones.pop()
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        distribution = importlib.metadata.distribution(wanted.name)
        entries |= {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}
        needed = map(Requirement, distribution.requires or ())
        open_ones += [one for one in needed if _is_asked_for(one, wanted.extras)]
    return entries


def _is_asked_for(needed: Requirement, extras: Iterable[str]) -> bool:
    """Whether a distribution needs another one here, with these of its extras."""
    return needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras))
