# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendors' resource modules are asked to render for a switch, and the text that comes of their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import eos, ios, junos

# Name of a module, the value of its option config.
Request = tuple[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Platform:
    """How a platform's switches are rendered: what the modules are asked, and the text that comes of the answers.

    ``collection`` holds these modules, and those that apply the text.
    """

    collection: str
    ending: str
    requests: Callable[[Mapping[str, Any]], list[Request]]
    assemble: Callable[[Mapping[str, Any], Mapping[str, Any]], str]


PLATFORMS = {
    "ios": Platform("cisco.ios", "cfg", ios.requests, ios.assemble),
    "eos": Platform("arista.eos", "cfg", eos.requests, eos.assemble),
    "junos": Platform("juniper.device", "set", junos.requests, junos.assemble),
}


def text_of(name: str, switch: Mapping[str, Any], render: Callable[[str, Sequence[Mapping[str, Any]]], Any]) -> str:
    """A switch's configuration. ``switch`` is one of ringfence_switches.

    ``render`` runs a module with a value for its option ``config`` and returns what it has under ``rendered``.
    """
    platform = PLATFORMS[switch["platform"]]
    answers = {module: render(module, config) for module, config in platform.requests(switch)}
    comment = "#" if switch["platform"] == "junos" else "!"
    heading = [
        f"{comment} Switch {name}, {switch['platform']}, {switch['address']}: VLANs and ports, from the site model.",
        f"{comment} Ports that are not named here keep what they have. Change the model, not this file.",
    ]
    return "\n".join([*heading, platform.assemble(switch, answers), ""])
