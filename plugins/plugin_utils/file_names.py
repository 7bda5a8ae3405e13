# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files that are made of the names of things, whatever an inventory calls these.

A file system refuses names of more than 255 bytes, some take ``Web1`` and ``web1`` for the same file, and Windows,
where an auditor may unpack a bundle, has names that are devices. A plain name is kept; another gets a piece of its
hash.
"""

from __future__ import annotations

import hashlib
import re

#: What is kept of a name: room is left for an ending and for the draft of the file.
LONGEST = 150
_HASHED = 16
_ODD = re.compile(r"[^A-Za-z0-9._-]")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE | re.ASCII)


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", errors="surrogatepass")).hexdigest()[:_HASHED]


def _told_apart(name: str, written: str) -> str:
    """What is written of a name, with a piece of its hash where that alone could be another name's."""
    return f"{written[:LONGEST]}~{_hash(name)}"


def escaped(name: str) -> str:
    """A name as a file's, from which it can be read while it is short: odd characters become ``%`` and their bytes."""
    written = _ODD.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode("utf-8", errors="surrogatepass")), name
    )
    if written.startswith(".") or _DEVICES.fullmatch(written):
        written = f"%{ord(written[0]):02X}{written[1:]}"
    unsafe = len(written) > LONGEST or any(one.isupper() for one in name)
    return _told_apart(name, written) if unsafe else written


def readable(name: str) -> str:
    """A name as a part of a file's that people open: odd characters become ``_``."""
    written = _ODD.sub("_", name).lstrip(".")
    if not written or _DEVICES.fullmatch(written):
        written = f"_{written}"
    return written if written == name and len(written) <= LONGEST else _told_apart(name, written)
