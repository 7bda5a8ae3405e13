# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a site model to a lab: its segments become networks, its hosts containers. Ansible reads the site for us."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import paths
from .images import RELEASES
from .run import LabError, environment
from .spec import Spec, bridge_address, parse


def read(site: Path, lab: str) -> Spec:
    """Return the lab of a site.

    :param site: the site model, an inventory source.
    :raises LabError: when Ansible refuses the site (its own words are shown) or the site can't be a lab.
    """
    program = paths.VENV / "bin" / "ansible-inventory"
    if not program.exists():
        raise LabError("Ansible is not in .venv yet: run `make setup` first.")
    done = subprocess.run(
        [str(program), "-i", str(site.resolve()), "--list"],
        capture_output=True,
        text=True,
        cwd=paths.ROOT,
        env=environment(
            {"ANSIBLE_CONFIG": str(paths.ROOT / "ansible.cfg"), "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"}
        ),
        check=False,
    )
    if done.returncode != 0:
        raise LabError(f"Ansible refuses the site {site}.", done.stderr)
    return to_spec(json.loads(done.stdout), lab, str(site))


def plain(value: Any) -> Any:
    """Return Ansible's JSON without its wrappers around strings that are not to be templated."""
    if isinstance(value, dict):
        return (
            plain(value["__ansible_unsafe"])
            if set(value) == {"__ansible_unsafe"}
            else {k: plain(v) for k, v in value.items()}
        )
    return [plain(item) for item in value] if isinstance(value, list) else value


def to_spec(data: Mapping[str, Any], lab: str, origin: str) -> Spec:
    """Turn what ``ansible-inventory --list`` says of a site into a lab.

    :param data: its JSON; of each host the variables ``ringfence_host`` and ``ringfence_segments`` are read.
    :raises LabError: naming every host that can't become one.
    """
    variables = plain(data.get("_meta", {}).get("hostvars", {}))
    hosts, wrong, used = [], [], set()
    segments: dict[str, Any] = {}
    for name, mine in sorted(variables.items()):
        host = mine.get("ringfence_host", {})
        segments = mine.get("ringfence_segments", segments)
        interfaces = host.get("interfaces", [])
        if host.get("os") not in RELEASES:
            wrong.append(f"host {name} has os {host.get('os')!r}, and there are images of {' and '.join(RELEASES)}")
        if not interfaces:
            wrong.append(f"host {name} has no address")
        used |= {interface["segment"] for interface in interfaces}
        hosts.append(
            {
                "name": name,
                "image": host.get("os", ""),
                "forwarding": "gateway" in host.get("kinds", []),
                "default_gateway": host.get("default_gateway") or [],
                "interfaces": [
                    {"network": interface["segment"], "addresses": interface["addresses"]} for interface in interfaces
                ],
            }
        )
    if not hosts:
        wrong.append("it has no hosts")
    if wrong:
        raise LabError(f"The site {origin} cannot be started as a lab: " + "; ".join(wrong) + ".")
    networks = [
        {
            "name": name,
            "subnets": segment["subnets"],
            "bridge": [bridge_address(subnet) for subnet in segment["subnets"]],
        }
        for name, segment in sorted(segments.items())
        if name in used
    ]
    return parse({"name": lab, "networks": networks, "hosts": hosts}, origin)
