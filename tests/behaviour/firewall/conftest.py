# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the firewall's behaviour tests share: ports that answer, and packets sent from a host that no role hardens."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

HERE = Path(__file__).parent
#: The inbound port that the scenario's rules list, and ports that answer on the host but are listed nowhere.
LISTED = 8080
UNLISTED = (23, 53, 3306, 4444, 5432, 8081, 61000)
#: Answers on the peer: to the first a rule lets the host out, to the others none does.
OUTSIDE_LISTED = 8081
OUTSIDE_UNLISTED = (53, 443, 8082)

Target = tuple[str, str, int]


class Packets:
    """Sends packets between two hosts of the lab and says what came back."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        self.peer = lab.peer(name)

    def addresses(self, name: str) -> tuple[str, str]:
        """IPv4 and IPv6 address."""
        return self.lab.address(name), self.lab.address6(name)

    def reach(self, sender: str, targets: list[Target], *, seconds: float = 2, prefix: str = "") -> dict[Target, str]:
        """Target -> answered, refused or silent, as one host sees it."""
        words = [str(word) for target in targets for word in target]
        command = f"{prefix} python3 - {seconds} {shlex.join(words)}"
        done = self.lab.run(sender, command, stdin=(HERE / "reach.py").read_text(encoding="utf-8"))
        assert done.rc == 0, done.stderr
        return dict(zip(targets, json.loads(done.stdout)))

    def sweep(self, address: str) -> dict[int, str]:
        """Every TCP port of the host that answers the peer: port -> open or refused."""
        mine = self.addresses(self.peer)[":" in address]
        program = (HERE / "sweep.py").read_text(encoding="utf-8")
        done = self.lab.run(self.peer, f"python3 - {mine} {address}", stdin=program, timeout=120)
        assert done.rc == 0, done.stderr
        return {int(port): answer for port, answer in json.loads(done.stdout).items()}


@pytest.fixture(scope="module")
def packets(lab: Lab, name: str) -> Packets:
    """Packets between the host under test and the peer."""
    return Packets(lab, name)


def serve(lab: Lab, name: str, unit: str, ports: tuple[int, ...]) -> None:
    """Answer on these ports of a host."""
    program = (HERE / "answer.py").read_text(encoding="utf-8")
    words = " ".join(str(port) for port in ports)
    lab.run(name, f"systemctl stop {unit}; systemctl reset-failed {unit}; cat > /run/{unit}.py", stdin=program)
    done = lab.run(
        name,
        f"systemd-run --quiet --collect --unit={unit} python3 /run/{unit}.py {words} && for i in $(seq 50); do"
        f" ss -Hltn sport = :{ports[-1]} | grep -q . && exit 0; sleep 0.1; done; exit 1",
    )
    assert done.rc == 0, done.stderr


@pytest.fixture(scope="module")
def listeners(lab: Lab, name: str) -> Iterator[None]:
    """The listed port and unlisted ones answer on the host under test, and ports outside answer on the peer."""
    serve(lab, name, "behaviour-answer", (LISTED, *UNLISTED))
    serve(lab, lab.peer(name), "behaviour-answer", (OUTSIDE_LISTED, *OUTSIDE_UNLISTED))
    yield
    lab.run(name, "systemctl stop behaviour-answer; rm -f /run/behaviour-answer.py")


def converge(lab: Lab, name: str, *args: str, playbook: Path | None = None) -> Completed:
    """Run the scenario's converge playbook, or another, on one host."""
    play = playbook or Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "converge.yml"
    return lab.playbook(str(play), "--limit", name, *args, inventory=lab.inventory, timeout=120)
