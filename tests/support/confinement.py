# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service could do if it were taken over: tried from inside the very unit, beside its own program."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.lab import Lab

SCRIPT, OUTPUT = "/usr/local/lib/rf-attempts", "/run/rf-attempts"
#: Each prints its name when it succeeds. All of them succeed for root outside of a unit.
_ATTEMPTS = """\
#!/bin/sh
exec 2>/dev/null
mount -t tmpfs none /mnt && { umount /mnt; echo mount; }
unshare --net true && echo namespace
touch /etc/rf-attempt && { rm /etc/rf-attempt; echo etc; }
cp /bin/true /tmp/rf-attempt && chmod 4755 /tmp/rf-attempt && echo setuid
rm -f /tmp/rf-attempt
python3 -c 'import socket; socket.socket(socket.AF_TIPC, socket.SOCK_DGRAM)' || \\
python3 -c 'import socket; socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)' && echo socket
echo end
"""
#: A service that has to see the file system as all others do may write where its user may.
EVERYWHERE = {"etc"}


def succeeded(lab: Lab, host: str, unit: str) -> set[str]:
    """The attempts that succeed inside a unit; the unit is started for it, and again without them."""
    folder = f"/etc/systemd/system/{unit}.d"
    drop_in = f"[Service]\nExecStartPost=-/bin/sh {SCRIPT}\nStandardOutput=append:{OUTPUT}\n"
    lab.run(host, f"mkdir -p {folder}; cat > {SCRIPT}", stdin=_ATTEMPTS)
    # A unit that is stopped is left stopped.
    active = lab.run(host, f"systemctl is-active {unit}").stdout.strip() == "active"
    again = "restart" if active else "stop"
    try:
        command = f"cat > {folder}/zz-attempts.conf; rm -f {OUTPUT}; systemctl daemon-reload; systemctl restart {unit}"
        done = lab.run(host, command, stdin=drop_in, timeout=180)
        assert done.rc == 0, done.stderr
        said = set(lab.run(host, f"cat {OUTPUT}").stdout.split())
    finally:
        lab.run(host, f"rm -f {folder}/zz-attempts.conf {SCRIPT} {OUTPUT}; rmdir --ignore-fail-on-non-empty {folder}")
        lab.run(host, f"systemctl daemon-reload; systemctl {again} {unit}", timeout=180)
    # Not one word of ours in its output would be a test that looks at nothing.
    assert "end" in said, f"the attempts did not run in {unit}"
    return said & {"mount", "namespace", "etc", "setuid", "socket"}


def unconfined(lab: Lab, host: str) -> set[str]:
    """The attempts that succeed for root outside of any unit."""
    lab.run(host, f"cat > {SCRIPT}", stdin=_ATTEMPTS)
    return set(lab.run(host, f"sh {SCRIPT}; rm {SCRIPT}").stdout.split()) - {"end"}
