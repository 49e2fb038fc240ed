"""What Linux lets a process give up for good, itself and its children: files, TCP ports, other processes (Landlock).

The calls are made by number, because no C library wraps them. Manual: landlock(7); the constants are those of
``linux/landlock.h``. It holds for the thread that asks, and for what is started from it later.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all architectures
_CREATE_VERSION = 1  # flag: tell the version of the interface
_PATH_BENEATH, _NET_PORT = 1, 2
_DROP_FROM_BOUNDING_SET, _SET_NO_NEW_PRIVS = 24, 38  # prctl
_CAPABILITIES = 64  # that a kernel has room for; it refuses those that it does not know
_CAPABILITY_VERSION, _CAPABILITY_SETS = 0x20080522, 24  # capset(2), and the bytes of its three empty sets


class Files(IntFlag):
    """Rights on files, and since which version (2: REFER, 3: TRUNCATE, 5: IOCTL_DEV) a kernel knows them."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    CHANGE_DIR = 0b1_1111_1111 << 4  # remove and make files, folders, sockets, pipes, devices and links
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15

    @classmethod
    def known_to(cls, version: int) -> "Files":
        known = cls.EXECUTE | cls.WRITE_FILE | cls.READ_FILE | cls.READ_DIR | cls.CHANGE_DIR
        for since, right in ((2, cls.REFER), (3, cls.TRUNCATE), (5, cls.IOCTL_DEV)):
            if version >= since:
                known |= right
        return known


OF_A_FILE = Files.EXECUTE | Files.WRITE_FILE | Files.READ_FILE | Files.TRUNCATE | Files.IOCTL_DEV
"""What can be allowed on something that is no folder."""
READ = Files.EXECUTE | Files.READ_FILE | Files.READ_DIR
LIST = Files.READ_DIR
WORK = Files.READ_FILE | Files.READ_DIR | Files.WRITE_FILE | Files.CHANGE_DIR | Files.REFER | Files.TRUNCATE
DEVICE = Files.READ_FILE | Files.READ_DIR | Files.WRITE_FILE | Files.IOCTL_DEV

_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1  # since version 4
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1  # since version 6


LOCKS = ("files", "TCP", "other processes")
"""What can be locked, in the order in which kernels have learnt it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``rights`` on a file, or on a folder and all below it; one that does not exist is passed over."""

    path: Path
    rights: Files


class LockRefused(OSError):
    """The kernel knows Landlock, and refused a call."""


def version() -> int:
    """Of the kernel's Landlock; 0: there is none, or it is switched off."""
    return max(0, _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_CREATE_VERSION)))


def drop_capabilities() -> None:
    """Of root and its like: this thread, and what is started from now on, have none, and get none."""
    libc = ctypes.CDLL(None)
    for capability in range(_CAPABILITIES):
        libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)
    libc.capset(struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(_CAPABILITY_SETS))


def restrict(rules: Iterable[Rule], *, bind: Iterable[int], connect: Iterable[int]) -> tuple[str, ...]:
    """Keep only what ``rules`` allow, and listening on and connecting to these TCP ports (0: any free one); what is
    locked from now on, in words. A kernel that is older locks less.

    Raises:
        LockRefused: nothing is locked.
    """
    known = version()
    if known == 0:
        return ()
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise _refused()
    files = Files.known_to(known)
    net = _BIND_TCP | _CONNECT_TCP if known >= 4 else 0
    ruleset = _create(files, net, _ABSTRACT_SOCKETS | _SIGNALS if known >= 6 else 0, size=_size(known))
    try:
        for rule in rules:
            _allow(ruleset, rule, files)
        if net:
            for right, ports in ((_BIND_TCP, bind), (_CONNECT_TCP, connect)):
                for port in ports:
                    _add(ruleset, _NET_PORT, _NetPort(right, port))
        if _call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)) < 0:
            raise _refused()
    finally:
        os.close(ruleset)
    return LOCKS[: 1 + (known >= 4) + (known >= 6)]


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


class _NetPort(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


def _size(known: int) -> int:
    """Of the description, as kernels of this version know it: they refuse a longer one that is not all zero."""
    fields = 3 if known >= 6 else 2 if known >= 4 else 1
    return fields * ctypes.sizeof(ctypes.c_uint64)


def _create(files: Files, net: int, scoped: int, *, size: int) -> int:
    described = _Ruleset(files, net, scoped)
    ruleset = _call(_CREATE_RULESET, ctypes.byref(described), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        raise _refused()
    return ruleset


def _allow(ruleset: int, rule: Rule, known: Files) -> None:
    try:
        opened = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not there, or not ours to reach: then there is nothing to allow
        return
    try:
        is_folder = stat.S_ISDIR(os.fstat(opened).st_mode)
        rights = rule.rights & known & (~Files(0) if is_folder else OF_A_FILE)
        _add(ruleset, _PATH_BENEATH, _PathBeneath(rights, opened))
    finally:
        os.close(opened)


def _add(ruleset: int, kind: int, described: ctypes.Structure) -> None:
    if _call(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(kind), ctypes.byref(described), ctypes.c_uint32(0)) < 0:
        raise _refused()


def _call(number: int, *arguments: object) -> int:
    return int(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *arguments))


def _refused() -> LockRefused:
    number = ctypes.get_errno()
    return LockRefused(number, os.strerror(number))
