"""The page of figures: each run replaces the sections that it measured, and keeps the others."""

import os
import platform
import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.servers.mariadb import find_mariadb

_TITLE = "# What it costs, and what it holds"
_HEAD = f"""{_TITLE}

Written by `make bench`; no figure is typed by hand. Each section says when and on what it was measured, and
`python -m benchmarks --only NAME` measures one anew. Client, servers and databases share the machine, so ratios hold
better than figures.
"""
_WIDTH = 120
_QUIET = 0.5
_PART = "\n## "
_VERSION = re.compile(r"\d+\.\d+[\w.]*")


@dataclass(frozen=True)
class Section:
    """A table and what there is to know about it. ``text``: paragraphs and lists in Markdown; the page breaks lines."""

    title: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def write_sections(page: Path, sections: Iterable[Section], *, load: float) -> None:
    """Put ``sections`` in the place of those with the same title; new ones come last.

    ``load``: how many programs wanted a core in the minute before the run.
    """
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    page.write_text(updated(old, sections, note=_measured_on(load)), encoding="utf-8")


def updated(old: str, sections: Iterable[Section], *, note: str) -> str:
    """The page ``old`` with ``sections`` in it. ``note`` says when and on what they were measured."""
    parts = {part.partition("\n")[0]: part.strip() for part in old.split(_PART)[1:]}
    parts |= {section.title: _markdown(section, note) for section in sections}
    return "\n".join([_HEAD, *(f"## {part}\n" for part in parts.values())])


def met(is_met: bool) -> str:
    """What the column of a bar says."""
    return "met" if is_met else "**NOT met**"


def _markdown(section: Section, note: str) -> str:
    lines = [section.columns, ["---"] * len(section.columns), *section.rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    paragraphs = (_filled(paragraph) for paragraph in section.text.strip().split("\n\n"))
    return "\n\n".join([section.title, *paragraphs, table, _filled(note)])


def _filled(paragraph: str) -> str:
    if paragraph.startswith(("- ", "```")):
        return paragraph
    return textwrap.fill(" ".join(paragraph.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)


def _measured_on(load: float) -> str:
    mariadb = find_mariadb()
    programs = {"MariaDB": str(mariadb[0]) if mariadb else None, "Redis": shutil.which("redis-server")}
    versions = [f"{name} {_version_of(program)}" for name, program in programs.items() if program]
    libraries = [f"{name} {version(name)}" for name in ("uvicorn", "gunicorn", "fastapi", "sqlalchemy")]
    cores = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    machine = ", ".join([cores, *versions, *libraries])
    others = "; other programs were at work" if load > _QUIET else ""
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine}. Load in the minute before the run: {load:.1f}{others}."
    )


def _version_of(program: str) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = _VERSION.search(said)
    return found[0] if found else "-"
