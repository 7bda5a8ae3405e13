# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking clients on and letting them go: the model afterwards, the lines that changed, and what is refused."""

from __future__ import annotations

import datetime
import difflib
import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit import certificate, files
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit.draft import EditError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit.offboard import (
    OffboardingResult,
    offboard,
    unknown_client,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit.onboard import (
    NewClient,
    OnboardingResult,
    onboard,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site

REPOSITORY = Path(__file__).resolve().parents[5]
DEMO = (REPOSITORY / "inventories" / "demo" / "site.yml").read_text(encoding="utf-8")
EXAMPLE = (REPOSITORY / "inventories" / "example" / "site.yml").read_text(encoding="utf-8")
FLOWS_OF_THE_EXAMPLE = [flow["name"] for flow in yaml.safe_load(EXAMPLE)["flows"]]
TODAY = datetime.date(2026, 11, 26)
ABOUT = {
    "title": "Initech",
    "sites_allowed": ["crm.initech.example"],
    "database": {"host": "db1", "name": "initech"},
    "recordings": {"store": "Archive", "retention": 90},
    "retention": {"data": 30, "reason": "Contract"},
    "business_hours": {"days": ["mon"], "from": "08:00", "to": "18:00", "timezone": "Europe/Lisbon"},
}


def add(text: str = DEMO, **wanted: Any) -> OnboardingResult:
    return onboard(text, "site.yml", NewClient(**{"name": "initech", "about": ABOUT, "like": "globex", **wanted}))


def let_go(text: str, name: str = "acme", remove_hosts: bool = True) -> OffboardingResult:
    done = offboard(text, "site.yml", name, remove_hosts=remove_hosts, today=TODAY)
    assert done is not None
    return done


def gone_and_come(before: str, after: str) -> tuple[list[str], list[str]]:
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in lines if line[:2] == "- "], [line[2:] for line in lines if line[:2] == "+ "]


def test_a_client_gets_the_next_vlan_its_subnets_a_leg_and_flows() -> None:
    done = add()
    assert (done.segment, done.vlan, done.subnets) == ("initech", 21, ("10.60.21.0/24", "fd60:0:0:21::/64"))
    site = load_site(done.text, "site.yml")
    assert [str(address) for address in site.hosts["gw1"].legs["initech"]] == ["10.60.21.1", "fd60:0:0:21::1"]
    model = yaml.safe_load(done.text)
    assert model["clients"]["initech"] == {"segment": "initech", **ABOUT}
    assert model["segments"]["initech"]["class"] == "client"
    assert list(done.joined) == [
        "agents-to-database",
        "agents-to-mail",
        "logs-to-log-server",
        "monitoring-ping",
        "monitoring-ping6",
        "time",
        "packages",
        "definitions",
    ]
    assert done.lacks == ()
    went, came = gone_and_come(DEMO, done.text)
    assert all("globex]" in line for line in went), "only the lists of flows are rewritten"
    assert len(came) == len(went) + 5 + 1 + 18, "its segment, the leg, and all that is said of it"


@pytest.mark.parametrize("text", [DEMO, EXAMPLE])
def test_every_line_that_need_not_change_stays(text: str) -> None:
    done = add(text, like="acme")
    went, came = gone_and_come(text, done.text)
    comments = [line for line in text.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in done.text.splitlines() if line.lstrip().startswith("#")] == comments
    assert all("acme" in line for line in went)
    assert not [line for line in came if not line.strip()]
    again = onboard(done.text, "site.yml", NewClient("initech", ABOUT, like="acme"))
    assert (again.changed, again.text) == (False, done.text)


@pytest.mark.parametrize("text", [DEMO, EXAMPLE])
def test_to_come_and_go_again_leaves_the_file_as_it_was(text: str) -> None:
    came = add(text, like="acme").text
    back = let_go(came, "initech").text
    assert yaml.safe_load(back) == {**yaml.safe_load(text), "flows": as_lists(yaml.safe_load(text)["flows"], back)}
    went, new = gone_and_come(text, back)
    assert len(went) == len(new)
    assert all("from: acme" in line for line in went), "a single name that became a list stays one"


def as_lists(flows: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """The flows, each end a list where it is one in the text."""
    now = {flow["name"]: flow for flow in yaml.safe_load(text)["flows"]}
    return [
        {
            key: [value]
            if key in ("from", "to") and isinstance(now[flow["name"]][key], list) and isinstance(value, str)
            else value
            for key, value in flow.items()
        }
        for flow in flows
    ]


def test_what_is_given_is_taken() -> None:
    segment = {"name": "floor-3", "vlan": 300, "subnets": ["10.70.0.0/26"], "title": "Third floor"}
    flow = {"name": "x", "from": "initech", "to": "198.51.100.7", "protocol": "udp", "ports": [4569]}
    done = add(segment=segment, like=None, flows=({**flow, "reason": "r", "owner": "o"},))
    assert (done.segment, done.vlan, done.subnets) == ("floor-3", 300, ("10.70.0.0/26",))
    assert [str(one) for one in load_site(done.text, "f").hosts["gw1"].legs["floor-3"]] == ["10.70.0.1"]
    assert yaml.safe_load(done.text)["flows"][-1]["name"] == "x"
    assert done.joined == ("logs-to-log-server", "time", "packages", "definitions"), "what every host needs"
    again = onboard(
        done.text, "site.yml", NewClient("initech", ABOUT, segment, flows=({**flow, "reason": "r", "owner": "o"},))
    )
    assert not again.changed


def test_flows_of_the_template_alone_are_not_shared() -> None:
    flow = "  - {{name: {}, from: {}, to: {}, protocol: udp, ports: [4569], reason: r, owner: o}}\n"
    own = flow.format("voice", "acme", "198.51.100.7") + flow.format("between", "globex", "acme")
    text = DEMO.replace("flows:\n", "flows:\n" + own)
    done = add(text, like="acme")
    assert done.left == ("voice", "between")
    assert not {"voice", "between"} & set(done.joined)
    flows = {one["name"]: one for one in yaml.safe_load(done.text)["flows"]}
    assert (flows["voice"]["from"], flows["between"]["to"]) == ("acme", "acme")


def test_taken_vlans_and_networks_are_passed_over() -> None:
    text = DEMO.replace("vlan: 99", "vlan: 21").replace("    to: internet\n", "    to: [internet, 198.51.100.7]\n")
    text = text.replace("  sources: [management]\n", "  sources: [management, 10.60.22.0/23]\n")
    done = add(text)
    assert (done.vlan, done.subnets[0]) == (24, "10.60.24.0/24")


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"about": {}}, "title: a new client needs one"),
        ({"like": "umbrella"}, "like: there is no client 'umbrella'; there are: acme, globex"),
        ({"name": "acme", "about": {"title": "Other"}}, "client acme is there already and differs in title"),
        ({"name": "acme", "about": {}, "segment": {"vlan": 12}}, "differs in segment.vlan"),
        ({"name": "acme", "about": {}, "like": "acme"}, "no template of itself"),
        ({"name": " "}, "client: empty"),
        ({"name": "gw1"}, "^client: gw1 is the name of a host of site.yml already"),
        ({"name": "servers"}, "^client: servers is the name of a segment of class servers of site.yml already"),
        ({"name": "x", "segment": {"name": "gw1"}}, "^segment.name: gw1 is the name of a host of site.yml already"),
        ({"segment": {"name": "acme"}}, "^segment.name: acme is the name of a client of site.yml already"),
        (
            {"name": "acme", "about": {}, "segment": {"name": "globex"}},
            "acme is there already and differs in segment.name",
        ),
        (
            {"name": "x", "segment": {"name": "servers"}},
            "^segment.name: servers is the name of a segment of class servers",
        ),
        ({"name": "servers", "segment": {"name": "x"}}, "^client: servers is the name of a segment of class servers"),
        ({"name": "card_data"}, "^client: card_data and card-data would be the same group"),
        ({"segment": {"vlan": 30}}, "^segment.vlan: 30 is that of segment servers already"),
        ({"segment": {"subnets": ["10.60.30.0/25"]}}, "^segment.subnets: 10.60.30.0/25 overlaps .* segment servers"),
        ({"segment": {"subnets": ["10.70.0.1/24"]}}, "^segment.subnets: '10.70.0.1/24' is no subnet"),
        ({"segment": {"gateway": "db1"}}, "segment.gateway: 'db1' is no host of kind gateway"),
        ({"flows": ({"name": "agents-to-mail"},)}, "a flow called agents-to-mail is there already, and differs"),
    ],
)
def test_what_cannot_be_had_is_refused(wanted: dict[str, Any], says: str) -> None:
    with pytest.raises(EditError, match=says):
        add(**wanted)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"name": "Initech"}, "client: 'Initech' is no name"),
        ({"name": "all"}, "client: the name all has a meaning of its own"),
        ({"segment": {"vlan": 5000}}, "segment.vlan: expected a whole number"),
        ({"about": {**ABOUT, "database": {"host": "mail1"}}}, "database.host: mail1 is no host of kind database"),
        ({"flows": ({"name": "x", "from": "initech"},)}, r"flows\[0\].to: this key is missing"),
    ],
)
def test_the_model_is_checked_as_a_whole_and_told_by_the_keys_that_were_given(
    wanted: dict[str, Any], says: str
) -> None:
    with pytest.raises(EditError, match=rf"nothing has been touched:(\n.*)*\n  {says}") as refused:
        add(**wanted)
    assert not re.search(r"site\.yml:\d", str(refused.value)), "no line of a file that is not written"


def test_who_goes_leaves_nothing_in_the_model() -> None:
    done = let_go(DEMO)
    data = yaml.safe_load(done.text)
    names = {"acme", "ws-acme-1"}
    for flow in data["flows"]:
        assert not names & {*flow["from"], *flow["to"], flow["from"] if isinstance(flow["from"], str) else ""}
    assert not names & {*data["segments"], *data["clients"], *data["hosts"], *data["hosts"]["gw1"]["interfaces"]}
    assert not [address for address in data["administration"]["local_sources"] if ".10.254" in address]
    _went, came = gone_and_come(DEMO, done.text)
    assert all(line.lstrip().startswith(("from:", "to:")) for line in came)
    assert [part["what"] for part in done.removed] == [
        "client acme",
        "leg of gw1 in its segment",
        "host ws-acme-1",
        "segment acme",
    ]


def test_a_flow_that_is_of_the_client_alone_goes() -> None:
    done = let_go(EXAMPLE)
    assert [flow["name"] for flow in yaml.safe_load(done.text)["flows"]] == [
        name for name in FLOWS_OF_THE_EXAMPLE if name != "agents-to-database"
    ]
    assert yaml.safe_load(done.text)["clients"] == {}
    assert "flow agents-to-database" in [part["what"] for part in done.removed]


def test_what_is_kept_and_what_must_be_erased() -> None:
    done = let_go(DEMO)
    assert [(entry["what"], entry["where"], entry["until"]) for entry in done.kept] == [
        ("database acme and its accounts", "db1", "2027-11-26"),
        ("recordings", "The telephony provider's archive", "2027-02-24"),
        ("backups with the client's data", "log1", "2027-12-31"),
    ]
    assert [entry["from"] for entry in done.erase] == ["2027-11-26", "2027-02-24", "2027-12-31", "2026-11-26"]
    assert "ws-acme-1" in done.erase[-1]["what"]


def test_without_retention_everything_is_to_be_erased_at_once() -> None:
    text = "\n".join(line for line in DEMO.splitlines() if "retention" not in line)
    done = let_go(text)
    assert done.kept == []
    assert {entry["from"] for entry in done.erase} == {"2026-11-26"}


def test_hosts_of_a_client_are_a_reason_to_refuse() -> None:
    with pytest.raises(EditError, match=r"in the segment of client acme: ws-acme-1.*remove_hosts"):
        let_go(DEMO, remove_hosts=False)
    assert offboard(DEMO, "f", "umbrella", remove_hosts=True, today=TODAY) is None


def test_a_client_that_was_let_go_is_told_from_one_that_never_was(tmp_path: Path) -> None:
    done = let_go(DEMO)
    found = certificate.record(done, before=DEMO, file="site.yml", moment="2026-11-26T12:00:00Z", by="ana")
    newest = tmp_path / "acme-20261126T120000Z.json"
    newest.write_text(json.dumps(found), encoding="utf-8")
    (tmp_path / "acme-20251126T120000Z.json").write_text(json.dumps({**found, "by": "ben"}), encoding="utf-8")
    (tmp_path / "acme-20271126T120000Z.json").write_text("no JSON", encoding="utf-8")
    (tmp_path / "acme-north-20261126T120000Z.json").write_text(json.dumps(found), encoding="utf-8")
    assert certificate.last_of(str(tmp_path), "demo", "acme") == (str(newest), found)
    for site, name in (("other", "acme"), ("demo", "acme-north"), ("demo", "*"), ("demo", "acm")):
        assert certificate.last_of(str(tmp_path), site, name) is None
    assert certificate.last_of(str(tmp_path / "none"), "demo", "acme") is None


def test_a_client_that_never_was_is_refused_with_those_that_there_are() -> None:
    site = load_site(DEMO, "site.yml")
    said = str(unknown_client(site, "site.yml", "acm", "evidence"))
    assert said == (
        "client: there is no client 'acm' in site.yml, and no certificate of it in evidence. Valid: acme, globex. "
        "Did you mean acme?"
    )
    assert str(unknown_client(site, "site.yml", "", "evidence")) == "client: empty. Valid: acme, globex."


def test_the_certificate_says_that_nothing_was_erased() -> None:
    done = let_go(DEMO)
    found = certificate.record(done, before=DEMO, file="site.yml", moment="2026-11-26T12:00:00Z", by="ana")
    json.dumps(found)
    assert {entry["erased"] for entry in found["must_be_erased"]} == {False}
    assert found["model"]["sha256_before"] != found["model"]["sha256_after"]
    page = certificate.as_text(found, "ab" * 32)
    for words in ("Nothing has been erased", "ana", "2027-11-26", "ws-acme-1", "erased on ____", "ab" * 32):
        assert words in page


def test_a_file_is_replaced_whole_with_its_mode_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "site.yml"
    path.write_bytes(DEMO.replace("\n", "\r\n").encode())
    path.chmod(0o604)
    (tmp_path / "link.yml").symlink_to(path)
    model = files.read(str(tmp_path / "link.yml"))
    assert model.text == DEMO
    files.replace(model, DEMO + "# é\n")
    assert path.read_bytes() == (DEMO + "# é\n").replace("\n", "\r\n").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o604
    with pytest.raises(EditError, match="changed by somebody else"):
        files.replace(model, "x")
    assert sorted(os.listdir(tmp_path)) == ["link.yml", "site.yml"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EditError, match="No such file"):
        files.read(str(tmp_path / "none"))
    (tmp_path / "vault").write_text("$ANSIBLE_VAULT;1.1;AES256\n")
    with pytest.raises(EditError, match="is encrypted"):
        files.read(str(tmp_path / "vault"))
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(EditError, match="not UTF-8"):
        files.read(str(tmp_path / "latin"))
    with pytest.raises(FileExistsError):
        files.create(str(tmp_path / "latin"), "x")
    assert (tmp_path / "latin").read_bytes() == b"\xe9"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(("a1", "b2", "c3", "d4", "acme", "globex")), min_size=1, max_size=6))
def test_whoever_comes_and_goes_the_model_always_loads_and_clients_stay_apart(names: list[str]) -> None:
    text = DEMO
    for name in names:
        present = yaml.safe_load(text)["clients"]
        if name in present:
            text = let_go(text, name).text
        else:
            template = next(iter(present), None)
            text = onboard(text, "f", NewClient(name, {"title": name}, like=template)).text
        site = load_site(text, "f")
        assert len({client.segment for client in site.clients.values()}) == len(site.clients)
        places = {client.segment for client in site.clients.values()}
        for flow in site.flows:
            ends = [{end.name for end in side} for side in (flow.sources, flow.destinations)]
            assert not (ends[0] & places and ends[1] & places)


def test_a_client_without_a_list_of_sites_gets_the_ways_of_other_segments_to_names() -> None:
    done = add(like=None, about={"title": "Initech"})
    assert {"names", "names-tcp", "time", "packages", "definitions", "logs-to-log-server"} == set(done.joined)
    assert done.lacks == ()
    flows = {flow["name"]: flow for flow in yaml.safe_load(done.text)["flows"]}
    assert all("initech" in flows[name]["from"] for name in done.joined)
    assert all("initech" not in flow["from"] for name, flow in flows.items() if name not in done.joined)


def test_a_client_never_joins_a_way_to_the_internet_by_itself() -> None:
    model = yaml.safe_load(EXAMPLE)
    del model["clients"]["acme"]["sites_allowed"]
    model["flows"] = [
        {**flow, "to": "internet"} if flow["name"] in ("packages", "definitions") else flow for flow in model["flows"]
    ]
    for flow in model["flows"]:
        if flow["to"] == "internet" and "card-data" in flow["from"]:
            flow["from"].remove("card-data")
    done = add(yaml.safe_dump(model, sort_keys=False), like="acme", about={"title": "Initech"})
    assert set(done.lacks) == {"packages", "definitions"}
    assert {"packages", "definitions"} <= set(done.left)
    assert not {"packages", "definitions"} & set(done.joined)


def test_a_client_that_is_there_is_given_no_ways() -> None:
    done = add(
        DEMO.replace("from: [gw1, management, servers, card-data, acme, globex]", "from: [management, globex]"),
        like=None,
    )
    model = yaml.safe_load(done.text)
    for flow in model["flows"]:
        flow["from"] = (
            [end for end in flow["from"] if end != "initech"] if isinstance(flow["from"], list) else flow["from"]
        )
    text = yaml.safe_dump(model, sort_keys=False)
    again = onboard(text, "site.yml", NewClient("initech", ABOUT))
    assert (again.changed, again.joined) == (False, ())
    assert set(again.lacks) == {"time", "packages", "definitions", "logs"}
