"""Starts the engine with nothing but what it needs: it decodes the videos of strangers, and decoders have holes.

    python -m engine.lockdown --work DIR --read DIR [--read DIR ...] -- --port 50051

Reads the interpreter, its packages, system libraries and the folders named; writes to its work folder; listens on its
port, connects to nobody but a collector of traces, does nothing to other processes, and has no capabilities, even as
root. ``python -m engine --sealed``, which this becomes, also refuses system calls that it has no use for. What a kernel
is too old to lock stays open, and the log says so.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from confinement.landlock import DEVICE, LIST, LOCKS, READ, WORK, LockRefused, Rule, drop_capabilities, restrict
from contract.tracing import configured_endpoint

_ROOT = Path(__file__).resolve().parents[1]
_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/sys")
_KERNEL_FILES = ("self", "cpuinfo", "meminfo", "stat", "version", "filesystems", "devices", "modules", "sys", "driver")
_SYSTEM_FILES = ("ld.so.cache", "localtime", "timezone", "hosts", "host.conf", "nsswitch.conf", "resolv.conf", "ssl")
_DEVICES = ("null", "zero", "urandom", "random", "dri", "kfd")
_OURS = ("confinement", "contract", "engine", "football")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m engine.lockdown", description=__doc__.partition("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for temporary files; the only one written to")
    parser.add_argument("--read", type=Path, action="append", default=[], help="folder with videos or calibrations")
    parser.add_argument("engine", nargs="*", help="options of the engine, after --")
    options = parser.parse_args(arguments)
    work = options.work.resolve()
    rules = [*_rules(work), *(Rule(folder.resolve(), READ) for folder in options.read)]
    drop_capabilities()
    try:
        locked = restrict(rules, bind=[_port_in(options.engine)], connect=collector_ports(os.environ))
    except LockRefused as error:
        sys.exit(f"engine.lockdown: the kernel refuses to lock the engine down ({error.strerror}).")
    sys.stderr.write(f"engine.lockdown: {_describe(locked)}\n")
    sys.stderr.flush()
    os.environ |= {"TMPDIR": str(work), "XDG_CACHE_HOME": str(work), "CUDA_CACHE_PATH": str(work)}
    engine = [sys.executable, "-m", "engine", *options.engine, "--sealed"]
    os.execv(engine[0], engine)  # noqa: S606 - ourselves


def collector_ports(environment: Mapping[str, str]) -> list[int]:
    """Where the engine's spans go, if they go anywhere."""
    endpoint = configured_endpoint(environment)
    if endpoint is None:
        return []
    address = urlsplit(endpoint)
    return [address.port or (443 if address.scheme == "https" else 80)]


def _describe(locked: Sequence[str]) -> str:
    left = [what for what in LOCKS if what not in locked]
    done = f"locked are {', '.join(locked)}" if locked else "nothing is locked"
    return f"{done}; this kernel is too old, or not set up, to lock {', '.join(left)}" if left else done


def _rules(work: Path) -> Iterator[Rule]:
    yield Rule(work, WORK)
    folders = [*_SYSTEM, sys.prefix, sys.base_prefix, *_entries("LD_LIBRARY_PATH")]
    installed = [Path(entry) for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}]
    linked = [entry.resolve() for folder in installed for entry in folder.iterdir() if entry.is_symlink()]
    for folder in (*map(Path, folders), *installed, *linked):  # some installers link packages to where they keep them
        yield Rule(folder, READ)
    for parent, names in (("/etc", _SYSTEM_FILES), ("/proc", _KERNEL_FILES)):  # not what processes say of themselves
        for name in names:
            yield Rule(Path(parent, name), READ)
    yield Rule(_ROOT, LIST)  # to find our packages; what else lies beside them, a .env for one, is not to be read
    for package in _OURS:
        yield Rule(_ROOT / package, READ)
    for device in (*(Path("/dev", name) for name in _DEVICES), *Path("/dev").glob("nvidia*")):
        yield Rule(device, DEVICE)


def _entries(variable: str) -> list[str]:
    return [entry for entry in os.environ.get(variable, "").split(os.pathsep) if entry]


def _port_in(options: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=int, default=50051)
    return int(parser.parse_known_args(list(options))[0].port)


if __name__ == "__main__":
    main(sys.argv[1:])
