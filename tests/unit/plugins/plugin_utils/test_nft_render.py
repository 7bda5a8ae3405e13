# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text that rules become: deterministic, accepted by nft, and meaning what the rules say."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._nft_records import (
    records,
    without_review_dates,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.nft_ruleset_file import rules_sha256
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_render import Options, render, statements
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import PROTOCOLS, RulesError, parse
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_ruleset import build

NFT = shutil.which("nft", path="/usr/sbin:/usr/bin")


def nft(text: str, *argv: str) -> subprocess.CompletedProcess[str]:
    """Load a ruleset where it harms nobody."""
    command = "nft -f - && nft -s list table inet ringfence"
    return subprocess.run(
        ["unshare", "--net", "sh", "-c", command, *argv], input=text, capture_output=True, text=True, check=False
    )


def _can_load() -> bool:
    return os.geteuid() == 0 and NFT is not None and nft("table inet ringfence {}\n").returncode == 0


needs_nft = pytest.mark.skipif(not _can_load(), reason="needs root, nft and a network namespace")


def lines(**changes: Any) -> list[str]:
    """The statements of one rule."""
    entry = {
        "name": "a",
        "direction": "inbound",
        "protocol": "tcp",
        "ports": [80],
        "reason": "r",
        "owner": "o",
        "mitigation": "m",
        **changes,
    }
    if entry["protocol"] not in ("tcp", "udp"):
        del entry["ports"]
    (found,) = parse({"rules": [entry]})
    return statements(found)


END = 'counter accept comment "a"'


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, [f"tcp dport 80 {END}"]),
        ({"ports": [443, "80-90", 85, 91]}, [f"tcp dport {{ 80-91, 443 }} {END}"]),
        ({"source": ["10.0.0.0/8"]}, [f"ip saddr 10.0.0.0/8 tcp dport 80 {END}"]),
        (
            {"source": ["10.1.0.1", "10.0.0.0/16", "fd00::/8", "10.0.3.0/24"]},
            [f"ip saddr {{ 10.0.0.0/16, 10.1.0.1 }} tcp dport 80 {END}", f"ip6 saddr fd00::/8 tcp dport 80 {END}"],
        ),
        (
            {"source": ["fd00::/8", "10.0.0.1"], "destination": ["fd01::1"]},
            [f"ip6 saddr fd00::/8 ip6 daddr fd01::1 tcp dport 80 {END}"],
        ),
        ({"source": ["0.0.0.0/0", "::/0"]}, [f"tcp dport 80 {END}"]),
        ({"source": ["0.0.0.0/0"]}, [f"meta nfproto ipv4 tcp dport 80 {END}"]),
        (
            {"destination_except": ["10.0.0.0/8", "192.168.0.0/16"]},
            [
                f"ip daddr != {{ 10.0.0.0/8, 192.168.0.0/16 }} tcp dport 80 {END}",
                f"meta nfproto ipv6 tcp dport 80 {END}",
            ],
        ),
        ({"protocol": "any"}, [END]),
        ({"protocol": "icmp"}, [f"icmp type echo-request {END}"]),
        ({"protocol": "icmpv6", "source": ["fd00::/8"]}, [f"ip6 saddr fd00::/8 icmpv6 type echo-request {END}"]),
        ({"protocol": "esp", "source": ["10.0.0.1"]}, [f"ip saddr 10.0.0.1 meta l4proto esp {END}"]),
    ],
)
def test_a_rule_becomes_these_statements(changes: dict[str, Any], wanted: list[str]) -> None:
    """One statement a family, or one for both where nothing depends on it."""
    assert lines(**changes) == wanted


def test_everything_is_denied_without_rules() -> None:
    """Three base chains that drop, neighbour discovery only from the link, and no other permission."""
    text = build({}, log=False, dhcp_client=False)
    assert text.count("policy drop;") == 3
    accepted = [line.strip() for line in text.splitlines() if "accept" in line]
    accepted = [line for line in accepted if not line.startswith("#")]
    connections = "ct state { established, related } accept"
    permitted = ('iif "lo"', 'oif "lo"', connections, "icmpv6 type { nd-", "icmpv6 type { mld-")
    assert all(line.startswith(permitted) for line in accepted)
    assert all("hoplimit" in line for line in accepted if line.startswith("icmpv6"))
    assert " log " not in text


def test_a_reason_cannot_break_out_of_its_comment() -> None:
    """Texts of people appear in the file as comments only."""
    entry = {
        "name": "a",
        "direction": "inbound",
        "protocol": "any",
        "owner": "o\x85accept",
        "reason": 'x\n}\nflush ruleset\u2028", "review_by": "2000-01-01"}',
        "mitigation": "\u202e\x7f",
    }
    text = build({"rules": [entry]})
    (line,) = (line.strip() for line in text.splitlines() if "flush" in line)
    assert line.startswith("# {")
    (record,) = (record for record in records(text) if record["name"] == "a")
    assert record == {
        "name": "a",
        "direction": "inbound",
        "reason": 'x } flush ruleset ", "review_by": "2000-01-01"}',
        "owner": "o accept",
        "mitigation": "??",
    }
    assert without_review_dates(text) == text


def test_every_rule_has_its_record() -> None:
    """What a rule is for stands in the file, the role's own rules included; only the date is left out of digests."""
    entry = {"name": "a", "direction": "inbound", "protocol": "any", "reason": "r", "owner": "o", "mitigation": "m"}
    text = build({"rules": [{**entry, "review_by": "2027-06-30", "change": "c"}]}, log=True)
    comments = re.findall(r'comment "([^"]+)"$', text, re.MULTILINE)
    assert [record["name"] for record in records(text)] == comments
    assert {**entry, "change": "c", "review_by": "2027-06-30"}.items() >= records(text)[6].items()
    assert without_review_dates(text) == build({"rules": [{**entry, "change": "c"}]}, log=True)
    assert rules_sha256(text) != rules_sha256(build({"rules": [{**entry, "change": "d"}]}, log=True))


def test_options_are_checked_with_the_rules() -> None:
    """All errors at once, of both."""
    with pytest.raises(RulesError) as caught:
        build({"rules": [1]}, log_rate="often", log_burst=0)
    assert len(caught.value.errors) == 3


def test_administration_becomes_a_rule() -> None:
    """Only when somebody may administer."""
    assert '"administration"' not in build({})
    text = build({}, administration_sources=["192.0.2.0/24"], administration_ports=[22, 2222])
    assert 'ip saddr 192.0.2.0/24 tcp dport { 22, 2222 } counter accept comment "administration"' in text


# What nft itself thinks of it

NETWORKS = st.one_of(
    st.builds(
        lambda number, prefix: str(ipaddress.ip_network((number, prefix), strict=False)),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda number, prefix: str(ipaddress.ip_network((number, prefix), strict=False)),
        st.integers(0, 2**128 - 1),
        st.integers(0, 128),
    ),
)
PORTS = st.one_of(
    st.integers(1, 65535),
    st.tuples(st.integers(1, 65535), st.integers(1, 65535)).map(lambda pair: f"{min(pair)}-{max(pair)}"),
)
TEXT = st.text(min_size=1, max_size=20).map(lambda text: f"x{text}")


@st.composite
def rules(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Lists of rules as people might write them; some are refused, none may pass and then fail to load."""
    found = []
    for index in range(draw(st.integers(0, 8))):
        protocol = draw(st.sampled_from(PROTOCOLS))
        entry: dict[str, Any] = {
            "name": f"rule-{index}",
            "direction": draw(st.sampled_from(("inbound", "outbound", "forward"))),
            "protocol": protocol,
            "reason": draw(TEXT),
            "owner": draw(TEXT),
            "mitigation": draw(TEXT),
        }
        for key in ("source", "source_except", "destination", "destination_except"):
            entry[key] = draw(st.lists(NETWORKS, max_size=4))
        if protocol in ("tcp", "udp"):
            entry["ports"] = draw(st.lists(PORTS, min_size=1, max_size=5))
        found.append(entry)
    return found


def parsed(entries: list[dict[str, Any]]) -> str | None:
    """The ruleset of these rules, None when they are refused."""
    try:
        return render(parse({"rules": entries}), Options())
    except RulesError:
        return None


@needs_nft
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules())
def test_what_is_accepted_loads(entries: list[dict[str, Any]]) -> None:
    """Whatever rules pass the checks give a text that the kernel takes, the same text every time."""
    text = parsed(entries)
    if text is None:
        return
    assert text == parsed(entries)
    done = nft(text)
    assert done.returncode == 0, done.stderr
    for entry in entries:
        assert f'comment "{entry["name"]}"' in done.stdout
    assert done.stdout.count("policy drop;") == 3
