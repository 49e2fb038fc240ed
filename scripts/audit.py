"""Look the pinned dependencies up in the advisory database.

``python -m scripts.audit`` ends with 0 when all of them were looked up and none has a known vulnerability, with 1 when
one has or is not known there, and with 2 when pip-audit failed, or the service did. With ``--if-reachable`` a service
that cannot be reached is told, and ends with 0. Further arguments go to pip-audit.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_SOCKET_TIMEOUT_S = 3
_LIMIT_S = 180
# What pip-audit says when the service is away, or answers with something that is no advisory. An address that is none
# is the fault of who called.
_SERVICE_IS_AWAY = re.compile(
    r"^(?:requests\.exceptions\.(?!Invalid|Missing)|ERROR:pip_audit\._cli:(?:Could not connect|PyPI is not)).*",
    re.MULTILINE,
)


class AuditFailed(Exception):
    """Why pip-audit said nothing about the dependencies, in its own words."""


class ServiceAway(Exception):
    """Why nothing was looked up: the advisory service cannot be reached, or does not know any package."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found: how many dependencies were looked up, a line for each vulnerability, those nobody knows."""

    looked_up: int
    vulnerabilities: list[str]
    unknown: list[str]

    @property
    def is_clean(self) -> bool:
        return not self.vulnerabilities and not self.unknown


def audit(requirements: Path, arguments: Sequence[str] = ()) -> Audit:
    """Look up all that ``requirements`` pins.

    Raises:
        ServiceAway: nothing was looked up, for which the dependencies are not to blame.
        AuditFailed: nothing was looked up for another reason, such as a file that pip-audit cannot read.
    """
    found = read_answer(_run_pip_audit(requirements, arguments))
    if found.looked_up == 0 and found.unknown:
        # Mirrors of PyPI have its packages, but often not its advisories; pip-audit itself calls that a success.
        raise ServiceAway(f"the service knows none of the {len(found.unknown)} packages")
    return found


def read_answer(answer: str) -> Audit:
    """What the JSON of pip-audit says."""
    dependencies = json.loads(answer)["dependencies"]
    known = [dependency for dependency in dependencies if "skip_reason" not in dependency]
    return Audit(
        looked_up=len(known),
        vulnerabilities=[_as_line(dependency, flaw) for dependency in known for flaw in dependency["vulns"]],
        unknown=[dependency["name"] for dependency in dependencies if "skip_reason" in dependency],
    )


def _as_line(dependency: dict[str, str], flaw: dict[str, list[str]]) -> str:
    fixed = ", ".join(flaw["fix_versions"]) or "no version yet"
    return f"{dependency['name']} {dependency['version']}: {flaw['id']}, mended in {fixed}"


def _run_pip_audit(requirements: Path, arguments: Sequence[str]) -> str:
    options = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    options += ["--requirement", str(requirements), "--timeout", str(_SOCKET_TIMEOUT_S), *arguments]
    command = [sys.executable, "-m", "pip_audit", *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LIMIT_S)
    except subprocess.TimeoutExpired as error:
        raise ServiceAway(f"the service had not answered after {_LIMIT_S} s") from error
    if done.stdout.strip():
        return done.stdout
    if away := _SERVICE_IS_AWAY.search(done.stderr):
        raise ServiceAway(away[0])
    raise AuditFailed(done.stderr.strip().rpartition("\n")[2])


def main(arguments: Sequence[str]) -> int:
    rest = [argument for argument in arguments if argument != "--if-reachable"]
    try:
        found = audit(ROOT / "requirements.txt", rest)
    except ServiceAway as error:
        print(f"audit: NOTHING WAS AUDITED, the advisory service cannot be reached: {error}", file=sys.stderr)
        return 0 if "--if-reachable" in arguments else 2
    except AuditFailed as error:
        print(f"audit: pip-audit failed: {error}", file=sys.stderr)
        return 2
    for line in found.vulnerabilities:
        print(line)
    for name in found.unknown:
        print(f"{name}: not known to the advisory service")
    print(f"audit: {found.looked_up} dependencies looked up, known vulnerabilities: {len(found.vulnerabilities)}")
    return 0 if found.is_clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
