"""What an image would hold and run, read from Dockerfile and .dockerignore, without a Docker daemon."""

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.files import files_below

_HEALTHCHECK = re.compile(r"(?:--\S+\s+)*(?:CMD\s+(?P<command>\[.*\])|NONE)", re.DOTALL)


@dataclass(frozen=True)
class Stage:
    """One target, with the instructions of those that it is built upon. ``extras``: of the libraries
    in it, or the group that they are."""

    instructions: tuple[tuple[str, str], ...] = ()
    extras: str = ""

    @property
    def copies(self) -> list[list[str]]:
        """Sources of the build context, and at the end the destination."""
        return [words.split() for words in self._all("COPY") if not words.startswith("--from=")]

    @property
    def environment(self) -> dict[str, str]:
        return dict(word.split("=", 1) for words in self._all("ENV") for word in shlex.split(words))

    @property
    def user(self) -> str:
        return self._all("USER")[-1]

    @property
    def command(self) -> list[str]:
        """What a container runs. An ENTRYPOINT makes Docker forget the CMD of the stages before."""
        (entrypoint,) = self._all("ENTRYPOINT")  # with a second one, this reader would have to know which CMD is whose
        command = self._all("CMD")
        return [*json.loads(entrypoint), *(json.loads(command[-1]) if command else [])]

    @property
    def entrypoint(self) -> list[str]:
        words: list[str] = json.loads(self._all("ENTRYPOINT")[-1])
        return words

    @property
    def healthcheck(self) -> list[str]:
        """Empty where the image has none."""
        found = re.search(r"CMD\s+(\[.*\])", self._all("HEALTHCHECK")[-1])
        words: list[str] = json.loads(found[1]) if found else []
        return words

    @property
    def volumes(self) -> list[str]:
        return self._all("VOLUME")

    def _all(self, name: str) -> list[str]:
        return [words for instruction, words in self.instructions if instruction == name]


def read_stages(path: Path = ROOT / "Dockerfile") -> dict[str, Stage]:
    """By name, in their order: the last one is what ``docker build`` makes without ``--target``."""
    stages: dict[str, Stage] = {}
    name = ""
    for instruction, words in _instructions(path.read_text(encoding="utf-8")):
        if instruction == "FROM":
            base, _, name = words.split()
            stages[name] = stages.get(base, Stage())
            continue
        stage = stages[name]
        extras = stage.extras
        if found := re.search(r'"\.\[(\S+)\]"|--group (\S+)', words):
            extras = found[1] or found[2]
        if found := re.match(r"--from=(\S+)", words):
            extras = stages[found[1]].extras
        stages[name] = Stage((*stage.instructions, (instruction, words)), extras)
    return stages


def _instructions(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(name, words) for name, words in (line.split(maxsplit=1) for line in joined.splitlines())]


def is_left_out(name: str, patterns: list[str]) -> bool:
    """Whether .dockerignore keeps a path from the build; the last pattern decides that matches it or a folder of it."""
    left_out = False
    for pattern in patterns:
        if _matches(name, pattern.removeprefix("!")):
            left_out = not pattern.startswith("!")
    return left_out


def _matches(name: str, pattern: str) -> bool:
    expression = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    expression = expression.replace(r"\[", "[").replace(r"\]", "]")
    parts = name.split("/")
    return any(re.fullmatch(expression, "/".join(parts[:length])) for length in range(1, len(parts) + 1))


def ignore_patterns(path: Path = ROOT / ".dockerignore") -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def copy_into(stage: Stage, folder: Path) -> None:
    """Lay out ``folder`` as the image's working directory.

    Raises:
        AssertionError: something is copied that .dockerignore keeps away, so the build would fail.
    """
    patterns = ignore_patterns()
    for *sources, destination in stage.copies:
        for source in sources:
            into = destination.endswith("/") or destination == "."
            target = folder / destination / source if into else folder / destination
            _copy(source, target, patterns)


def _copy(source: str, target: Path, patterns: list[str]) -> None:
    files = files_below(ROOT / source) if (ROOT / source).is_dir() else [ROOT / source]
    names = [str(path.relative_to(ROOT)) for path in files]
    kept = [name for name in names if not is_left_out(name, patterns)]
    assert kept, f"{source} is not part of the build context"
    for name in kept:
        place = target / Path(name).relative_to(source) if name != source else target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place)
