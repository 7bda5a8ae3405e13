# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``password_hashes``: how a host keeps passwords, those that are and those that were.

No parameters. Observes ``weak``, each ``ACCOUNT: SCHEME``, or ``ACCOUNT: SCHEME (FILE)`` where it is not in
/etc/shadow: everything but yescrypt, gost-yescrypt, scrypt, bcrypt, SHA-512 and SHA-256, by crypt(5). A locked account
counts too, as what is kept of it can be guessed all the same; one without a password does not, nor does a text that is
no hash of any scheme. And ``methods``, every ENCRYPT_METHOD of /etc/login.defs: of several pam_unix takes the first,
whatever its case, and the tools of shadow take the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .base import Host, NotObservable, Observation

_STRONG = re.compile(r"\$(?:y|gy|7|2[aby]|5|6)\$")
_SCHEMES = {
    "MD5": re.compile(r"\$1\$"),
    "SunMD5": re.compile(r"\$md5[$,]"),
    "SHA-1": re.compile(r"\$sha1\$"),
    "NTHASH": re.compile(r"\$3\$"),
    "BSDI DES": re.compile(r"_[./0-9A-Za-z]{19}$"),
    "DES": re.compile(r"[./0-9A-Za-z]{13}$"),
    "unknown": re.compile(r"\$.+\$"),
}
#: What systemd writes for root where nobody has set one yet; it has the shape of a hash of DES.
_NONE_YET = "unprovisioned"
_METHOD = re.compile(r"^[ \t]*ENCRYPT_METHOD[ \t=]+(\S+)", re.MULTILINE | re.IGNORECASE)


def _scheme(text: str) -> str | None:
    """The scheme of what is kept where it is a weak one."""
    kept = text.lstrip("!")
    if _STRONG.match(kept) or kept == _NONE_YET:
        return None
    return next((name for name, shape in _SCHEMES.items() if shape.match(kept)), None)


def _kept(host: Host) -> Iterator[tuple[str, str, str]]:
    """Account, what is kept, and where where that is not /etc/shadow."""
    for path, where in (("/etc/shadow", ""), ("/etc/passwd", " (/etc/passwd)")):
        for line in (host.read(path) or "").splitlines():
            fields = line.split(":")
            if len(fields) > 1:
                yield fields[0], fields[1], where
    for line in (host.read("/etc/security/opasswd") or "").splitlines():
        fields = line.split(":")
        if len(fields) > 3:
            yield from ((fields[0], one, " (/etc/security/opasswd)") for one in fields[3].split(","))


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read what the host keeps of passwords; no hash leaves it."""
    del params
    if not host.is_root:
        raise NotObservable("reading /etc/shadow needs root")
    weak = {f"{name}: {scheme}{where}" for name, text, where in _kept(host) if (scheme := _scheme(text))}
    methods = sorted({one.upper() for one in _METHOD.findall(host.read("/etc/login.defs") or "")})
    source = "/etc/shadow, /etc/passwd, /etc/security/opasswd, /etc/login.defs"
    return Observation({"weak": sorted(weak), "methods": methods}, source)
