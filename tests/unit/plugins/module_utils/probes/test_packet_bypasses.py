# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hands packets on below the rules, by what iproute2 6.1 and 6.15 print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _tcx, packet_bypasses
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

QDISCS = """\
qdisc noqueue 0: dev lo root refcnt 2
qdisc fq_codel 0: dev eth0 root refcnt 2 limit 10240p flows 1024 quantum 1514
qdisc clsact ffff: dev eth0 parent ffff:fff1
qdisc ingress ffff: dev eth1 parent ffff:fff1 ----------------
qdisc fq_codel 8001: dev eth3 root refcnt 2 limit 10240p flows 1024 quantum 1514
qdisc htb 1: dev eth2 root refcnt 2 r2q 10 default 0x30 direct_packets_stat 0
"""
REDIRECT = """\
filter protocol ip pref 49152 u32 chain 0
filter protocol ip pref 49152 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 terminal flowid not_in_hw
  match c000024d/ffffffff at 16
\taction order 1: mirred (Egress Redirect to device eth2) stolen
\tindex 1 ref 1 bind 1
"""
SHAPED = "\taction order 1: mirred (Egress Redirect to device ifb0) stolen\n"
SORTED = "filter parent 1: protocol ip pref 1 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 flowid 1:10\n"
BLOCK = REDIRECT.replace("device eth2", "blockid 7")
PROGRAM = "filter protocol all pref 1 bpf chain 0 handle 0x1 prog.o:[x] not_in_hw id 7 tag 3b\n"
REWRITTEN = (
    "\taction order 1:  pedit action pass keys 1\n \t index 1 ref 1 bind 1\n\taction order 2: gact action drop\n"
)


#: Before any test puts another in its place.
MODULE_ATTACHED = _tcx.attached


class FakeHost(Host):
    """What the programs say, and a /proc of its own."""

    def __init__(self, root: Path, **said: str) -> None:
        super().__init__(root=str(root))
        self.said = said
        self.contained = False
        self.links: list[dict[str, Any]] = [
            {"ifname": "eth0", "ifindex": 2},
            {"ifname": "ifb0", "ifindex": 3, "linkinfo": {"info_kind": "ifb"}},
        ]
        self.proxied: dict[str, list[dict[str, str]]] = {"-4": [], "-6": []}

    @property
    def in_container(self) -> bool:
        return self.contained

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del stdin, needs_root
        if argv[:2] == ("tc", "qdisc"):
            return Completed(0, QDISCS, "")
        if argv[:2] == ("tc", "class"):
            text = "class htb 1:1 root rate 1Gbit\nclass htb 1:10 parent 1:1 prio 0\n" if argv[4] == "eth2" else ""
            return Completed(0, text, "")
        if argv[0] == "tc":
            return Completed(0, self.said.get("_".join(argv[4:]).replace(":", ""), ""), "")
        if "neighbour" in argv:
            return Completed(0, json.dumps(self.proxied[argv[2]]), "")
        return Completed(0, json.dumps(self.links), "")


@pytest.fixture(autouse=True)
def _no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has attached."""
    monkeypatch.setattr(_tcx, "attached", lambda _index: [])


def look(host: FakeHost) -> dict[str, Any]:
    return packet_bypasses.observe(host, {}).value


def test_nothing(tmp_path: Path) -> None:
    assert look(FakeHost(tmp_path)) == {"filters": [], "programs": [], "proxied": []}


@pytest.mark.parametrize(
    ("where", "text", "found"),
    [
        ("eth0_ingress", REDIRECT, ["eth0: Egress Redirect to device eth2"]),
        ("eth0_egress", REDIRECT.replace("Redirect", "Mirror"), ["eth0: Egress Mirror to device eth2"]),
        ("eth1_ingress", BLOCK, ["eth1: Egress Redirect to blockid 7"]),
        ("eth1_ingress", PROGRAM, ["eth1: bpf"]),
        ("eth2_parent_1", REWRITTEN, ["eth2: pedit"]),
        ("eth2_parent_11", REWRITTEN, ["eth2: pedit"]),
        ("eth3_parent_8001", REDIRECT, ["eth3: Egress Redirect to device eth2"]),
        ("eth1_ingress", SHAPED, []),
        ("eth2_parent_1", SORTED, []),
    ],
)
def test_filters_of_traffic_control(tmp_path: Path, where: str, text: str, found: list[str]) -> None:
    assert look(FakeHost(tmp_path, **{where: text}))["filters"] == found


def test_programs_that_have_packets_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = FakeHost(tmp_path)
    host.links.append({"ifname": "eth1", "ifindex": 4, "xdp": {"mode": 2, "prog": {"id": 9}}})
    monkeypatch.setattr(_tcx, "attached", lambda index: ["egress"] if index == 2 else [])
    assert look(host)["programs"] == ["eth0: tcx egress", "eth1: XDP"]


@pytest.mark.parametrize("contained", [True, False])
def test_where_the_kernel_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contained: bool) -> None:
    host = FakeHost(tmp_path)
    host.contained = contained

    def refuse(_index: int) -> list[str]:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(_tcx, "attached", refuse)
    if contained:
        assert look(host)["programs"] == []
    else:
        with pytest.raises(NotObservable, match="bpf"):
            look(host)


def test_whom_this_host_answers_for(tmp_path: Path) -> None:
    host = FakeHost(tmp_path)
    host.proxied["-4"] = [{"dst": "192.0.2.7", "dev": "eth0"}]
    for path, value in (
        ("ipv4/conf/eth0/proxy_arp", "1"),
        ("ipv4/conf/default/proxy_arp", "1"),
        ("ipv4/conf/eth1/proxy_arp_pvlan", "1"),
        ("ipv6/conf/lo/x", "1"),
    ):
        place = tmp_path / "proc/sys/net" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{value}\n", encoding="ascii")
    assert look(host)["proxied"] == ["eth0: 192.0.2.7", "eth0: proxy_arp", "eth1: proxy_arp_pvlan"]


def test_what_cannot_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = FakeHost(tmp_path)
    monkeypatch.setattr(host, "run", lambda *argv, **_more: Completed(1, "", "Operation not permitted"))
    with pytest.raises(NotObservable, match="not permitted"):
        look(host)


def test_the_kernel_of_this_machine_is_asked() -> None:
    """It tells, refuses, or knows no tcx; whatever is attached to the loopback here."""
    try:
        sides = MODULE_ATTACHED(1)
    except PermissionError:
        return
    assert set(sides) <= {"ingress", "egress"}
