# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps units from being started by the installation of their package, by Debian's own means for it: policy-rc.d.

A shell in a session of its own puts the policy in place, runs apt-get and takes it away again, so that it goes also
when the run of Ansible is killed. When that shell is killed too, the policy knows it by its process and says nothing of
its own any more; the next installation takes it away.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

POLICY = "/usr/sbin/policy-rc.d"

#: Arguments: the path of the policy, the units, then the command.
_AROUND = r"""
policy=$1 kept=$1.ringfence-kept units=$2
shift 2
mark='Written by ringfence.callcenter'
put_back() {
    if [ -e "$kept" ] || [ -L "$kept" ]; then mv -f "$kept" "$policy"; else rm -f "$policy"; fi
}
if [ -f "$policy" ] && grep -q "$mark" "$policy"; then put_back; fi
if [ -e "$policy" ] || [ -L "$policy" ]; then mv -f "$policy" "$kept"; fi
trap put_back EXIT
trap 'exit 143' HUP INT TERM
cat > "$policy.ringfence-new" <<EOF
#!/bin/sh
# $mark while it installs packages. It goes when that is done: what it names is started once it is configured.
kept='$kept'
if [ "\$(cut -d ' ' -f 22 /proc/$$/stat 2>/dev/null)" = "$(cut -d ' ' -f 22 /proc/$$/stat)" ]; then
    for word in "\$@"; do
        case \$word in --*) ;; *) unit=\$word; break ;; esac
    done
    case "\$*" in
    *start*)
        for name in $units; do
            if [ "\$unit" = "\$name" ] || [ "\$unit.service" = "\$name" ]; then exit 101; fi
        done ;;
    esac
fi
if [ -x "\$kept" ]; then exec "\$kept" "\$@"; fi
exit 0
EOF
chmod 0755 "$policy.ringfence-new"
mv -f "$policy.ringfence-new" "$policy"
"$@"
"""


class StartPolicy:
    """The units that an installation does not start. path is another one in tests."""

    def __init__(self, units: Sequence[str] = (), *, path: str = POLICY) -> None:
        self.units = list(units)
        self.path = path

    def around(self, argv: Sequence[str]) -> list[str]:
        """The words that run a command under this policy."""
        return ["/bin/sh", "-c", _AROUND, "sh", self.path, " ".join(self.units), *argv]


def failed_units() -> list[str]:
    """The units of this host that are failed; none where there is no systemd."""
    try:
        done = subprocess.run(
            ["/usr/bin/systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--no-pager"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env={"LC_ALL": "C"},
        )
    except OSError:
        return []
    return [line.split()[0].decode("utf-8", "replace") for line in done.stdout.splitlines() if line.split()]
