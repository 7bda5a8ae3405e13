# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``password_hashes``: accounts whose password is kept by a scheme that is quickly guessed.

No parameters. Observes ``weak``, each ``ACCOUNT: SCHEME``, by crypt(5): everything but yescrypt, gost-yescrypt, scrypt,
bcrypt, SHA-512 and SHA-256. A locked account counts too, as what is kept of it can be guessed all the same; one without
a password does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .base import Host, NotObservable, Observation

_STRONG = re.compile(r"\$(?:y|gy|7|2[aby]|5|6)\$")
_SCHEMES = {"$1$": "MD5", "$md5": "SunMD5", "$sha1": "SHA-1", "$3$": "NTHASH", "_": "BSDI DES"}
_SHADOW = "/etc/shadow"


def _scheme(text: str) -> str:
    return next((name for start, name in _SCHEMES.items() if text.startswith(start)), "DES or unknown")


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read what the host keeps of passwords; no hash leaves it."""
    del params
    if not host.is_root:
        raise NotObservable(f"reading {_SHADOW} needs root")
    weak = []
    for line in (host.read(_SHADOW) or "").splitlines():
        name, _colon, rest = line.partition(":")
        kept = rest.partition(":")[0].lstrip("!")
        # Of thirteen characters at least are those of the oldest scheme; what is shorter is no hash.
        if len(kept) > 12 and not _STRONG.match(kept):
            weak.append(f"{name}: {_scheme(kept)}")
    return Observation({"weak": sorted(weak)}, _SHADOW)
