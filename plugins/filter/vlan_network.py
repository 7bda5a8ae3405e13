# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters about the VLAN interfaces of a gateway."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vlan_network
short_description: What comes of the interfaces that a gateway is told to have
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Reads interfaces as M(ringfence.callcenter.vlan_network) does. The role C(client_vlans) makes its files of it, and
    the audit compares hosts with it.
options:
  _input:
    description: The interfaces.
    type: list
    elements: dict
    required: true
  trunk:
    description: The ports that carry tagged frames.
    type: list
    elements: str
    default: []
  bond_mode:
    description: How several ports share the work.
    type: str
    default: 802.3ad
"""

EXAMPLES = r"""
- name: Show which segments get addresses from this gateway
  ansible.builtin.debug:
    msg: "{{ (client_vlans_interfaces | ringfence.callcenter.vlan_network).served | map(attribute='name') }}"
"""

RETURN = r"""
_value:
  description:
    - C(bindings), C(untagged), C(links) and C(ports) as options of M(ringfence.callcenter.vlan_transaction), C(sha256)
      (of the text of each file of systemd-networkd), C(addresses) (of each tagged interface), C(served) (segments that
      get addresses or router advertisements from here) and C(settings) (of the kernel, path below C(/proc/sys) to
      value).
  type: dict
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.vlan_network import (
    InterfacesError,
    compose,
    served,
    settings,
)


def vlan_network(interfaces: Any, trunk: Sequence[str] = (), bond_mode: str = "802.3ad") -> dict[str, Any]:
    """What comes of the interfaces."""
    try:
        network = compose(interfaces, trunk, bond_mode)
    except InterfacesError as error:
        raise AnsibleFilterError(f"the interfaces are refused: {error}") from error
    told = network.arguments()
    files = told.pop("files")
    return {
        **told,
        "sha256": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()},
        "addresses": {
            one["interface"]: one["addresses"] for one in network.bindings if one["interface"] in network.links
        },
        "served": served(interfaces, trunk, bond_mode),
        "settings": settings(network),
    }


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"vlan_network": vlan_network}
