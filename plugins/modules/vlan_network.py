#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vlan_network
short_description: Keep a gateway's VLAN interfaces and bind sources to them, without ever locking the administrator out
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Checks all interfaces on the controller before anything is touched, and refuses them with every error at once,
    naming the index, the segment and the key.
  - Renders them as files of systemd-networkd where there is a trunk, and as the nftables table
    C(inet ringfence_vlans), which drops what comes in by an interface from a source that does not belong there, before
    it is routed.
  - Asks the host whether it runs exactly that. Nothing more happens when it does; this costs one round trip.
  - When it does not, the host saves what is, arms a timer that restores it, and makes the change. Then the controller
    closes its connection, and confirms over a new one. Without a confirmation the host restores everything by itself,
    the controller being alive or not, and the task fails saying why.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  diff_mode:
    details: Both sides show our files of systemd-networkd, and the table where it or its file differs.
options:
  state:
    description:
      - V(present) makes and keeps the interfaces.
      - V(absent) removes them, the table and every file that belongs to them, confirmed like any other change.
      - V(checked) looks at the options on the controller only. No host is asked.
    type: str
    choices: [present, absent, checked]
    default: present
  interfaces:
    description: The interfaces, as the role P(ringfence.callcenter.client_vlans#role) describes them.
    type: list
    elements: dict
    default: []
  trunk:
    description: The port that carries the tagged frames, or several that make a bond. None means plain interfaces.
    type: list
    elements: str
    default: []
  bond_mode:
    description: How several ports of O(trunk) share the work.
    type: str
    default: 802.3ad
  confirm_timeout:
    description:
      - Seconds, from 5 to 600, after which the host restores what was unless a new connection confirmed the change.
    type: int
    default: 60
seealso:
  - module: ringfence.callcenter.vlan_transaction
"""

EXAMPLES = r"""
- name: One tagged interface for a client
  ringfence.callcenter.vlan_network:
    trunk: [eth1]
    interfaces:
      - name: acme
        vlan: 10
        addresses: [192.0.2.1/24, '2001:db8:0:10::1/64']
"""

RETURN = r"""
proven_by:
  description: What showed that the host can still be reached.
  returned: when what runs was changed
  type: str
  sample: a new ssh connection
errors:
  description: Everything that is wrong with the interfaces, one sentence each.
  returned: when interfaces are refused
  type: list
  elements: str
  sample: ["client_vlans_interfaces[0] (acme): vlan: 5000 is no VLAN; valid: 1 to 4094"]
rolled_back:
  description: Whether the host has restored what was before.
  returned: when the host was changed or repaired
  type: bool
  sample: false
"""
