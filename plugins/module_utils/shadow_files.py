# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The password fields of /etc/passwd and /etc/shadow, changed under the lock that all account tools take.

usermod would have a hash in its argv, and none of the tools can put a field back exactly as it was.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import FILE, establish, observe
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._accounts import SHADOW, USERS


class ShadowError(Exception):
    """The files cannot be locked or changed: one sentence."""


@dataclass(frozen=True)
class Fields:
    """Of one account. outer: the password field of /etc/passwd. shadow: its line in /etc/shadow, None without one."""

    outer: str
    shadow: str | None

    @property
    def password(self) -> str:
        """The password field that counts."""
        if self.outer != "x":
            return self.outer
        return self.shadow.split(":")[1] if self.shadow else "*"

    def with_password(self, name: str, field: str, *, changed: int | None = None, expires: int | None = None) -> Fields:
        """With another password field, in /etc/shadow whatever place it had.

        name: of the account, for one that has no line there. changed, expires: days since the epoch.
        """
        parts = self.shadow.split(":") if self.shadow else [name, "", "", "0", "99999", "7", "", "", ""]
        parts += [""] * (9 - len(parts))
        parts[1] = field
        if changed is not None:
            parts[2] = str(changed)
        if expires is not None:
            parts[7] = str(expires)
        return replace(self, outer="x", shadow=":".join(parts))


class ShadowFiles:
    """Both files of one host. root: where the host is (tests have one of their own)."""

    def __init__(self, root: str = "/") -> None:
        self.root = root

    def _at(self, path: str) -> str:
        return path if self.root == "/" else os.path.join(self.root, path.lstrip("/"))

    def _text(self, path: str) -> str:
        content = observe(self._at(path)).content
        return "" if content is None else content.decode("utf-8", errors="surrogateescape")

    def fields(self) -> dict[str, Fields]:
        """Name -> fields of every account."""
        shadows = {line.split(":", 1)[0]: line for line in self._text(SHADOW).splitlines() if ":" in line}
        found = {}
        for line in self._text(USERS).splitlines():
            parts = line.split(":")
            if len(parts) >= 7:
                found[parts[0]] = Fields(parts[1], shadows.get(parts[0]))
        return found

    def write(self, changes: Mapping[str, Fields]) -> None:
        """Bring the fields of some accounts to the files, each file in one atomic step."""
        passwd = []
        for line in self._text(USERS).splitlines():
            parts = line.split(":")
            if parts[0] in changes and len(parts) >= 7:
                parts[1] = changes[parts[0]].outer
            passwd.append(":".join(parts))
        shadow = []
        left = {name: fields.shadow for name, fields in changes.items()}
        for line in self._text(SHADOW).splitlines():
            name = line.split(":", 1)[0]
            after = left.pop(name) if name in left else line
            if after is not None:
                shadow.append(after)
        shadow += [line for line in left.values() if line is not None]
        # /etc/shadow first: an account whose line there is new is not open for a moment.
        for path, lines in ((SHADOW, shadow), (USERS, passwd)):
            now = observe(self._at(path))
            if now.kind != FILE:
                raise ShadowError(f"{path} is no file")
            text = "".join(f"{line}\n" for line in lines)
            establish(self._at(path), replace(now, content=text.encode("utf-8", errors="surrogateescape")))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep passwd, usermod and the like out. Raises ShadowError when they do not let go within 15 seconds."""
        if self.root != "/":
            yield
            return
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.lckpwdf() != 0:
            raise ShadowError("another program is changing accounts on this host: let it end, then try again")
        try:
            yield
        finally:
            libc.ulckpwdf()
