# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle of a large site, made up: the real controls and their expectations, and values as hosts tell them.

Of a real bundle, nine in ten of the values are the same on every host. Here one in ten findings has an observation that
no other has, one in fifty is red with a reason of its own, and each host was looked at in its own second.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import finding
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import catalog, contents, findings
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram import of_sites
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review import review
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import VERDICTS
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import SiteVariables

REPOSITORY = Path(__file__).resolve().parents[1]
NAMES = ("management", "servers", "cards", *(f"client{number}" for number in range(15)))
_SEEN = {
    "account": {"user": "automation", "uid": 1000, "source": "10.0.0.9", "became": "root"},
    "hostname": "x",
    "os": "Debian GNU/Linux 13",
    "kernel": "6.12.48",
    "python": "3.13.5",
    "root": True,
}
_ABOUT = {
    "collection": {"name": "ringfence.callcenter", "version": "0", "commit": None},
    "ansible": "2.19",
    "python": "3",
    "controller": {"host": "control1", "user": "ops", "sudo_user": None},
}


def controls(checks: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The controls of the default checks, those of all roles again until there are so many; and what they expect."""
    known = json.loads((REPOSITORY / "catalog" / "default_checks.json").read_text(encoding="utf-8"))
    stated, expected = [], {}
    for turn in range(checks // len(known["checks"]) + 1):
        for control in known["controls"]:
            mine = [row for row in known["checks"] if row["control"] == control["id"]][: checks - len(expected)]
            name = control["id"] + (f"_{turn}" if turn else "")
            rows = [{"id": f"{name}.{row['id'].rpartition('.')[2]}", **_kept(row)} for row in mine]
            expected.update({made["id"]: row["expect"] for made, row in zip(rows, mine)})
            if rows:
                stated.append({**control, "id": name, "kinds": "all", "checks": rows})
    return stated, expected


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    return {"aspect": row["aspect"], "probe": row.get("probe", "")}


def _observed(expected: dict[str, Any], number: int, own: bool) -> dict[str, Any]:
    """What a probe tells: the expected keys and some others, of which one is the host's own or is not."""
    told = {
        key: value if not isinstance(value, dict) else next(iter(value.values()), None)
        for key, value in expected.items()
    }
    more = {"path": "/etc/ringfence/setting.conf", "mode": "0644", "owner": "root", "lines": ["one = 1", "two = 2"]}
    return {**told, **more, "size": number if own else 1834}


def record(at: int, stated: list[dict[str, Any]], expected: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The record of one host."""
    name, made = f"host{at:04}", []
    for control in stated:
        for check in control["checks"]:
            wanted, red = expected[check["id"]], chance.random() < 0.02
            asked = {"id": check["id"], "control": control["id"], "role": control["role"], "expect": wanted}
            one = finding(
                {**asked, "aspect": check["aspect"]},
                "fail" if red else "pass",
                observed=_observed(wanted, chance.randrange(10**6), chance.random() < 0.1),
                source=f"/etc/ringfence/{control['role']}.conf:{len(check['id'])}",
                reason=f"size is {chance.randrange(10**6)}, not 1834" if red else None,
            )
            made.append({**one, "observed_at": f"2026-11-26T{8 + at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z"})
    segment = NAMES[3 + at % 15]
    attributes = {
        "kinds": ["workstation"],
        "groups": [],
        "address": f"10.{at % 15}.{at // 250}.{at % 250}",
        "segment": segment,
    }
    seen = {**_SEEN, "container": False, "seconds": 1.0, "clock_offset_seconds": 0.0, "clock_uncertainty_seconds": 0.1}
    more = {"class": "client", "client": segment, "os": "debian13"}
    return findings.record(name, attributes={**attributes, **more}, findings=made, seen=seen, state=state(at))


def state(at: int) -> dict[str, Any]:
    """The accounts and the ruleset of one host: nearly those of every other."""
    about = {"shell": "/bin/bash", "maximum_days": 90, "expires": None}
    people = [
        {
            **about,
            "name": name,
            "uid": 1000 + number,
            "groups": [name, "sudo"],
            "password": "set",
            "changed": f"2026-1{number % 2}-{at % 28 + 1:02}",
        }
        for number, name in enumerate(("automation", "operator"))
    ]
    names = (
        "daemon",
        "bin",
        "sys",
        "sync",
        "games",
        "man",
        "lp",
        "mail",
        "news",
        "uucp",
        "proxy",
        "www-data",
        "backup",
    )
    system = [
        {
            **about,
            "shell": "/usr/sbin/nologin",
            "name": name,
            "uid": number,
            "groups": [name],
            "password": "no password",
            "changed": "2026-06-01",
        }
        for number, name in enumerate(names, 1)
    ]
    lines = [f"        tcp dport {6514 + number} ct state new counter accept" for number in range(60)]
    own = f"        ip saddr 10.{at % 15}.{at // 250}.{at % 250} tcp dport 22 ct state new counter accept"
    head = [
        "table inet ringfence {",
        "    chain input {",
        "        type filter hook input priority filter; policy drop;",
    ]
    return {"accounts": [*system, *people], "ruleset": [*head, *lines, own, "    }", "}"], "problems": {}}


def site(hosts: int) -> SiteVariables:
    """The site's variables, for the pictures."""
    segments = {
        name: {"vlan": at + 2, "class": "card_data" if name == "cards" else "client", "subnets": [f"10.{at}.0.0/16"]}
        for at, name in enumerate(NAMES)
    }
    legs = [{"segment": name, "addresses": [f"10.{at}.0.1"]} for at, name in enumerate(NAMES)]
    machines = {"gw1": {"kinds": ["gateway"], "segment": "management", "interfaces": legs, "addresses": ["10.0.0.1"]}}
    for at in range(hosts - 1):
        address, place = [f"10.{3 + at % 15}.{at // 250}.{at % 250}"], NAMES[3 + at % 15]
        leg = [{"segment": place, "addresses": address}]
        machines[f"host{at:04}"] = {"kinds": ["workstation"], "segment": place, "interfaces": leg, "addresses": address}
    flow = {"protocol": "tcp", "reason": "What people wrote here", "owner": "operations", "review_by": "2027-01-01"}
    flows = [
        {**flow, "name": f"flow-{name}", "from": [name], "to": ["servers"], "ports": [6514]}
        for name in NAMES
        if name != "servers"
    ]
    return SiteVariables("large", {"name": "large", "title": "Large"}, segments, flows, machines)


def test_record() -> dict[str, Any]:
    """A segmentation test between all pairs, of which one in fifty is not as intended."""
    chance, cells, found = random.Random(3), [], []  # noqa: S311  # made up, the same each time
    for source in (*NAMES, "internet"):
        for target in NAMES:
            verdict = VERDICTS[3] if chance.random() > 0.02 else VERDICTS[chance.randrange(3)]
            counts = {**dict.fromkeys(VERDICTS, 0), VERDICTS[3]: 1000, verdict: 1000}
            cell = {
                "from": source,
                "to": target,
                "verdict": verdict,
                "tries": 2000,
                "needed": 4,
                "counts": counts,
                "note": "",
            }
            cells.append(cell)
            if verdict != VERDICTS[3]:
                pair = {"pair": [source, target], "protocol": "tcp", "flow": None, "measured": verdict, "note": ""}
                ends = {"from": "host0001", "from_address": "10.1.0.1", "to": "host0002", "to_address": "10.2.0.1"}
                found += [{**pair, **ends, "port": port, "stopped_by": "gateway gw1"} for port in range(1, 1000)]
    tries = {name: sum(cell["counts"][name] for cell in cells) for name in VERDICTS}
    summary = {"tries": sum(tries.values()), "pairs": len(cells), "tries_by_verdict": tries, "pairs_by_verdict": tries}
    seat = {"segment": "servers", "host": "host0001", "namespace": False, "addresses": ["10.1.0.1"]}
    lists = {
        "tcp_ports": [22],
        "udp_ports": [53],
        "targets": ["host0001"],
        "watched": ["host0001"],
        "flows_not_tried": [],
    }
    return {
        "run": "20261120T110000Z",
        "site": "large",
        "title": "Large",
        "started_at": "2026-11-20T11:00:00Z",
        "finished_at": "2026-11-20T12:00:00Z",
        "due": "2027-05-20",
        "outcome": "fail",
        "summary": summary,
        "scope": {**lists, "from": [seat], "hosts": 1000},
        "negative_control": {"seen": True, "note": "", "tries": []},
        "matrix": cells,
        "findings": found,
    }


def rules(hosts: int, each: int = 30) -> dict[str, Any]:
    """A rule review with that many rules on each host."""
    chance = random.Random(5)  # noqa: S311  # as above
    told = {"installed": True, "observed_at": "2026-11-26T08:00:00Z", "counting_since": "2026-11-01T06:00:00Z"}
    words = {"reason": "What people wrote here", "owner": "operations", "change": "CHG-1", "mitigation": ""}
    kept = {"direction": "inbound", "review_by": "2027-01-01", "recorded": True, "statements": 1, "loaded": True}
    answers = {}
    for at in range(hosts):
        mine = []
        for number in range(each):
            packets = chance.choice((0, chance.randrange(10**7)))
            permits = [
                f"ip saddr 10.{at % 15}.{at // 250}.{at % 250} tcp dport {6514 + number} ct state new counter accept"
            ]
            mine.append(
                {
                    **words,
                    **kept,
                    "name": f"flow-{number}",
                    "permits": permits,
                    "packets": packets,
                    "bytes": packets * 60,
                }
            )
        answers[f"host{at:04}"] = {**told, "rules": mine}
    return review("Large", "2026-11-26T08:00:00Z", answers)


def made(hosts: int, checks: int) -> contents.Contents:
    """What a bundle of so many hosts with so many checks each holds."""
    chance, (stated, expected) = random.Random(7), controls(checks)  # noqa: S311  # as above
    records = [record(at, stated, expected, chance) for at in range(hosts)]
    pictures = of_sites.pictures([site(hosts)])
    material = contents.Material(records, stated, catalog.load(), _ABOUT, pictures=pictures)
    header = {
        "run": "20261126T080000Z-abcdef",
        "site": {"name": "large", "title": "Large"},
        "started_at": "2026-11-26T08:00:00Z",
    }
    done = contents.assemble(material, header, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    path = {"path": "records/x/y.json", "sha256": "0" * 64, "problem": None}
    done.parts["segmentation"].update(test=test_record(), **path)
    done.parts["rule_review"].update(review=rules(hosts), **path)
    return done
