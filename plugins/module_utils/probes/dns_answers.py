# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``dns_answers``: what the running resolver of this host says to whom.

Parameters: ``source``: the loopback address that asks; ``names``: a list of names. Observes ``answers``: a mapping from
each name to the word for the answer's code (NOERROR, NXDOMAIN, REFUSED, SERVFAIL, or the number; SILENT when there was
none).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from typing import Any

from .base import Host, NotApplicable, NotObservable, Observation

_SECONDS = 3.0
_CODES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


def _question(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".")]
    text = b"".join(bytes((len(label),)) + label for label in labels)
    return struct.pack("!HHHHHH", 0x7266, 0x0100, 1, 0, 0, 0) + text + b"\0" + struct.pack("!HH", 1, 1)


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the resolver of this host."""
    if host.root != "/":
        raise NotObservable("a running resolver is asked on the host itself only")
    answers: dict[str, str] = {}
    source = str(params["source"])
    for name in params["names"]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.settimeout(_SECONDS)
            line.bind((source, 0))
            try:
                line.connect(("127.0.0.1", 53))
                line.send(_question(str(name)))
                said = line.recv(512)
            except ConnectionRefusedError as error:
                raise NotApplicable(
                    "no resolver answers here, so it tells nobody anything; its own check says so"
                ) from error
            except (TimeoutError, socket.timeout):
                answers[str(name)] = "SILENT"
                continue
            except OSError as error:
                raise NotObservable(f"the resolver can't be asked: {error}") from error
        code = said[3] & 15 if len(said) > 3 else -1
        answers[str(name)] = _CODES.get(code, str(code))
    return Observation({"answers": answers}, f"127.0.0.1:53 as {source}")
