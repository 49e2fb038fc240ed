"""What the kit says about an engine."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    HELD = "PASS"
    BROKEN = "FAIL"
    ABSENT = "NOT OFFERED"  # an engine may do without it


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table; ``sentence`` says what was seen."""

    name: str
    verdict: Verdict
    sentence: str


def held(name: str, sentence: str) -> Finding:
    return Finding(name, Verdict.HELD, sentence)


def broken(name: str, sentence: str) -> Finding:
    return Finding(name, Verdict.BROKEN, sentence)


def absent(name: str, sentence: str) -> Finding:
    return Finding(name, Verdict.ABSENT, sentence)


_NAME_WIDTH = 20
_VERDICT_WIDTH = max(len(verdict.value) for verdict in Verdict)


def table_row(finding: Finding) -> str:
    """A line of the table, whose columns are as wide as those of every other."""
    return f"{finding.name:<{_NAME_WIDTH}}  {finding.verdict.value:<{_VERDICT_WIDTH}}  {finding.sentence}"
