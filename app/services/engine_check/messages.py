"""What must hold of the messages of a run, whatever is in its results."""

import math
from collections.abc import Iterator
from itertools import pairwise

from app.services.engine_check.calls import Transcript
from app.services.engine_check.findings import Finding, absent, broken, held

_ROUNDING = 1e-6  # progress is a float32
_STATES = {"PENDING", "PROCESSING", "COMPLETED", "FAILED"}
_REFUSALS = ("NOT_FOUND", "INVALID_ARGUMENT")


def check_good_run(run: Transcript) -> list[Finding]:
    return [check_order(run), check_end(run), check_progress(run), check_job_id(run)]


def check_order(run: Transcript) -> Finding:
    name, wrong = "message order", next(_disorder(run), None)
    if wrong is not None:
        return broken(name, wrong)
    return held(name, f"PENDING first, COMPLETED last, {len(run.words)} messages in all.")


def _disorder(run: Transcript) -> Iterator[str]:
    words = run.words
    if not words:
        yield f"Not one message came; the call ended with {run.status}."
        return
    for word in sorted(set(words) - _STATES):
        yield f'The status "{word[:40]}" is not in the contract.'
    if words[0] != "PENDING":
        yield f"The first message says {words[0]} and not PENDING."
    if words[-1] != "COMPLETED":
        yield f"The last message says {words[-1]} and not COMPLETED."
    if {"COMPLETED", "FAILED"} & set(words[:-1]):
        yield "More messages follow the one that should be the last."
    if ("PROCESSING", "PENDING") in pairwise(words):
        yield "PENDING comes again after PROCESSING."


def check_end(run: Transcript) -> Finding:
    if run.status != "OK":
        return broken("end of the call", f"The call ended with {run.status}.")
    return held("end of the call", "The call ended with OK.")


def check_progress(run: Transcript) -> Finding:
    name = "progress"
    progress = [message.progress for message in run.messages if message.status != "PENDING"]
    for value in progress:
        if not math.isfinite(value) or not -_ROUNDING <= value <= 1 + _ROUNDING:
            return broken(name, f"It was {value:g}, which is not between 0 and 1.")
    for before, after in pairwise(progress):
        if after < before - _ROUNDING:
            return broken(name, f"It went back from {before:g} to {after:g}.")
    return held(name, "It stays between 0 and 1 and never goes back.")


def check_job_id(run: Transcript) -> Finding:
    name, ids = "job id", {message.job_id for message in run.messages}
    foreign = ids - {run.run_id, ""}
    if foreign:
        return broken(name, f'A message is of the job "{min(foreign)[:60]}", which is not the one that was asked for.')
    if ids != {run.run_id}:
        return absent(name, "Not every message names its job.")
    return held(name, "Every message names the job that was asked for.")


def check_refusal(name: str, run: Transcript) -> Finding:
    """A video that cannot be analysed: FAILED as a message, then an error status that tells that it is the video's."""
    if run.words[-1:] != ["FAILED"]:
        last = run.words[-1] if run.words else "nothing"
        return broken(name, f"The last message says {last} and not FAILED.")
    if run.status not in _REFUSALS:
        return broken(name, f"After FAILED the call ended with {run.status}, and not with {' or '.join(_REFUSALS)}.")
    return held(name, f"FAILED as a message, then {run.status}.")
