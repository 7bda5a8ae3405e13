# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of an inventory's sites: what they are called, and that they show no secret and no card number."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import file_names
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram import of_sites
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram.graphviz import DrawingError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import SiteVariables
from tests.support.programs import needs


def site(name: str, title: str = "Title", flows: int = 1) -> SiteVariables:
    """A small site."""
    flow = {"from": ["acme"], "to": ["db1"], "protocol": "tcp", "ports": [443], "owner": "o", "reason": title}
    return SiteVariables(
        name=name,
        about={"name": name, "title": title},
        segments={"acme": {"vlan": 10, "class": "client", "subnets": ["10.1.10.0/24"]}},
        flows=[{**flow, "name": f"flow{number}"} for number in range(flows)],
        hosts={"db1": {"kinds": ["database"], "segment": "acme", "addresses": ["10.1.10.9"], "interfaces": []}},
    )


#: With a piece of its hash, so that a site called a_b has pictures of its own.
ODD = file_names.readable("a/b")


@needs("dot")
@pytest.mark.parametrize(
    ("names", "made"),
    [
        ([], []),
        (["demo"], ["network", "data-flow"]),
        (["a/b", "b"], [f"{ODD}-network", f"{ODD}-data-flow", "b-network", "b-data-flow"]),
    ],
)
def test_names(names: list[str], made: list[str]) -> None:
    assert list(of_sites.pictures([site(name) for name in names])) == made


@needs("dot")
def test_no_secret_and_no_card_number_is_drawn_and_no_flow_is_cut() -> None:
    pictures = of_sites.pictures([site("demo", "Korrekt-Pferd-9 4111 1111 1111 1111", flows=250)], ["Korrekt-Pferd-9"])
    for picture in pictures.values():
        assert "Korrekt" not in picture
        assert "4111 1111" not in picture
        assert "[secret] **** **** **** 1111" in picture
    assert ">flow249<" in pictures["data-flow"]


def test_what_hinders_the_drawing_is_raised() -> None:
    def broken(_dot: str) -> Any:
        raise DrawingError("no dot")

    with pytest.raises(DrawingError, match="no dot"):
        of_sites.pictures([site("demo")], draw=broken)
