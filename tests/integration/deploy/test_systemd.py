"""The units: systemd understands them, what they start exists and takes those options, and they are locked down."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from app.cli import app as coach_pro
from app.core.config import Settings
from app.core.secret_files import SECRETS
from engine.__main__ import cli as engine
from tests.conftest import ROOT
from tests.integration.deploy.dockerfile import read_stages

FOLDER = ROOT / "deploy" / "systemd"
UNITS = sorted(FOLDER.glob("coach-pro-*.service"))
NOT_SETTINGS = {"BIND", "PROMETHEUS_MULTIPROC_DIR"}
MOST_EXPOSED = 2.0  # on systemd's own scale up to 10; a unit that says nothing has 9.6
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


def lines_of(unit: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def command_of(unit: Path) -> list[str]:
    (line,) = lines_of(unit, "ExecStart")
    return shlex.split(line)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units as if this checkout were the installation: systemd looks whether the programs are there."""
    units, programs = tmp_path / "units", tmp_path / "programs"
    shutil.copytree(FOLDER, units)
    (programs / ".venv").mkdir(parents=True)
    (programs / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    for path in [*units.glob("*.service"), *units.glob("*/*.conf")]:
        path.write_text(path.read_text(encoding="utf-8").replace("/opt/coach-pro", str(programs)), encoding="utf-8")
    return units


@needs_systemd
def test_systemd_understands_every_unit(installed: Path) -> None:
    units = [str(path) for path in installed.glob("coach-pro-*.*") if path.is_file()]
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    assert len(units) == len(UNITS) + 1  # the timer


@needs_systemd
@pytest.mark.parametrize("name", [unit.name for unit in UNITS])
def test_who_takes_a_service_over_gets_little(installed: Path, name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(installed / name)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found
    assert float(found[1]) < MOST_EXPOSED, said


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_a_unit_starts_exists_and_takes_its_options(unit: Path) -> None:
    program, *words = command_of(unit)
    assert program.startswith("/opt/coach-pro/.venv/bin/")
    match Path(program).name, words:
        case "coach-pro", [name, *words]:
            commands: typer.core.TyperGroup = typer.main.get_command(coach_pro)  # type: ignore[assignment]
            assert_accepts(commands.commands[name], words)
        case "python", ["-m", "engine", *words]:
            assert_accepts(typer.main.get_command(engine), words)
        case "gunicorn", words:
            assert ["gunicorn", *words] == read_stages()["api"].command  # which test_compose_walk runs
        case _:
            pytest.fail(f"what is {program}?")


def assert_accepts(command: typer.core.TyperCommand, words: list[str]) -> None:
    """Parsing checks names, types and the number of arguments, and runs nothing."""
    command.make_parser(context := typer.Context(command)).parse_args(list(words))
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options
    assert context.command is command


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_sets_what_is_a_setting_and_reads_the_secrets_that_it_is_given(unit: Path) -> None:
    variables = dict(word.split("=", 1) for line in lines_of(unit, "Environment") for word in shlex.split(line))
    credentials = {line.partition(":")[0] for line in lines_of(unit, "LoadCredential")}
    read = {value.removeprefix("%d/") for value in variables.values() if value.startswith("%d/")}
    assert read == credentials <= SECRETS
    names = {name for name, value in variables.items() if not value.startswith("%d/")} - NOT_SETTINGS
    assert {name.lower() for name in names} <= set(Settings.model_fields)


def test_the_engine_knows_no_secret_and_reaches_this_machine_only() -> None:
    unit = FOLDER / "coach-pro-engine.service"
    assert lines_of(unit, "User") == ["coach-pro-engine"]
    assert not lines_of(unit, "LoadCredential") + lines_of(unit, "EnvironmentFile")
    assert (lines_of(unit, "IPAddressDeny"), lines_of(unit, "IPAddressAllow")) == (["any"], ["localhost"])


def test_of_our_data_the_engine_sees_what_a_locked_down_one_may_read() -> None:
    unit, first = FOLDER / "coach-pro-engine.service", FOLDER / "coach-pro-migrate.service"
    assert lines_of(unit, "TemporaryFileSystem") == ["/var/lib/coach-pro:ro"]
    seen = lines_of(unit, "BindReadOnlyPaths")[0].split()
    assert seen == ["/var/lib/coach-pro/uploads", "/var/lib/coach-pro/data/artifacts"]
    assert "coach-pro-migrate.service" in lines_of(unit, "After")[0].split()
    made = {f"/var/lib/{folder}" for folder in lines_of(first, "StateDirectory")[0].split()}
    assert set(seen) < made  # else the engine would not start
