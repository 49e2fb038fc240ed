"""The typed client: its types come from the API's own document, the compiler accepts it, and it works."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.config import Settings
from app.factory import create_app
from app.services.engine import ScriptedEngine
from scripts.make_openapi import render
from tests.conftest import ROOT
from tests.integration.api.conftest import LiveServer, serving
from tests.servers.media import Film, write_film
from tests.servers.scripts import good_run

CLIENT = ROOT / "clients" / "typescript"
WITHOUT_TOOLS = 3
_CALLER = """
import { readFile } from "node:fs/promises";
import { changeTeam, evening, logIn, ProblemError } from "./example.js";

const [url, film, teamId] = process.argv.slice(2);
const said = await evening(url, new Blob([await readFile(film)]));
const api = await logIn(url, "coach@example.com", "correct horse");
let tries = 0;
const team = await changeTeam(api, teamId, () => ({ name: `Try ${++tries}`, primary_color: "#0b6e4f" }));
const refused = await changeTeam(api, teamId, () => ({ primary_color: "green" })).catch((error) => error);
console.log(JSON.stringify({ said, team, refused: [refused instanceof ProblemError, refused.problem.code] }));
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client with its tools, and with the types of the document as it is now."""
    document = tmp_path_factory.mktemp("document") / "openapi.json"
    document.write_text(render(), encoding="utf-8")
    done = subprocess.run(
        [ROOT / "scripts" / "check_typescript_client.sh", document], capture_output=True, text=True, timeout=300
    )
    if done.returncode == WITHOUT_TOOLS:
        pytest.skip(f"the TypeScript tools cannot be had: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout + done.stderr
    return CLIENT


def compiled(client: Path, directory: Path, example: str, *options: str) -> subprocess.CompletedProcess[str]:
    """``example`` in place of the example, compiled in a folder of its own."""
    for name in ("package.json", "tsconfig.json", "coach-pro.ts"):
        shutil.copy(client / name, directory)
    (directory / "node_modules").symlink_to(client / "node_modules")
    (directory / "example.ts").write_text(example, encoding="utf-8")
    tsc = [directory / "node_modules" / ".bin" / "tsc", "--project", directory, *options]
    return subprocess.run(tsc, capture_output=True, text=True, timeout=120)


# What the API would not understand, and what the compiler says about it.
MISTAKES = [
    ("body: { username, password", "body: { password", "Property 'username' is missing"),
    ('primary_color: "#0b6e4f"', "primary_color: 7", "Type 'number' is not assignable"),
    ("limit: 50", 'limit: "all"', "Type 'string' is not assignable to type 'number'"),
    ('["-match_date"]', '["-weather"]', "Type '\"-weather\"' is not assignable"),
    ('PATCH("/api/teams/{team_id}"', 'PATCH("/api/clubs"', "Argument of type '\"/api/clubs\"'"),
    ("distance !== null", "true", "'distance' is possibly 'null'"),
    ('=== "CANCELLED"', '=== "STOPPED"', "have no overlap"),
]


def test_the_compiler_finds_the_mistakes_of_a_client(checked: Path, tmp_path: Path) -> None:
    example = (checked / "example.ts").read_text(encoding="utf-8")
    for right, wrong, _ in MISTAKES:
        assert right in example
        example = example.replace(right, wrong, 1)
    done = compiled(checked, tmp_path, example, "--noEmit")
    assert done.returncode != 0
    assert [message for _, _, message in MISTAKES if message not in done.stdout] == [], done.stdout


@pytest.fixture
def server(make_settings: Callable[..., Settings]) -> Iterator[LiveServer]:
    with serving(create_app(make_settings(), engine=ScriptedEngine(good_run))) as running:
        yield running


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_client_spends_its_evening(checked: Path, server: LiveServer, tmp_path: Path) -> None:
    """Log in, upload, poll, list, patch with an entity tag, and understand a problem."""
    team = server.client.post("/api/teams", json={"name": "Özil XI"}, headers=server.log_in()).json()
    example = (checked / "example.ts").read_text(encoding="utf-8")
    done = compiled(checked, tmp_path, example, "--noEmit", "false")
    assert done.returncode == 0, done.stdout
    (tmp_path / "caller.js").write_text(_CALLER, encoding="utf-8")
    film = write_film(tmp_path / "film.mp4", Film())
    node = ["node", tmp_path / "caller.js", server.url, film, team["id"]]
    done = subprocess.run(node, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["said"].startswith("1 matches; ")
    assert (said["team"]["name"], said["team"]["primary_color"]) == ("Try 1", "#0b6e4f")
    assert said["refused"] == [True, "validation_failed"]


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((CLIENT / "package-lock.json").read_text(encoding="utf-8"))
    assert len(lock["packages"]) > 10
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    versions = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
    assert all(
        version[0].isdigit() for kind in ("dependencies", "devDependencies") for version in versions[kind].values()
    )
