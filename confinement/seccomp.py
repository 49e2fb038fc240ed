"""System calls that an intruder has a use for, and a running engine has not: refused from now on, in all threads.

Seccomp runs a program of the kernel's packet filter, which sees number and arguments of each call. Manual: seccomp(2).
The constants are those of ``linux/filter.h``, ``linux/seccomp.h`` and of the tables of system calls.
"""

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT, _SECOND_ARGUMENT_AT = 0, 4, 16, 24
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_X32 = 0x40000000  # calls of a second table of x86-64, which nobody uses
_SET_NO_NEW_PRIVS, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_INET, _INET6, _STREAM, _TYPE_MASK = 2, 10, 1, 0xF


@dataclass(frozen=True, slots=True)
class _Machine:
    """Numbers of the architecture itself, of ``seccomp``, of ``socket``, and of the other calls that are refused."""

    audit: int
    seccomp: int
    socket: int
    refused: tuple[int, ...]


# execve, execveat; ptrace, process_vm_readv, process_vm_writev, pidfd_getfd; bpf, perf_event_open, userfaultfd;
# io_uring_setup, io_uring_enter, io_uring_register; mount, umount2, pivot_root, chroot, unshare, setns;
# add_key, request_key, keyctl; init_module, finit_module, kexec_load; open_by_handle_at
_MACHINES = {
    "x86_64": _Machine(
        0xC000003E, 317, 41,
        (59, 322, 101, 310, 311, 438, 321, 298, 323, 425, 426, 427, 165, 166, 155, 161, 272, 308, 248, 249, 250, 175,
         313, 246, 304),
    ),
    "aarch64": _Machine(
        0xC00000B7, 277, 198,
        (221, 281, 117, 270, 271, 438, 280, 241, 282, 425, 426, 427, 40, 39, 41, 51, 97, 268, 217, 218, 219, 105,
         273, 104, 265),
    ),
}  # fmt: skip


def refuse_calls(*, tcp: bool) -> bool:
    """Refuse, with EPERM, to start programs, to look into other processes, and to open sockets, but those for ``tcp``;
    whether this kernel, on this machine, does so."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    code = _assemble(_program(machine, tcp=tcp))
    program = _Program(len(code) // 8, code)
    number, action, flags = ctypes.c_long(machine.seccomp), ctypes.c_uint(_SET_FILTER), ctypes.c_uint(_ALL_THREADS)
    return int(libc.syscall(number, action, flags, ctypes.byref(program))) == 0


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


Instruction = tuple[int, int, int, int]
"""Operation, how many instructions to skip if so and if not, operand."""


def _program(machine: _Machine, *, tcp: bool) -> list[Instruction]:
    return [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _REFUSE),  # calls of 32-bit programs have other numbers
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE),
        *(step for number in machine.refused for step in ((_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE))),
        (_EQUAL, 1, 0, machine.socket),
        (_RETURN, 0, 0, _ALLOW),
        *(_only_tcp() if tcp else ()),
        (_RETURN, 0, 0, _REFUSE),
    ]


def _only_tcp() -> list[Instruction]:
    """Streams of the two internet families are allowed; what comes after these is for all else."""
    return [
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_EQUAL, 1, 0, _INET),
        (_EQUAL, 0, 4, _INET6),
        (_LOAD, 0, 0, _SECOND_ARGUMENT_AT),
        (_AND, 0, 0, _TYPE_MASK),
        (_EQUAL, 0, 1, _STREAM),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _assemble(program: Iterable[Instruction]) -> bytes:
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
