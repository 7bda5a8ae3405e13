# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other firewalls: what they do is named, and that one drops a declared port is said only where it is certain."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    _nft_closed,
    _nft_others,
    other_firewalls,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host

ACCEPT, DROP, COUNTER = {"accept": None}, {"drop": None}, {"counter": {"packets": 1, "bytes": 60}}
LOOPBACK = {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}
#: As nft 1.0.6 shows the matches of iptables, and the text that it has for them.
XT_CONNTRACK = {"xt": {"type": "match", "name": "conntrack"}}
XT_MULTIPORT = {"xt": {"type": "match", "name": "multiport"}}


def base(name: str, hook: str = "input", policy: str = "accept", kind: str = "filter") -> dict[str, Any]:
    """A base chain."""
    return {"chain": {"name": name, "hook": hook, "policy": policy, "type": kind, "prio": 0}}


def rule(chain: str, *expr: Any, handle: int = 0) -> dict[str, Any]:
    """A rule."""
    return {"rule": {"chain": chain, "expr": list(expr), "handle": handle}}


def port(number: Any, protocol: str = "tcp", op: str = "==") -> dict[str, Any]:
    """A match of a port."""
    return {"match": {"op": op, "left": {"payload": {"protocol": protocol, "field": "dport"}}, "right": number}}


def state(*names: str) -> dict[str, Any]:
    """A match of states of connections."""
    right = names[0] if len(names) == 1 else list(names)
    return {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": right}}


def jump(chain: str, kind: str = "jump") -> dict[str, Any]:
    """A jump to a chain."""
    return {kind: {"target": chain}}


def table(family: str, name: str, *items: dict[str, Any]) -> list[dict[str, Any]]:
    """A table with its chains and rules."""
    head = {"table": {"family": family, "name": name}}
    return [head, *({kind: {"family": family, "table": name, **one}} for item in items for kind, one in item.items())]


def listing(*tables: list[dict[str, Any]]) -> str:
    """What nft -j prints."""
    return json.dumps({"nftables": [{"metainfo": {}}, *(item for one in tables for item in one)]})


OURS = table("inet", "ringfence", base("input", policy="drop"), rule("input", port(22), ACCEPT))
UFW = table(
    "ip",
    "filter",
    base("INPUT", policy="drop"),
    rule("INPUT", COUNTER, jump("ufw-before-input")),
    rule("INPUT", COUNTER, jump("ufw-user-input")),
    rule("ufw-before-input", LOOPBACK, COUNTER, ACCEPT),
    rule("ufw-before-input", XT_CONNTRACK, COUNTER, ACCEPT, handle=30),
    rule("ufw-before-input", port(68, "udp"), ACCEPT),
    rule("ufw-user-input", port(22), COUNTER, ACCEPT),
    rule("ufw-user-input", XT_MULTIPORT, COUNTER, ACCEPT, handle=31),
    rule("ufw-track-output", ACCEPT),
)
TEXTS = {
    ("ip", "filter", 30): "ct state related,established counter packets 0 bytes 0 accept",
    ("ip", "filter", 31): "meta l4proto tcp tcp dport { 80, 443 } counter packets 0 bytes 0 accept",
}
FIREWALLD = table(
    "inet",
    "firewalld",
    base("filter_INPUT"),
    rule("filter_INPUT", state("established", "related"), ACCEPT),
    rule("filter_INPUT", LOOPBACK, ACCEPT),
    rule("filter_INPUT", jump("filter_IN_public", "goto")),
    rule("filter_INPUT", {"reject": {"type": "icmpx", "expr": "admin-prohibited"}}),
    rule("filter_IN_public", port({"range": [8000, 8010]}), state("new", "untracked"), ACCEPT),
)
FAIL2BAN = table(
    "inet",
    "f2b-table",
    base("f2b-chain"),
    rule("f2b-chain", {"match": {"op": "==", "left": {"payload": {}}, "right": "@addr-set-sshd"}}, DROP),
)


def named(*tables: list[dict[str, Any]], accepted: Any = ()) -> list[str]:
    """The other firewalls of a ruleset."""
    return [str(other) for other in _nft_others.others(listing(OURS, *tables), accepted)]


def test_ours_and_what_decides_nothing_are_not_named() -> None:
    """A table that counts, one without a hook, one whose rules nothing jumps to, and fail2ban's."""
    counting = table("inet", "count", base("input"), rule("input", port(1), COUNTER), rule("nowhere", DROP))
    assert named(counting, table("ip", "sets", rule("unused", DROP)), FAIL2BAN) == []
    assert named(UFW, accepted={("ip", "filter")}) == []


def test_what_others_do_is_named() -> None:
    """Drops, accepts and each way to divert, with the hooks."""
    assert named(UFW, FIREWALLD) == [
        "table ip filter (input): drops, accepts",
        "table inet firewalld (input): drops, accepts",
    ]
    nat = table("ip", "nat", base("P", "prerouting", kind="nat"), rule("P", {"redirect": {"port": 23}}))
    assert named(nat) == ["table ip nat (prerouting): diverts (redirect)"]
    xt = table("ip", "raw", base("P", "prerouting"), rule("P", {"xt": {"type": "target", "name": "CT"}}))
    assert named(xt) == ["table ip raw (prerouting): diverts (ct)"]
    unknown = table("ip", "m", base("P", "prerouting"), rule("P", {"xt": None}))
    assert named(unknown) == ["table ip m (prerouting): diverts (unknown)"]
    log = table("ip", "l", base("I"), rule("I", {"xt": {"type": "target", "name": "LOG"}}))
    assert named(log) == []
    ingress = table("netdev", "n", base("i", "ingress"), rule("i", {"fwd": {"dev": "eth1"}}))
    assert named(ingress) == ["table netdev n (ingress): diverts (fwd)"]
    rewrite = {"mangle": {"key": {"payload": {"protocol": "ip", "field": "daddr"}}, "value": "192.0.2.1"}}
    assert named(table("ip", "x", base("i"), rule("i", rewrite))) == ["table ip x (input): diverts (mangle)"]
    mark = {"mangle": {"key": {"meta": {"key": "mark"}}, "value": 1}}
    assert named(table("ip", "x", base("i"), rule("i", mark))) == []
    verdicts = {"vmap": {"key": {"meta": {"key": "l4proto"}}, "data": {"set": [["tcp", {"drop": None}]]}}}
    assert named(table("ip", "v", base("i"), rule("i", verdicts))) == ["table ip v (input): drops"]


def test_a_table_that_only_bears_fail2bans_name_is_named() -> None:
    """One that drops what no ban names, or accepts."""
    extra = table("inet", "f2b-table", base("c"), rule("c", port(443), DROP))
    assert named(extra) == ["table inet f2b-table (input): drops"]
    closed = table("inet", "f2b-table", base("c", policy="drop"))
    assert named(closed) == ["table inet f2b-table (input): drops"]


@pytest.mark.parametrize(
    ("number", "protocol", "version", "chain"),
    [
        (22, "tcp", 4, ""),
        (443, "tcp", 4, ""),
        (8443, "tcp", 4, "ip filter INPUT"),
        (8443, "tcp", 6, ""),
        (443, "udp", 4, "ip filter INPUT"),
        (68, "udp", 4, ""),
    ],
)
def test_what_ufw_drops_for_certain(number: int, protocol: str, version: int, chain: str) -> None:
    """By its policy: what none of its rules could accept, over IPv4."""
    connection = _nft_closed.Connection(protocol, number, version)
    assert _nft_closed.dropped_by(listing(OURS, UFW), connection, (), TEXTS) == chain
    assert _nft_closed.dropped_by(listing(OURS, UFW), connection, {("ip", "filter")}, TEXTS) == ""
    # Without the text nobody knows what the matches of iptables say.
    assert _nft_closed.dropped_by(listing(OURS, UFW), connection) == ""


@pytest.mark.parametrize(("number", "chain"), [(8000, ""), (8010, ""), (8011, "inet firewalld filter_INPUT")])
def test_what_firewalld_drops_for_certain(number: int, chain: str) -> None:
    """By its last rule, for what its zone does not open."""
    assert _nft_closed.dropped_by(listing(FIREWALLD), _nft_closed.Connection("tcp", number, 6)) == chain


@pytest.mark.parametrize(
    "expr",
    [
        [ACCEPT],
        [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "@known"}}, ACCEPT],
        [port("@open"), ACCEPT],
        [port({"set": [80, {"range": [400, 500]}]}), ACCEPT],
        [port(22, op="!="), ACCEPT],
        [port(443, "th"), {"queue": {"num": 1}}],
        [{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": {"set": ["tcp", "udp"]}}}, ACCEPT],
        [{"vmap": {"key": {}, "data": {"set": [["x", ACCEPT]]}}}],
    ],
)
def test_what_may_be_accepted_is_not_certain(expr: list[Any]) -> None:
    """A rule that could let the connection in, or that nobody can be sure of."""
    one = table("inet", "t", base("i", policy="drop"), rule("i", *expr))
    assert _nft_closed.dropped_by(listing(one), _nft_closed.Connection("tcp", 443, 4)) == ""


@pytest.mark.parametrize(
    "expr",
    [
        [port(443, op="!="), ACCEPT],
        [{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "udp"}}, ACCEPT],
        [{"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": "ipv6"}}, ACCEPT],
        [{"match": {"op": "==", "left": {"payload": {"protocol": "icmp", "field": "type"}}, "right": 8}}, ACCEPT],
        [{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "protocol"}}, "right": 17}}, ACCEPT],
        [state("established"), ACCEPT],
    ],
)
def test_what_no_rule_accepts_is_certain(expr: list[Any]) -> None:
    """Rules for something else do not help."""
    one = table("inet", "t", base("i", policy="drop"), rule("i", *expr))
    assert _nft_closed.dropped_by(listing(one), _nft_closed.Connection("tcp", 443, 4)) == "inet t i"


def test_a_return_to_an_open_policy_lets_in() -> None:
    """The base chain's own return ends at its policy; that of a chain it jumped to does not."""
    closing = rule("i", COUNTER, DROP)
    connection = _nft_closed.Connection("tcp", 443, 4)
    back = table("inet", "t", base("i"), rule("i", port(443), {"return": None}), closing)
    assert _nft_closed.dropped_by(listing(back), connection) == ""
    inner = table("inet", "t", base("i"), rule("i", jump("a")), rule("a", {"return": None}), closing)
    assert _nft_closed.dropped_by(listing(inner), connection) == "inet t i"
    target = rule("i", COUNTER, {"xt": {"type": "target", "name": "REJECT"}})
    assert _nft_closed.dropped_by(listing(table("ip", "t", base("i"), target)), connection) == "ip t i"


class FakeHost(Host):
    """A host with these files and answers of commands: the longest start of a command line counts."""

    def __init__(self, files: dict[str, str], answers: dict[str, str]) -> None:
        super().__init__()
        self.files = files
        self.answers = answers

    def read(self, path: str) -> str | None:
        return self.files.get(path)

    def has(self, command: str) -> bool:
        return command in self.answers

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        line = " ".join(argv)
        found = max((start for start in self.answers if line.startswith(start)), key=len, default=None)
        return Completed(1, "", "no such command") if found is None else Completed(0, self.answers[found], "")


def test_tables_of_iptables_legacy() -> None:
    """Named where they hold a rule or a policy, and where nothing can show them."""
    names = {"/proc/net/ip_tables_names": "filter\nnat\n", "/proc/net/ip6_tables_names": "filter\n"}
    answers = {
        "nft": listing(OURS),
        "iptables-legacy-save": "",
        "iptables-legacy-save -t filter": "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j DROP\n",
        "iptables-legacy-save -t nat": "*nat\n:PREROUTING ACCEPT [0:0]\n:CUSTOM - [0:0]\n",
    }
    seen = other_firewalls.observe(FakeHost(names, answers), {"view": "running"})
    assert seen.value["others"] == [
        "iptables-legacy table filter (/proc/net/ip_tables_names)",
        "iptables-legacy table filter (/proc/net/ip6_tables_names): ip6tables-legacy-save is not there to show its"
        " rules",
    ]


def units(**states: str) -> str:
    """What systemctl show prints."""
    lines = "Id={}.service\nUnitFileState={}\nActiveState=inactive\n"
    return "\n".join(lines.format(name, state) for name, state in states.items())


def test_what_loads_other_rules_at_boot() -> None:
    """A unit is named when it is enabled and has something to load."""
    files = {
        "/etc/ufw/ufw.conf": "# ENABLED=no\nENABLED=yes\n",
        "/etc/iptables/rules.v4": "*filter\n:INPUT DROP [0:0]\nCOMMIT\n",
        "/etc/iptables/rules.v6": "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
        "/etc/nftables.conf": "flush ruleset\n",
    }
    shown = {"ufw": "enabled", "firewalld": "enabled", "nftables": "enabled"}
    answers = {"systemctl": units(**shown, **{"netfilter-persistent": "enabled"}), "unshare": listing(UFW)}
    seen = other_firewalls.observe(FakeHost(files, answers), {"view": "boot"})
    assert seen.value["others"] == [
        "firewalld.service",
        "ufw.service (ENABLED=yes in /etc/ufw/ufw.conf)",
        "netfilter-persistent.service (/etc/iptables/rules.v4)",
        "nftables.service (/etc/nftables.conf): table ip filter (input): drops, accepts",
    ]
    accepted = {"view": "boot", "accepted": [{"family": "ip", "name": "filter", "reason": "x"}]}
    known = other_firewalls.observe(FakeHost(files, answers), accepted).value["others"]
    assert not any("nftables" in one for one in known)
    idle = {**answers, "systemctl": units(ufw="disabled", nftables="disabled", firewalld="masked")}
    assert other_firewalls.observe(FakeHost(files, idle), {"view": "boot"}).value == {"others": []}
    unused = {**files, "/etc/ufw/ufw.conf": "ENABLED=no\n"}
    only_ufw = {**answers, "systemctl": units(ufw="enabled")}
    assert other_firewalls.observe(FakeHost(unused, only_ufw), {"view": "boot"}).value == {"others": []}
