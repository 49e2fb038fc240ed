"""A whole OpenStack Swift in one process: ``swift_program.py DIR PORTS``, for the Python of the system, where Swift is.

Swift is made for many machines: a proxy, which speaks the protocol of S3 too, and servers of accounts, containers and
objects behind it. Here each of them is one, on a port of 127.0.0.1, and all data lie in the directory.
"""

import sys
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402

_STORAGE = ("account", "container", "object")
_POLICY = {"name": "disk", "default": "yes"}
_FILTERS: dict[str, dict[str, str]] = {
    "catch_errors": {},
    "proxy_logging": {},
    "memcache": {},  # there is none; it is asked for all the same
    "listing_formats": {},
    "s3api": {"location": "us-east-1"},
    "tempauth": {"user_club_coach": "private-secret .admin"},
    "slo": {},
    "dlo": {},
}

Sections = dict[str, dict[str, str]]


def main(directory: Path, ports: list[int]) -> None:
    _write(directory / "swift.conf", {"swift-hash": {"swift_hash_path_suffix": "x"}, "storage-policy:0": _POLICY})
    utils.set_swift_dir(str(directory))
    from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: PLC0415 - it reads swift.conf

    proxy_port, *storage_ports = ports
    applications = [(proxy_port, _proxy(directory))]
    for name, port in zip(_STORAGE, storage_ports, strict=True):
        _make_ring(directory / f"{name}.ring.gz", port)
        applications.append((port, _storage(directory, name)))
    threads = [_serve(wsgi.server, port, loadapp(str(path)), SwiftHttpProtocol) for port, path in applications]
    for thread in threads:
        thread.wait()


def _serve(server: Callable[..., None], port: int, application: object, protocol: type) -> "eventlet.greenthread":
    return eventlet.spawn(server, eventlet.listen(("127.0.0.1", port)), application, protocol=protocol)


def _make_ring(path: Path, port: int) -> None:
    """Tell that everything is on one disk behind one port."""
    builder = RingBuilder(0, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "disk", "weight": 1.0})
    builder.rebalance()
    builder.get_ring().save(str(path))


def _proxy(directory: Path) -> Path:
    sections = {f"filter:{name}": {"use": f"egg:swift#{name}"} | options for name, options in _FILTERS.items()}
    sections["app:proxy-server"] = {"use": "egg:swift#proxy", "account_autocreate": "true"}
    sections["pipeline:main"] = {"pipeline": " ".join([*_FILTERS, "proxy-server"])}
    return _write(directory / "proxy.conf", {"DEFAULT": {"swift_dir": str(directory)}} | sections)


def _storage(directory: Path, name: str) -> Path:
    devices = directory / "devices"
    (devices / "disk").mkdir(parents=True, exist_ok=True)
    sections = {
        "DEFAULT": {"swift_dir": str(directory), "devices": str(devices), "mount_check": "false"},
        f"app:{name}-server": {"use": f"egg:swift#{name}"},
        "pipeline:main": {"pipeline": f"{name}-server"},
    }
    return _write(directory / f"{name}.conf", sections)


def _write(path: Path, sections: Sections) -> Path:
    parser = ConfigParser(interpolation=None)
    parser.read_dict(sections)
    with path.open("w") as file:
        parser.write(file)
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(port) for port in sys.argv[2:]])
