# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that stands for a segment: its process is real, the network around it is not, but for the last test."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import segmentation_namespace as namespace
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_prober import Hop, ProbeError
from tests.support.programs import needs

REPOSITORY = Path(__file__).resolve().parents[4]
ADDRESSES = ("10.1.10.250", "fd01:10::250")
NEIGHBOURS = [
    {"dst": "10.1.10.11", "dev": "eth1", "lladdr": "02:00:00:00:00:11", "state": ["STALE"]},
    {"dst": "10.1.10.250", "dev": "eth1", "state": ["FAILED"]},
]


class Gateway:
    """The commands that are run, by the gateway's process (``outside``) and by the child (``inside``).

    They are kept in a file, as both processes write them. ``refuses`` is a command that fails.
    """

    def __init__(self, folder: Path) -> None:
        self.process = os.getpid()
        self.path = folder / "commands"
        self.path.touch()
        self.refuses = ""
        self.unshared = 0

    def note(self, text: str) -> None:
        where = "outside" if os.getpid() == self.process else "inside"
        with self.path.open("a", encoding="ascii") as stream:
            stream.write(f"{where}: {text}\n")

    def run(self, argv: list[str], **_options: Any) -> subprocess.CompletedProcess[str]:
        """Stand for subprocess.run."""
        command = " ".join(argv[1:])
        if command == "-j neigh show":
            return subprocess.CompletedProcess(argv, 0, json.dumps(NEIGHBOURS), "")
        self.note(command)
        if self.refuses and command.startswith(self.refuses):
            return subprocess.CompletedProcess(argv, 2, "", "RTNETLINK answers: File exists\n")
        found = json.dumps([{"ifname": "x", "address": "02:ab:cd:00:00:01"}]) if command.startswith("-j link") else ""
        return subprocess.CompletedProcess(argv, 0, found, "")

    def unshare(self, flag: int) -> int:
        """Stand for the system call; 0x40000000 is the kernel's number for a network namespace."""
        self.note(f"unshare {flag:#x}")
        return self.unshared

    def ran(self, where: str) -> list[str]:
        lines = self.path.read_text(encoding="ascii").splitlines()
        return [line.removeprefix(f"{where}: ") for line in lines if line.startswith(where)]


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """A gateway on which everything works."""
    made = Gateway(tmp_path)
    stand_in = SimpleNamespace(run=made.run, SubprocessError=subprocess.SubprocessError)
    monkeypatch.setattr(namespace, "subprocess", stand_in)
    monkeypatch.setattr(ctypes, "CDLL", lambda name, use_errno: SimpleNamespace(unshare=made.unshare))
    return made


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that were made."""
    made: list[int] = []
    fork = os.fork

    def noted() -> int:
        process = fork()
        made.append(process)
        return process

    monkeypatch.setattr(os, "fork", noted)
    return made


def begin(
    work: Callable[[Hop], Any], *, addresses: Sequence[str] = ADDRESSES, seconds: int = 60
) -> namespace.Namespace:
    return namespace.Namespace(7, list(addresses), work, seconds=seconds)


def is_gone(process: int) -> bool:
    """Whether a child has ended and nobody has to wait for it any more."""
    try:
        os.waitpid(process, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def test_the_work_is_done_inside_by_the_way_to_the_gateway(gateway: Gateway, children: list[int]) -> None:
    def work(hop: Hop) -> dict[str, Any]:
        gateway.note("work")
        return {"interface": hop.interface, "mac": hop.mac.hex(), "process": os.getpid()}

    result = begin(work).result()
    assert result == {"interface": "rfseg-probe", "mac": "02abcd000001", "process": children[0]}
    assert gateway.ran("inside") == [
        "unshare 0x40000000",
        "address add 10.1.10.250/32 dev rfseg-probe",
        "address add fd01:10::250/128 dev rfseg-probe nodad",
        "link set rfseg-probe up",
        "work",
    ]
    assert is_gone(children[0])


def test_the_gateway_gets_a_route_to_these_addresses_only(gateway: Gateway, children: list[int]) -> None:
    begin(lambda hop: None).result()
    assert gateway.ran("outside") == [
        f"link add rfseg7 type veth peer name rfseg-probe netns {children[0]}",
        "link set rfseg7 up",
        "-4 route add 10.1.10.250/32 dev rfseg7",
        "-6 route add fd01:10::250/128 dev rfseg7",
        "-j link show rfseg7",
    ]


def test_nothing_is_tried_before_the_gateway_knows_the_way(gateway: Gateway) -> None:
    begin(lambda hop: gateway.note("work")).result()
    lines = gateway.path.read_text(encoding="ascii").splitlines()
    assert lines.index("outside: -j link show rfseg7") < lines.index(
        "inside: address add 10.1.10.250/32 dev rfseg-probe"
    )
    assert lines.index("inside: unshare 0x40000000") < lines.index("outside: link set rfseg7 up")


def test_an_address_that_somebody_has_is_left_alone(gateway: Gateway, children: list[int]) -> None:
    """One that was asked for and did not answer is free."""
    with pytest.raises(
        ProbeError, match=r"^10\.1\.10\.11 is in use; name another address in segmentation_test_addresse"
    ):
        begin(lambda hop: None, addresses=["10.1.10.11", "10.1.10.250"])
    assert (children, gateway.ran("outside")) == ([], [])


def test_a_host_that_lets_nobody_make_a_namespace_says_so(gateway: Gateway, children: list[int]) -> None:
    gateway.unshared = -1
    with pytest.raises(ProbeError, match="this host lets nobody make a network namespace"):
        begin(lambda hop: gateway.note("work"))
    assert (gateway.ran("outside"), gateway.ran("inside")) == ([], ["unshare 0x40000000"])
    assert is_gone(children[0])


@pytest.mark.parametrize("command", ["link add", "link set rfseg7", "-6 route add", "-j link show"])
def test_a_gateway_that_refuses_ends_the_namespace_and_nothing_is_tried(
    gateway: Gateway, children: list[int], command: str
) -> None:
    gateway.refuses = command
    with pytest.raises(ProbeError, match=rf"^ip {command}.*: RTNETLINK answers: File exists$"):
        begin(lambda hop: gateway.note("work"))
    assert gateway.ran("inside") in ([], ["unshare 0x40000000"])
    assert is_gone(children[0])


def test_an_address_that_the_namespace_does_not_get_is_told(gateway: Gateway) -> None:
    gateway.refuses = "address add fd01"
    with pytest.raises(ProbeError, match=r"^ip address add fd01:10::250/128 dev rfseg-probe nodad: RTNETLINK"):
        begin(lambda hop: gateway.note("work")).result()
    assert "work" not in gateway.ran("inside")


@pytest.mark.parametrize(
    "problem", [ProbeError("no way there"), OSError("no way there"), subprocess.SubprocessError("no way there")]
)
def test_what_goes_wrong_inside_is_told_outside(gateway: Gateway, children: list[int], problem: Exception) -> None:
    def work(hop: Hop) -> None:
        raise problem

    begun = begin(work)
    with pytest.raises(ProbeError, match=r"^no way there$"):
        begun.result()
    assert is_gone(children[0])


def test_a_namespace_that_was_killed_has_no_result(gateway: Gateway, children: list[int]) -> None:
    begun = begin(lambda hop: time.sleep(60))
    os.kill(children[0], signal.SIGKILL)
    with pytest.raises(ProbeError, match="ended without a result"):
        begun.result()
    assert is_gone(children[0])


def test_a_namespace_ends_when_its_time_is_over(gateway: Gateway) -> None:
    """The kernel ends it, and so it does when the module that began it is no longer there."""
    started = time.monotonic()
    with pytest.raises(ProbeError, match="ended without a result"):
        begin(lambda hop: time.sleep(60), seconds=1).result()
    assert 0.5 < time.monotonic() - started < 20


def inside(work: Callable[[Hop], Any], mac: bytes) -> tuple[bytes, str]:
    """Do the child's half in this process: what it says once it is ready, and its answer."""
    begun = object.__new__(namespace.Namespace)
    begun._from_child, ready, go = os.pipe(), os.pipe(), os.pipe()
    os.write(go[1], mac)
    os.close(go[1])
    begun._child(list(ADDRESSES), work, ready[1], go[0])
    said = os.read(ready[0], 1)
    with os.fdopen(begun._from_child[0], encoding="ascii") as stream:
        if said == b"-" or not mac:
            os.close(begun._from_child[1])  # as the end of the process would
        answer = stream.read()
    for end in (*ready, go[0]):
        os.close(end)
    return said, answer


MAC = b"\2\0\0\0\0\1"


def test_the_childs_half_says_when_it_is_ready_and_what_the_work_gave(gateway: Gateway) -> None:
    said, answer = inside(lambda hop: {"mac": hop.mac.hex()}, MAC)
    assert (said, json.loads(answer)) == (b"+", {"result": {"mac": "020000000001"}})


def test_a_gateway_that_gave_up_before_it_knew_the_way_leaves_nothing_to_do(gateway: Gateway) -> None:
    assert inside(lambda hop: gateway.note("work"), b"") == (b"+", "")
    assert gateway.path.read_text(encoding="ascii") == "outside: unshare 0x40000000\n"


def test_without_a_namespace_the_gateways_own_network_is_left_alone(gateway: Gateway) -> None:
    gateway.unshared = -1
    assert inside(lambda hop: gateway.note("work"), MAC) == (b"-", "")
    assert gateway.path.read_text(encoding="ascii") == "outside: unshare 0x40000000\n"


REAL = """
import json, subprocess, sys, time, types
for name, path in (("ansible_collections", []), ("ansible_collections.ringfence", []),
                   ("ansible_collections.ringfence.callcenter", [sys.argv[1]])):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = path
from ansible_collections.ringfence.callcenter.plugins.module_utils.segmentation_namespace import Namespace

def shown(*words):
    return json.loads(subprocess.run(["ip", "-j", *words], capture_output=True, text=True, check=True).stdout or "[]")

def work(hop):
    inside = {link["ifname"]: [one["local"] for one in link["addr_info"]] for link in shown("address", "show")}
    return {"names": sorted(inside), "addresses": inside[hop.interface], "mac": hop.mac.hex(":")}

begun = Namespace(7, ["10.1.10.250"], work, seconds=60)
outside = shown("link", "show", "rfseg7")[0]["address"]
routes = [route["dst"] for route in shown("route", "show", "dev", "rfseg7")]
result = begun.result()
# The kernel takes a namespace away a moment after its last process.
end = time.monotonic() + 20
left = ["rfseg7"]
while left and time.monotonic() < end:
    left = [link["ifname"] for link in shown("link", "show") if link["ifname"].startswith("rfseg")]
    time.sleep(0.02)
print(json.dumps({**result, "outside": outside, "routes": routes, "left": left}))
"""


@needs("ip")
@needs("unshare")
def test_a_real_one_is_gone_with_all_that_led_to_it() -> None:
    """On a gateway that is a namespace itself, so that this machine's own network is not touched."""
    allowed = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    if allowed.returncode:
        # Neither may an ordinary user, nor root of a container that has not all rights; the lab shows it in any case.
        pytest.skip("this account may make no network namespace on this machine")
    argv = ["unshare", "--net", sys.executable, "-c", REAL, str(REPOSITORY)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["names"] == ["lo", "rfseg-probe"]
    assert (found["addresses"], found["routes"]) == (["10.1.10.250"], ["10.1.10.250"])
    assert found["mac"] == found["outside"]
    assert found["left"] == []
