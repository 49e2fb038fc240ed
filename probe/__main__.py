"""``python -m probe facts`` or ``times``: what there is in the video on standard input, as JSON on standard output.

Decoders have holes, and this one meets what strangers send. So it gives up all that Linux lets it give up before it
reads the first byte: it opens nothing but Python's library and PyAV, reaches nobody, starts nothing, and ends when it
takes too long or too much.

First it says what this kernel could not lock (``open``), then ``facts``, ``times`` (how many doubles follow, of the
machine's own order of bytes) or why the file is ``refused``.
"""

import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path

import av

from confinement.landlock import LOCKS, READ, LockRefused, Rule, drop_capabilities, restrict
from confinement.seccomp import refuse_calls
from probe.demux import Refused, facts_of, times_of

_STDIN = 0
_PROCESSOR_S = 120  # two million frames are demuxed in a quarter of it
_MEMORY_BYTES = 4 * 1024**3  # of addresses; the largest picture takes 800 MB of them with all its threads
_LOADED_LATER = (Path(os.__file__).parent, Path(av.__file__).parent)
_WRITTEN_BYTES = 64 * 1024  # to files, such as the one for what Python complains of


def main(what: str) -> None:
    _limit()
    _say(open=_give_up())
    try:
        if what == "facts":
            _say(facts=asdict(facts_of(_STDIN)))
        else:
            times_s = times_of(_STDIN)
            _say(times=len(times_s))
            sys.stdout.buffer.write(times_s)
    except Refused as refused:
        _say(refused={"code": refused.code, "detail": refused.detail})


def _limit() -> None:
    for what, most in (
        (resource.RLIMIT_CPU, _PROCESSOR_S),
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, _WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, allowed = resource.getrlimit(what)
        limit = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(what, (limit, limit))


def _give_up() -> list[str]:
    """What could not be locked, in words."""
    if sys.platform != "linux":
        return [*LOCKS, "system calls"]
    drop_capabilities()
    try:
        locked = restrict([Rule(folder, READ) for folder in _LOADED_LATER], bind=(), connect=())
    except LockRefused:
        locked = ()
    sealed = refuse_calls(tcp=False)
    return [lock for lock in LOCKS if lock not in locked] + ([] if sealed else ["system calls"])


def _say(**message: object) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
