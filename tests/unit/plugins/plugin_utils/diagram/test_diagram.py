# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a site: what is in them, what is marked, and that they stand alone. Drawn by the real program."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram import graphviz
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram.map import map_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram.picture import VIEWS, render
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import inventory_of
from tests.support.programs import needs

DEMO = Path(__file__).resolve().parents[5] / "inventories/demo/site.yml"
SVG = "{http://www.w3.org/2000/svg}"

pytestmark = needs("dot")


@pytest.fixture(scope="module")
def demo() -> dict[str, Any]:
    """What the demo site gives render()."""
    inventory = inventory_of(load_site(DEMO.read_text(), "site.yml"))
    told = inventory.site_variables
    return {
        "site": told["ringfence_site"],
        "segments": told["ringfence_segments"],
        "flows": told["ringfence_flows"],
        "hosts": {name: variables["ringfence_host"] for name, variables in inventory.host_variables.items()},
        "administration": told["ringfence_administration"],
    }


def test_ssh_is_drawn_on_the_ports_of_the_site_with_its_review_date() -> None:
    model = yaml.safe_load(DEMO.read_text())
    model["administration"] |= {"ports": [2200], "review_by": "2028-01-31"}
    model["hosts"]["db1"]["ssh_port"] = 2222
    inventory = inventory_of(load_site(yaml.safe_dump(model), "site.yml"))
    told = inventory.site_variables
    hosts = {name: variables["ringfence_host"] for name, variables in inventory.host_variables.items()}
    drawn = map_of(told["ringfence_segments"], [], hosts, told["ringfence_administration"])
    assert [(line.service, line.review_by) for line in drawn.lines] == [("tcp 2200, 2222", "2028-01-31")]


def tree(svg: str) -> ET.Element:
    """The picture as XML."""
    return ET.fromstring(svg)  # noqa: S314  # we have just made it


def texts(svg: str) -> list[str]:
    """All its words that are seen."""
    return [element.text or "" for element in tree(svg).iter(f"{SVG}text")]


def titles(svg: str) -> list[str]:
    """What readers of screens say of its parts."""
    return [element.text or "" for element in tree(svg).iter(f"{SVG}title")]


def test_the_network_shows_every_segment_with_vlan_and_subnets_and_every_host(demo: dict[str, Any]) -> None:
    svg = render(**demo)
    seen = texts(svg)
    for name, segment in demo["segments"].items():
        assert name in seen
        assert any(text.startswith(f"VLAN {segment['vlan']} ") for text in seen)
        assert set(segment["subnets"]) <= set(seen)
    for name, host in demo["hosts"].items():
        assert name in seen
        assert {str(address) for leg in host["interfaces"] for address in leg["addresses"]} <= set(seen)
    assert "Internet" in seen


def test_the_data_flows_are_all_there_each_with_its_service(demo: dict[str, Any]) -> None:
    svg = render(**demo, view="data-flow")
    seen, said = texts(svg), titles(svg)
    for number, flow in enumerate(demo["flows"], 1):
        service = f"{flow['protocol']} {', '.join(map(str, flow['ports']))}".strip()
        assert f"{number}: {service}" in seen
        for source in flow["from"]:
            for target in flow["to"]:
                ends = f"{source} to {target}: ".replace("internet", "Internet")
                arrows = [title for title in said if title.startswith(ends)]
                assert len(arrows) == 1, ends
                assert f"{number} {flow['name']}, {service}" in arrows[0]
    assert any(title.startswith("management to every host: ") for title in said)


def test_no_arrow_is_drawn_that_no_flow_names(demo: dict[str, Any]) -> None:
    few = [flow for flow in demo["flows"] if flow["name"] == "agents-to-mail"]
    arrows = titles(render(**{**demo, "flows": few, "administration": None}, view="data-flow"))
    assert sorted(title for title in arrows if " to " in title and ": 1 " in title) == [
        "acme to mail1: 1 agents-to-mail, tcp 587, 993",
        "globex to mail1: 1 agents-to-mail, tcp 587, 993",
    ]


def test_scope_is_marked_in_words(demo: dict[str, Any]) -> None:
    said = titles(render(**demo))
    assert any(title.startswith("db1: ") and title.endswith("holds card data") for title in said)
    assert any(title.startswith("card-data: VLAN 40") and title.endswith("holds card data") for title in said)
    assert any(title.startswith("log1: ") and title.endswith("; connected to card data") for title in said)
    assert any(title.startswith("mail1: ") and title.endswith("no flow to or from card data") for title in said)
    # Administrators reach every host, so their segment is connected; without that, only by a flow.
    assert any(title.startswith("management: ") and title.endswith("; connected to card data") for title in said)
    alone = render(**{**demo, "flows": [], "administration": None})
    assert any(
        title.startswith("management: ") and title.endswith("no flow to or from card data") for title in titles(alone)
    )
    assert any(title.startswith("gw1: ") and title.endswith("; connected to card data") for title in titles(alone))


@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_stands_alone_and_says_what_it_is(demo: dict[str, Any], view: str) -> None:
    svg = render(**demo, view=view)
    root = tree(svg)
    assert root.get("role") == "img"
    labels = {element.get("id"): element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert set((root.get("aria-labelledby") or "").split()) == set(labels)
    assert all(labels.values())
    for outside in ("href", "url(", "@import", "<script", "<image", "<!", "<?"):
        assert outside not in svg
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]
    assert svg == render(**demo, view=view)


def test_both_pictures_fit_into_one_page(demo: dict[str, Any]) -> None:
    ids = [found for view in VIEWS for found in re.findall(r'\bid="([^"]*)"', render(**demo, view=view))]
    assert len(ids) == len(set(ids))


def test_many_hosts_of_a_kind_become_one_node() -> None:
    hosts = {
        f"ws-{number:03}": {"kinds": ["workstation"], "segment": "acme", "class": "client", "interfaces": []}
        for number in range(1000)
    }
    segments = {"acme": {"vlan": 10, "class": "client", "subnets": ["10.0.0.0/16"]}}
    flows = [{"name": "out", "from": [name], "to": ["internet"], "protocol": "tcp", "ports": [443]} for name in hosts]
    svg = render({"name": "large"}, segments, flows[:2], hosts)
    assert "1,000 x workstation" in texts(svg)
    assert sum(title.startswith("ws-") for title in titles(svg)) == 0
    drawn = render({"name": "large"}, segments, flows[:2], hosts, view="data-flow")
    assert [title for title in titles(drawn) if " to Internet: " in title] == [
        "1,000 x workstation to Internet: 1 out, tcp 443; 2 out, tcp 443"
    ]


@settings(max_examples=12, deadline=None)
@given(st.text(min_size=1, max_size=30).filter(str.strip))
def test_whatever_things_are_called_the_picture_is_xml_and_has_no_more_nodes(name: str) -> None:
    segments = {name: {"vlan": 10, "class": "card_data", "subnets": ["10.0.0.0/24"]}}
    hosts = {f"h{name}": {"kinds": ["server"], "segment": name, "class": "card_data", "interfaces": []}}
    flows = [{"name": name, "from": [f"h{name}"], "to": [name], "protocol": "tcp", "ports": [1], "reason": name}]
    for view in VIEWS:
        root = tree(render({"title": name}, segments, flows, hosts, view=view))
        boxes = [group for group in root.iter(f"{SVG}g") if group.get("class") == "node"]
        assert len(boxes) == (1 if view == "network" else 2)


def test_without_the_program_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonesuch")
    with pytest.raises(graphviz.DrawingError, match="apt install graphviz"):
        graphviz.draw("digraph {}")


def test_what_the_program_complains_of_is_passed_on() -> None:
    with pytest.raises(graphviz.DrawingError, match="syntax error"):
        graphviz.draw("digraph {")
