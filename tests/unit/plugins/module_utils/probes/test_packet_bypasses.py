# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hands packets on below the rules, by what iproute2 6.1 and 6.15 print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import packet_bypasses
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

QDISCS = """\
qdisc noqueue 0: dev lo root refcnt 2
qdisc fq_codel 0: dev eth0 root refcnt 2 limit 10240p flows 1024 quantum 1514
qdisc clsact ffff: dev eth0 parent ffff:fff1
qdisc ingress ffff: dev eth1 parent ffff:fff1 ----------------
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
PROGRAM = "filter protocol all pref 1 bpf chain 0 handle 0x1 prog.o:[x] direct-action not_in_hw id 7 tag 3b\n"
REWRITTEN = (
    "\taction order 1:  pedit action pass keys 1\n \t index 1 ref 1 bind 1\n\taction order 2: gact action drop\n"
)


class FakeHost(Host):
    """What the programs say, and a /proc of its own."""

    def __init__(self, root: Path, **said: str) -> None:
        super().__init__(root=str(root))
        self.said = said
        self.links: list[dict[str, Any]] = [{"ifname": "eth0"}, {"ifname": "ifb0", "linkinfo": {"info_kind": "ifb"}}]
        self.proxied: dict[str, list[dict[str, str]]] = {"-4": [], "-6": []}

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del stdin, needs_root
        if argv[:2] == ("tc", "qdisc"):
            return Completed(0, QDISCS, "")
        if argv[0] == "tc":
            return Completed(0, self.said.get("_".join(argv[4:6]).replace(":", ""), ""), "")
        if "neighbour" in argv:
            return Completed(0, json.dumps(self.proxied[argv[2]]), "")
        return Completed(0, json.dumps(self.links), "")


def look(host: FakeHost) -> dict[str, Any]:
    return packet_bypasses.observe(host, {}).value


def test_nothing(tmp_path: Path) -> None:
    assert look(FakeHost(tmp_path)) == {"filters": [], "programs": [], "proxied": []}


@pytest.mark.parametrize(
    ("where", "text", "found"),
    [
        ("eth0_ingress", REDIRECT, ["eth0: mirred (Egress Redirect to device eth2)"]),
        ("eth0_egress", REDIRECT.replace("Redirect", "Mirror"), ["eth0: mirred (Egress Mirror to device eth2)"]),
        ("eth1_ingress", PROGRAM, ["eth1: direct-action"]),
        ("eth2_parent", REWRITTEN, ["eth2: pedit"]),
        ("eth1_ingress", SHAPED, []),
        ("eth2_parent", SORTED, []),
    ],
)
def test_filters_of_traffic_control(tmp_path: Path, where: str, text: str, found: list[str]) -> None:
    assert look(FakeHost(tmp_path, **{where: text}))["filters"] == found


def test_programs_that_have_packets_first(tmp_path: Path) -> None:
    host = FakeHost(tmp_path)
    host.links.append({"ifname": "eth1", "xdp": {"mode": 2, "prog": {"id": 9}}})
    assert look(host)["programs"] == ["eth1"]


def test_whom_this_host_answers_for(tmp_path: Path) -> None:
    host = FakeHost(tmp_path)
    host.proxied["-4"] = [{"dst": "192.0.2.7", "dev": "eth0"}]
    for path, value in (
        ("ipv4/conf/eth0/proxy_arp", "1"),
        ("ipv4/conf/default/proxy_arp", "1"),
        ("ipv6/conf/lo/x", "1"),
    ):
        place = tmp_path / "proc/sys/net" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{value}\n", encoding="ascii")
    assert look(host)["proxied"] == ["eth0: 192.0.2.7", "eth0: proxy_arp"]


def test_what_cannot_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = FakeHost(tmp_path)
    monkeypatch.setattr(host, "run", lambda *argv, **_more: Completed(1, "", "Operation not permitted"))
    with pytest.raises(NotObservable, match="not permitted"):
        look(host)
