# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What packages leave on a host, as against what roles leave: the roles' packages stay, and so does what they made.

Most of it dpkg knows. The rest is what their installation scripts make, seen on hosts that had nothing but the packages
installed.
"""

from __future__ import annotations

import re

#: Accounts that the packages make.
ACCOUNTS = ("clamav", "dnsmasq", "unbound")
#: What their scripts write.
PATHS = (
    r"/etc/apparmor\.d/local(/usr\.(bin|sbin)\.\w+)?",
    r"/etc/ca-certificates\.conf",
    r"/etc/ssl/certs/[^/]+",
    r"/etc/clamav/(clamd|freshclam)\.conf",
    r"/etc/default/rkhunter",
    r"/etc/logrotate\.d/clamav-(daemon|freshclam)",
    r"/etc/pam\.d/common-password",
    r"/etc/sgml(/catalog)?",
    r"/etc/systemd/system/clamav-daemon\.service\.d(/extend\.conf)?",
    r"/etc/systemd/system/[\w.@-]+\.wants",
    r"/usr/local/share/(ca-certificates|sgml(/\w+)?)",
)
_PATH = re.compile("|".join(PATHS))
_RUNLEVEL = re.compile(r"/etc/rc[0-6S]\.d/[SK]\d\d(?P<name>.+)")
_ACCOUNT = re.compile(rf"(password )?({'|'.join(ACCOUNTS)})[: ]")


def unexplained(lines: list[str], owned: set[str]) -> list[str]:
    """Return the lines by which two snapshots differ and that no package answers for.

    :param owned: the paths that dpkg knows.
    """
    return [line for line in lines if not _of_a_package(line, owned)]


def _of_a_package(line: str, owned: set[str]) -> bool:
    words = line.split()
    if _ACCOUNT.match(line) or owned & set(words):
        return True
    if words[0] == "unit":
        return bool(owned & {f"{folder}/systemd/system/{words[1]}" for folder in ("/lib", "/usr/lib")})
    path = next(word for word in words if word.startswith("/")) if "/" in line else ""
    runlevel = _RUNLEVEL.fullmatch(path)
    return bool(_PATH.fullmatch(path)) or (runlevel is not None and f"/etc/init.d/{runlevel['name']}" in owned)
