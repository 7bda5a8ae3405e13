# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture in the report is shapes and texts, and nothing in it runs, loads or has a name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.html import drawing
from tests.support import shown_records as shown

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'


def test_shapes_and_texts_stay() -> None:
    found = drawing.shapes(shown.picture("gw1 &amp; &lt;b&gt;"))
    assert found["title"] == "Network: Demo"
    assert found["description"] == "2 segments. gw1 & <b>"
    name, attributes, _title, group = found["shapes"]
    assert (name, attributes) == ("svg", {"width": "90", "height": "40", "viewBox": "0 0 90 40"})
    assert group[:2] == ["g", {"transform": "translate(1 2)"}]
    assert group[3] == ["text", {"x": "5", "y": "15"}, "gw1 & <b>"]


@pytest.mark.parametrize(
    "part",
    [
        "<script>alert(1)</script>",
        "<style>@import 'http://evil.example/a.css'</style>",
        '<image href="http://evil.example/a.png"/>',
        '<use xlink:href="#a"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject>',
        '<animate attributeName="href" values="javascript:alert(1)"/>',
        '<rect onload="alert(1)" onclick="alert(1)" style="fill:url(http://evil.example/)"/>',
        '<rect fill="url(http://evil.example/a.svg#b)" stroke="url(#own)" id="data" class="own"/>',
        '<rect transform="http://evil.example/" d="javascript:alert(1)"/>',
    ],
)
def test_nothing_runs_or_loads(part: str) -> None:
    text = json.dumps(drawing.shapes(f"{SVG}{part}</svg>"))
    assert not any(word in text for word in ("alert", "evil", "own", "href", '"on', "style", '"id"'))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no picture",
        "<html/>",
        f"{SVG}<g></svg>",
        '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SVG + "<text>&b;</text></svg>",
        f"{SVG}{'<g>' * 5000}{'</g>' * 5000}</svg>",
        f"{SVG}<text>\ud800</text></svg>",
    ],
)
def test_what_is_no_picture_is_refused(text: Any) -> None:
    with pytest.raises(drawing.PictureError):
        drawing.shapes(text)
