# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a reboot everything is as before it, and no service was reachable in between."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from .conftest import HERE, LISTED, UNLISTED, serve
from .test_inbound import EXPECTED
from .test_verbs import CONF, OPEN

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

# A service that starts as early as the network: what a firewall that loads late would leave open.
EARLY = f"""[Unit]
DefaultDependencies=no
After=network-pre.target
Before=sysinit.target
[Service]
ExecStart=/usr/bin/python3 /var/tmp/behaviour-early.py {UNLISTED[0]}
[Install]
WantedBy=sysinit.target
"""
# Tries the early port all the time until it is told to stop; prints every kind of answer that it got.
WATCH = """
import json, os, socket, sys, time
seen, end = set(), time.monotonic() + 120
while time.monotonic() < end and not os.path.exists("/run/behaviour-stop"):
    try:
        socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=0.05).close()
        seen.add("answered")
    except OSError:
        seen.add("nothing")
        time.sleep(0.005)
print(json.dumps(sorted(seen)))
"""


@pytest.mark.proof("inbound-drop.after-reboot")
@pytest.mark.control("firewall.persistent")
@pytest.mark.control("firewall.default_deny_inbound")
@pytest.mark.control("firewall.kept_in_force")
def test_a_reboot_opens_nothing(lab: Lab, packets: Packets, name: str) -> None:
    """Every port is silent afterwards but the listed ones, and an early unlisted service never was reachable.

    The distribution's unit boots as well, and its file opens everything under the name of our table.
    """
    address = packets.addresses(name)[0]
    unit = "behaviour-early"
    program = (HERE / "answer.py").read_text(encoding="utf-8")
    lab.run(name, f"cat > /var/tmp/{unit}.py", stdin=program)
    lab.run(name, f"cat > /etc/systemd/system/{unit}.service && systemctl enable {unit}", stdin=EARLY)
    assert lab.run(name, f"cp -p {CONF} /var/tmp/nftables.conf && cat > {CONF}", stdin=OPEN).rc == 0
    lab.run(name, "systemctl enable nftables")
    seen: list[str] = []

    def watch() -> None:
        done = lab.run(packets.peer, f"python3 - {address} {UNLISTED[0]}", stdin=WATCH, timeout=150)
        seen.extend(json.loads(done.stdout))

    lab.run(packets.peer, "rm -f /run/behaviour-stop")
    watcher = threading.Thread(target=watch)
    try:
        watcher.start()
        try:
            lab.restart(name)
        finally:
            lab.run(packets.peer, "touch /run/behaviour-stop")
            watcher.join()
        assert lab.run(name, f"systemctl is-active {unit}").stdout.strip() == "active"
        assert lab.run(name, "systemctl is-active nftables").stdout.strip() == "active"
        assert seen == ["nothing"]
        serve(lab, name, "behaviour-answer", (LISTED, *UNLISTED[1:]))
        for either in packets.addresses(name):
            assert packets.sweep(either) == EXPECTED
    finally:
        lab.run(name, f"systemctl disable --now {unit}; rm -f /etc/systemd/system/{unit}.service /var/tmp/{unit}.py")
        lab.run(name, f"systemctl disable --now nftables; mv /var/tmp/nftables.conf {CONF}")
        lab.run(name, "systemctl daemon-reload; systemctl stop behaviour-answer")
