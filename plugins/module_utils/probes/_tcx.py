# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of BPF that are attached to an interface by tcx, since Linux 6.6: neither ``tc`` nor ``ip`` lists them."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

#: The number of bpf(2), by machine.
_BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "ppc64le": 361, "s390x": 351, "i686": 357, "armv7l": 386}
_PROG_QUERY = 16
_SIDES = {"ingress": 46, "egress": 47}
#: Of union bpf_attr: target_ifindex, attach_type, query_flags, attach_flags, prog_ids, prog_cnt, and room for more.
_QUERY = "=IIIIQI100x"
_COUNT = 24


def attached(index: int) -> list[str]:
    """The sides (ingress, egress) of an interface that have programs; none where the kernel knows no tcx.

    index: the interface's number. Raises PermissionError where the kernel does not tell.
    """
    return [side for side, kind in _SIDES.items() if _programs(index, kind)]


def _programs(index: int, kind: int) -> int:
    """How many programs one side has."""
    number = _BPF.get(platform.machine())
    if number is None:
        return 0
    call = ctypes.CDLL(None, use_errno=True).syscall
    attributes = ctypes.create_string_buffer(struct.pack(_QUERY, index, kind, 0, 0, 0, 0))
    if call(number, _PROG_QUERY, attributes, ctypes.sizeof(attributes)) == 0:
        count: int = struct.unpack_from("=I", attributes.raw, _COUNT)[0]
        return count
    problem = ctypes.get_errno()
    if problem in (errno.EPERM, errno.EACCES):
        raise PermissionError(problem, os.strerror(problem))
    # Older kernels know no such kind; an interface may be gone by now.
    return 0
