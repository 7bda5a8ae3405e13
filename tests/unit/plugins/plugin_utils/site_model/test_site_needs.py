# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every host needs: which flows count as a way to it, and who is warned of by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model import needs, schema
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site

REPOSITORY = Path(__file__).resolve().parents[5]
FLOW = {"reason": "r", "owner": "o"}
OUTSIDE, OUTSIDE6 = "198.51.100.7", "2001:db8::7"
ALL = ("names", "time", "packages", "definitions", "logs")


def flow(to: Any, protocol: str, *ports: Any, source: Any = "db1", name: str = "way") -> dict[str, Any]:
    found = {"name": name, "from": source, "to": to, "protocol": protocol, **FLOW}
    if protocol == "any":
        return {**found, "mitigation": "m"}
    return {**found, "ports": list(ports)}


def lacks(model: dict[str, Any], host: str) -> set[str]:
    """What a host is warned of."""
    site = load_site(yaml.safe_dump(model, sort_keys=False), "site.yml")
    found = {host: set(ALL) - set(site.hosts[host].without) for host in site.hosts}
    ways = needs.Ways(site)
    missing = {name for name in found[host] if not ways.has(site.hosts[host], name)}
    told = [one.message for one in site.warnings if re.search(rf"\b{host}\b.* no way to", one.message)]
    assert bool(told) == bool(missing)
    for name in missing:
        assert needs.load().services[name].title in told[0].partition("no way to")[2]
    return missing


@pytest.fixture
def model(small: dict[str, Any]) -> dict[str, Any]:
    """The small model without flows, and with a host of each kind that others need."""
    small["hosts"] |= {
        "infra1": {
            "kind": ["mirror", "name_server", "time_server"],
            "segment": "servers",
            "address": "10.1.30.5",
            "os": "debian13",
        },
    }
    small["flows"] = []
    small["administration"]["review_by"] = "2027-06-30"
    return small


def test_who_has_no_flow_is_warned_of_everything_by_name(model: dict[str, Any]) -> None:
    assert lacks(model, "db1") == set(ALL)
    assert lacks(model, "infra1") == {"logs"}, "it is itself what the others need"
    assert lacks(model, "log1") == set(ALL) - {"logs"}
    site = load_site(yaml.safe_dump(model, sort_keys=False), "site.yml")
    (told,) = (one for one in site.warnings if one.path == ("hosts", "db1"))
    assert told.line is not None
    assert "packages (for antivirus, firewall and" in told.message
    assert "virus definitions (for antivirus)" in told.message
    (pair,) = (one.message for one in site.warnings if "ws1" in one.message)
    assert pair.startswith("ws1, ws2 have no way to"), "hosts of a segment that lack the same share a warning"


COUNTS = [
    ("infra1", "udp", (53,), {"names"}),
    ("infra1", "tcp", (53,), set()),  # beside udp only
    ("infra1", "tcp", (22,), set()),
    ("infra1", "udp", (123,), {"time"}),
    ("infra1", "udp", ("50-130",), {"names", "time"}),
    ("infra1", "tcp", (80,), {"packages"}),
    ("infra1", "tcp", (443,), {"packages", "definitions"}),
    ("infra1", "tcp", (3142,), {"packages"}),
    ("infra1", "tcp", (3128,), {"packages", "definitions"}),
    ("infra1", "any", (), {"names", "time", "packages", "definitions"}),
    ("servers", "udp", (53,), {"names"}),
    ("servers", "any", (), set(ALL)),
    ("log1", "tcp", (6514,), {"logs"}),
    ("log1", "udp", (514,), {"logs"}),
    ("log1", "tcp", (8432,), set()),
    ("log1", "tcp", (443,), set()),
    ("log1", "udp", (53,), set()),
    ("mail1", "any", (), set()),
    ([OUTSIDE, OUTSIDE6], "udp", (53, 123), {"names", "time"}),
    (OUTSIDE, "tcp", (80,), {"packages"}),
    (OUTSIDE, "tcp", (3128,), {"packages", "definitions"}),
    (OUTSIDE, "tcp", (3142,), {"packages"}),
    (OUTSIDE, "tcp", (6514,), {"logs"}),
    (OUTSIDE, "tcp", (22,), set()),
]


@pytest.mark.parametrize(("to", "protocol", "ports", "ways"), COUNTS)
def test_which_flows_count(model: dict[str, Any], to: Any, protocol: str, ports: Any, ways: set[str]) -> None:
    model["flows"] = [flow(to, protocol, *ports)]
    model["flows"][0]["mitigation"] = "m"
    assert set(ALL) - lacks(model, "db1") == ways
    assert lacks(model, "ws1") == set(ALL), "of this host only"


@pytest.mark.parametrize(
    ("protocol", "port", "ways"),
    [
        ("udp", 53, {"names"}),
        ("udp", 123, {"time"}),
        ("tcp", 80, {"packages"}),
        ("tcp", 443, {"packages", "definitions"}),
        ("tcp", 3128, set()),
        ("tcp", 6514, set()),
    ],
)
def test_the_internet_has_all_but_a_log_server(model: dict[str, Any], protocol: str, port: int, ways: set[str]) -> None:
    model["flows"] = [flow("internet", protocol, port, source="mail1")]
    assert set(ALL) - lacks(model, "mail1") == ways


def test_a_segment_and_a_client_give_their_hosts_a_way(model: dict[str, Any]) -> None:
    model["flows"] = [flow("infra1", "udp", 53, source=["acme", "mgmt"])]
    for host, has in (("ws1", True), ("ws2", True), ("adm1", True), ("mail1", False)):
        assert ("names" not in lacks(model, host)) == has, host


def test_a_leg_in_a_segment_is_no_seat_in_it(model: dict[str, Any]) -> None:
    model["flows"] = [flow("infra1", "udp", 53, source="servers")]
    assert "names" in lacks(model, "gw1"), "its own segment is another"
    assert "names" not in lacks(model, "mail1")


def test_a_way_of_another_ip_version_is_none(model: dict[str, Any]) -> None:
    model["flows"] = [flow([OUTSIDE6, "infra1"], "udp", 53, source=["acme"])]
    del model["hosts"]["ws2"]["address"]
    model["hosts"]["ws2"]["address6"] = "fd01:10::12"
    model["hosts"]["infra1"]["kind"] = "server"
    assert "names" not in lacks(model, "ws2")
    del model["hosts"]["ws2"]["address6"]
    model["hosts"]["ws2"]["address"] = "10.1.10.12"
    assert "names" in lacks(model, "ws2")


def test_the_resolver_of_the_web_filter_is_a_name_server(model: dict[str, Any]) -> None:
    assert "names" in lacks(model, "ws1")
    model["clients"]["acme"]["sites_allowed"] = ["crm.example"]
    assert "names" not in lacks(model, "ws1")
    assert "names" not in lacks(model, "gw1")
    assert "packages" in lacks(model, "ws1"), "the proxy opens listed sites only"


def test_a_host_that_gets_it_otherwise_says_so(model: dict[str, Any], refused: Any) -> None:
    model["hosts"]["db1"]["without"] = ["time", "packages"]
    assert lacks(model, "db1") == {"names", "definitions", "logs"}
    model["hosts"]["db1"]["without"] = list(ALL)
    assert lacks(model, "db1") == set()
    model["hosts"]["db1"]["without"] = ["tea"]
    assert "hosts.db1.without[0]: 'tea' is not valid here. Valid: names, time" in refused(model)[0]


def test_what_many_hosts_lack_is_one_line(model: dict[str, Any]) -> None:
    for number in range(100, 200):
        model["hosts"][f"ws{number}"] = {**model["hosts"]["ws2"], "address": f"10.1.10.{number}"}
    site = load_site(yaml.safe_dump(model, sort_keys=False), "site.yml")
    (told,) = (one.message for one in site.warnings if "ws1" in one.message)
    assert " and 94 more have no way to" in told


@pytest.mark.parametrize("path", ["inventories/demo/site.yml", "inventories/example/site.yml"])
def test_the_models_of_this_collection_lack_nothing(path: str) -> None:
    site = load_site((REPOSITORY / path).read_text(encoding="utf-8"), path)
    assert site.warnings == ()


@pytest.mark.parametrize("path", ["inventories/demo/site.yml", "inventories/example/site.yml"])
@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ({"names"}, {"names"}),
        ({"time"}, {"time"}),
        ({"definitions"}, {"definitions"}),
        ({"packages", "definitions"}, {"packages", "definitions"}),  # apt takes https as well
        ({"logs-to-log-server"}, {"logs"}),
    ],
)
def test_each_of_their_flows_is_missed(path: str, names: set[str], missing: set[str]) -> None:
    model = yaml.safe_load((REPOSITORY / path).read_text(encoding="utf-8"))
    model["flows"] = [one for one in model["flows"] if one["name"] not in names]
    assert lacks(model, "db1") == missing


def test_every_role_says_what_it_needs() -> None:
    found = needs.load()
    roles = {path.name for path in (REPOSITORY / "roles").iterdir() if path.is_dir()}
    assert set(found.roles) == roles
    assert set(found.every_host) <= set(found.services)
    assert tuple(found.services) == schema.SERVICES
    for role, (kinds, names) in found.roles.items():
        controls = yaml.safe_load((REPOSITORY / "roles" / role / "meta" / "controls.yml").read_text(encoding="utf-8"))
        assert controls["kinds"] == ("all" if kinds is None else list(kinds)), role
        assert set(names) <= set(found.services), role
        tasks = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "roles" / role / "tasks").iterdir())
        fetches = "ansible.builtin.apt:" in tasks or "ringfence.callcenter.packages:" in tasks
        assert ("packages" in names) == fetches, role
    assert {kind for service in found.services.values() for kind in service.kinds} <= set(schema.KINDS)


def test_the_page_has_every_port_and_kind() -> None:
    page = (REPOSITORY / "docs" / "site_needs.md").read_text(encoding="utf-8")
    rows = {row.split("|")[1].strip(" `"): row for row in page.splitlines() if row.startswith("| `")}
    for service in needs.load().services.values():
        row = rows[service.name]
        for word in (*service.kinds, *service.protocols, *map(str, (*service.ports, *service.proxies))):
            assert word in row, (service.name, word)


def test_a_gateway_speaks_to_elsewhere_from_a_leg_that_its_segment_does_not_mean(model: dict[str, Any]) -> None:
    model["flows"] = [flow("infra1", "udp", 53, source="mgmt")]
    assert "names" in lacks(model, "gw1")
    model["flows"] = [flow("infra1", "udp", 53, source=["mgmt", "gw1"])]
    assert "names" not in lacks(model, "gw1")
    model["hosts"]["infra1"] |= {"segment": "mgmt", "address": "10.1.99.5"}
    model["flows"] = [flow("infra1", "udp", 53, source="mgmt")]
    assert "names" not in lacks(model, "gw1"), "in its own segment it speaks from its own address"
