# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counters of the kernel beside what the file says: every rule of either side, once."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import nft_counters
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import Done, NftError
from ansible_collections.ringfence.callcenter.plugins.modules import firewall_rules_info

LISTING = """\
table inet ringfence { # handle 4
\tset banned { # handle 2
\t\ttype ipv4_addr
\t\telements = { 192.0.2.66 }
\t}

\tchain input { # handle 1
\t\ttype filter hook input priority filter; policy drop;
\t\tiif "lo" accept comment "ringfence loopback" # handle 4
\t\tip saddr { 10.0.0.1, 10.0.0.2,
\t\t\t   10.0.0.9 } tcp dport 22 counter packets 3 bytes 180 accept comment "ssh" # handle 6
\t\tip6 saddr fd00::/8 tcp dport 22 counter packets 2 bytes 160 accept comment "ssh" # handle 7
\t\ttcp dport 4444 accept # handle 8
\t\ttcp dport 4445 counter packets 9 bytes 9 accept # handle 9
\t}

\tchain output { # handle 2
\t\ttype filter hook output priority filter; policy drop;
\t\ttcp dport 22 counter packets 0 bytes 0 accept comment "ssh" # handle 10
\t}
}
"""
RULESET = """\
table inet ringfence {
\tchain input {
\t\t# {"name": "ringfence loopback", "direction": "inbound", "reason": "r", "owner": "o"}
\t\tiif "lo" accept comment "ringfence loopback"
\t\t# {"name": "ssh", "direction": "inbound", "reason": "Upkeep comment \\"x\\"", "review_by": "2027-06-30"}
\t\tip saddr { 10.0.0.1, 10.0.0.2, 10.0.0.9 } tcp dport 22 counter accept comment "ssh"
\t\tip6 saddr fd00::/8 tcp dport 22 counter accept comment "ssh"
\t\t# {"name": "web", "direction": "inbound", "reason": "r", "owner": "o"}
\t\ttcp dport 443 counter accept comment "web"
\t}
\tchain output {
\t\t# {"name": "ssh", "direction": "outbound", "reason": "Jump", "owner": "it"}
\t\ttcp dport 22 counter accept comment "ssh"
\t}
}
"""


def named(rows: list[dict[str, Any]], *keys: str) -> list[tuple[Any, ...]]:
    """Some keys of each row."""
    return [tuple(row[key] for key in keys) for row in rows]


def test_each_rule_once_with_its_sums() -> None:
    """Rules under one name and direction are added up; what one side lacks is there too, nameless ones one by one."""
    rows = nft_counters.reviewed(LISTING, RULESET)
    seen = named(rows, "direction", "name", "packets", "bytes", "recorded", "statements", "loaded")
    assert seen == [
        ("inbound", "ringfence loopback", None, None, True, 1, True),
        ("inbound", "ssh", 5, 340, True, 2, True),
        ("inbound", "web", None, None, True, 1, False),
        ("outbound", "ssh", 0, 0, True, 1, True),
        ("inbound", "", None, None, False, 0, True),
        ("inbound", "", 9, 9, False, 0, True),
    ]
    assert rows[1]["permits"] == [
        "ip saddr { 10.0.0.1, 10.0.0.2, 10.0.0.9 } tcp dport 22 counter accept",
        "ip6 saddr fd00::/8 tcp dport 22 counter accept",
    ]
    assert (rows[1]["reason"], rows[1]["owner"], rows[1]["review_by"]) == ('Upkeep comment "x"', "", "2027-06-30")
    assert rows[4]["permits"] == ["tcp dport 4444 accept"]


def test_nothing_there_is_nothing_found() -> None:
    """No table, no file; and a file whose rules do not run."""
    assert nft_counters.reviewed(None, "") == []
    assert set(named(nft_counters.reviewed(None, RULESET), "loaded", "packets")) == {(False, None)}


def test_counting_since_is_the_latest_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's change, or the unit's; without either it is unknown."""
    there, missing = tmp_path / "loaded.json", str(tmp_path / "none")
    there.write_text("")
    changed = os.stat(there).st_ctime
    answers = {"rc": 0, "text": "0\n"}
    monkeypatch.setattr(nft_counters, "run", lambda _argv: Done(0, str(answers["text"]), ""))
    assert nft_counters.counting_since([str(there), missing], "x.service") == changed
    assert nft_counters.counting_since([missing], "x.service") == 0.0
    answers["text"] = f"{int((time.monotonic() + 1000) * 1e6)}\n"
    assert nft_counters.counting_since([str(there)], "x.service") == pytest.approx(time.time() + 1000, abs=1)

    def absent(_argv: list[str]) -> Done:
        raise NftError("systemctl is not installed")

    monkeypatch.setattr(nft_counters, "run", absent)
    assert nft_counters.counting_since([str(there)], "x.service") == changed


class Table:
    """A table that nft shows like this; None: there is none."""

    installed = True

    def __init__(self, listing: str | None) -> None:
        self.listing = listing

    def with_handles(self) -> str | None:
        return self.listing


def test_the_module_reads_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says when; a host without the role has neither."""
    monkeypatch.setattr(firewall_rules_info, "counting_since", lambda _paths, _unit: 1000000000.0)
    path = tmp_path / "ruleset.nft"
    path.write_text(RULESET)
    seen = firewall_rules_info.look(Table(LISTING), str(path))  # type: ignore[arg-type]  # a double
    assert (seen["installed"], seen["counting_since"], len(seen["rules"])) == (True, "2001-09-09T01:46:40Z", 6)
    none = firewall_rules_info.look(Table(None), str(tmp_path / "none"))  # type: ignore[arg-type]  # a double
    assert (none["installed"], none["counting_since"], none["rules"]) == (False, None, [])
