# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probes of the role client_vlans, and the table that they compare with."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    _vlan_sources,
    kernel_settings,
    link_addresses,
    link_masters,
    networkd_files,
    vlan_links,
    vlan_sources,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotApplicable

ACME = {"name": "acme", "interface": "", "addresses": ["192.0.2.1/24", "2001:db8::1/64"], "subnets": ["192.0.2.0/24"]}
SHOWN = json.dumps(
    [
        {"ifname": "eth1", "addr_info": [{"local": "192.0.2.1", "prefixlen": 24}, {}]},
        {"ifname": "vlan10", "link": "eth1", "linkinfo": {"info_data": {"id": 10}}, "addr_info": []},
        {},
    ]
)


class Told(Host):
    """A host whose commands answer from a dictionary, the first words of a command deciding."""

    is_root = True

    def __init__(self, root: Path, **answers: str) -> None:
        super().__init__(str(root))
        self.answers = answers

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del needs_root
        if argv[0] == "unshare":
            return Completed(0, listing(stdin), "")
        return Completed(0, self.answers[argv[0]], "")


def listing(text: str) -> str:
    """A listing as nft would make it of a ruleset: one rule for each line that has a comment."""
    rules: list[dict[str, Any]] = [
        {"rule": {"chain": "c", "expr": [{"text": line.strip()}], "comment": line.split('comment "')[1].rstrip('"')}}
        for line in text.splitlines()
        if 'comment "' in line
    ]
    return json.dumps({"nftables": rules})


def test_an_interface_is_found_by_its_address() -> None:
    """And what has none, or shares one, is named."""
    found, wrong = _vlan_sources.resolved([ACME], SHOWN)
    assert (found[0]["interface"], wrong) == ("eth1", [])
    found, wrong = _vlan_sources.resolved([ACME, {**ACME, "name": "globex"}], SHOWN)
    assert wrong == ["globex: its interface eth1 is that of acme already"]
    _found, wrong = _vlan_sources.resolved([{**ACME, "addresses": ["203.0.113.1/24"]}], SHOWN)
    assert wrong == ["acme: no interface carries 203.0.113.1"]


def test_the_table_judges_each_source() -> None:
    """Own subnets in, all else out; and a segment's source on any other interface out."""
    text = _vlan_sources.render([{**ACME, "interface": "vlan10", "dhcp": True}], ["eth1"])
    lines = [line.strip() for line in text.splitlines()]
    assert 'iifname { "eth1" } counter drop comment "untagged"' in lines
    assert "ip saddr { 192.0.2.0/24 } accept" in lines
    assert lines.index("ip saddr { 192.0.2.0/24 } accept") < lines.index('counter drop comment "acme foreign source"')
    assert 'ip saddr { 192.0.2.0/24 } counter drop comment "bound to a segment"' in lines
    assert "ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept" in lines
    without = _vlan_sources.render([{**ACME, "interface": "vlan10"}], [])
    assert "udp" not in without
    assert "untagged" not in without


def test_beyond_another_gateway_any_source_may_be_but_ours() -> None:
    """A transit segment takes what is bound nowhere else."""
    transit = {"name": "up", "interface": "eth9", "addresses": ["198.51.100.1/24"], "subnets": ["198.51.100.0/24"]}
    text = _vlan_sources.render([{**ACME, "interface": "eth1"}, {**transit, "transit": True}], [])
    chain = text[text.index("chain from_up") : text.index("chain from_acme")]
    assert 'ip saddr { 192.0.2.0/24 } counter drop comment "up bound elsewhere"' in chain
    assert "foreign source" not in chain
    assert 'ip saddr { 198.51.100.0/24 } counter drop comment "acme' not in text


def test_a_table_that_is_being_replaced_lets_nothing_in() -> None:
    """A packet on its way may meet a chain without rules and a map without members: it is dropped there."""
    text = _vlan_sources.render([{**ACME, "interface": "eth1"}], ["eth2"])
    base = [line.strip() for line in text[text.index("chain prerouting {") :].splitlines()]
    assert base[1] == "type filter hook prerouting priority raw; policy drop;"
    missed = base.index('iifname { "eth1" } counter drop comment "between two tables"')
    assert base.index('iifname vmap { "eth1" : jump from_acme }') < missed < base.index("accept")


@pytest.mark.parametrize("part", ["sources", "advertisements", "untagged"])
def test_only_the_part_that_is_asked_for_turns_red(tmp_path: Path, part: str) -> None:
    """A rule that is missing shows in the part it belongs to and in no other."""
    binding = {**ACME, "interface": "eth1"}
    whole = _vlan_sources.render([binding], ["eth2"])
    gone = {"sources": "foreign source", "advertisements": "router advertisement", "untagged": "untagged"}[part]
    for wanted, text in ((True, whole), (False, "\n".join(x for x in whole.splitlines() if gone not in x))):
        host = Told(tmp_path, ip=SHOWN, nft=listing(text))
        for asked in ("sources", "advertisements", "untagged"):
            seen = vlan_sources.observe(host, {"bindings": [binding], "untagged": ["eth2"], "part": asked}).value
            assert seen["match"] is (wanted or asked != part), (asked, seen)
            assert bool(seen["missing"]) is not seen["match"]


def test_a_segment_without_its_interface_is_no_match(tmp_path: Path) -> None:
    """It says which."""
    host = Told(tmp_path, ip="[]", nft=listing(""))
    seen = vlan_sources.observe(host, {"bindings": [ACME], "part": "sources"}).value
    assert seen == {"match": False, "unexpected": [], "missing": ["acme: no interface carries 192.0.2.1, 2001:db8::1"]}


def test_networkd_files(tmp_path: Path) -> None:
    """Another text, a missing file, one too many, and one that comes first."""
    folder = tmp_path / "etc/systemd/network"
    folder.mkdir(parents=True)
    good = hashlib.sha256(b"good").hexdigest()
    for name, text in (
        ("05-r-a.network", "good"),
        ("05-r-b.network", "bad"),
        ("05-r-z.netdev", ""),
        ("04-x.network", ""),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "10-theirs.network").write_text("", encoding="utf-8")
    files = {"05-r-a.network": good, "05-r-b.network": good, "05-r-c.network": good}
    seen = networkd_files.observe(Host(str(tmp_path)), {"prefix": "05-r-", "files": files}).value
    assert seen == {
        "differing": ["05-r-b.network", "05-r-c.network"],
        "unexpected": ["05-r-z.netdev"],
        "before": ["04-x.network"],
    }


def test_links_and_addresses(tmp_path: Path) -> None:
    """An interface of another VLAN, one that is not there, an address that is missing."""
    host = Told(tmp_path, ip=SHOWN)
    links = {"vlan10": {"parent": "eth1", "id": 10}, "vlan20": {"parent": "eth1", "id": 20}}
    params = {"links": links, "addresses": {"vlan10": ["198.51.100.1/24"]}}
    assert vlan_links.observe(host, params).value == {"lacking": ["vlan10 198.51.100.1/24", "vlan20"]}
    assert link_addresses.observe(host, {"links": ["eth1"]}).value == {"addresses": ["eth1 192.0.2.1/24"]}
    assert link_addresses.observe(host, {"links": ["eth7"]}).value == {"addresses": []}


def test_containers_are_no_failure(tmp_path: Path) -> None:
    """Without 802.1Q, and with settings that belong to somebody else."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run/.containerenv").touch()
    with pytest.raises(NotApplicable, match=r"no 802\.1Q"):
        vlan_links.observe(Told(tmp_path, ip=SHOWN), {"links": {}, "addresses": {}})
    with pytest.raises(NotApplicable, match="container"):
        kernel_settings.observe(Host(str(tmp_path)), {"settings": {}})


def test_kernel_settings(tmp_path: Path) -> None:
    """Another value, and one that is not there."""
    folder = tmp_path / "proc/sys/net"
    folder.mkdir(parents=True)
    (folder / "one").write_text("1\n", encoding="utf-8")
    (folder / "two").write_text("0\n", encoding="utf-8")
    seen = kernel_settings.observe(
        Host(str(tmp_path)), {"settings": {"net/one": "1", "net/two": "1", "net/three": "1"}}
    )
    assert seen.value == {"differing": ["net/three", "net/two=0"]}


def test_an_interface_of_a_segment_that_belongs_to_a_bridge(tmp_path: Path) -> None:
    """Found by its address as well as by its name."""
    links = json.loads(SHOWN)
    for name, master in (("eth1", "brx"), ("vlan10", "brx"), ("eth9", "bry")):
        one = next((link for link in links if link.get("ifname") == name), {"ifname": name, "addr_info": []})
        links = [link for link in links if link.get("ifname") != name] + [{**one, "master": master}]
    bindings = [ACME, {**ACME, "name": "globex", "interface": "vlan10", "addresses": []}]
    seen = link_masters.observe(Told(tmp_path, ip=json.dumps(links)), {"bindings": bindings})
    assert seen.value == {"enslaved": ["eth1: brx", "vlan10: brx"]}
    assert link_masters.observe(Told(tmp_path, ip=SHOWN), {"bindings": bindings}).value == {"enslaved": []}
