#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: switch_config
short_description: Render the configuration of a site's switches
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Renders what the part C(switches) of the site models says as configuration of Cisco IOS, Arista EOS and Junos, one
    file a switch to review and to apply.
  - VLANs and what every port carries are rendered by the vendors' own resource modules with C(state=rendered), that is
    without a switch, M(cisco.ios.ios_l2_interfaces), M(arista.eos.eos_vlans) and M(arista.eos.eos_l2_interfaces). What
    these have no attribute for or cannot render without a switch is added by this collection, on IOS the VLANs, and
    everywhere port security, BPDU guard, edge ports, titles and which ports are shut down. Junos it renders alone.
  - Access ports learn as many hardware addresses as the model allows, and are edge ports with BPDU guard. Unused ports
    are shut down in a VLAN of their own. Trunks carry the segments of the model and no others, with a native VLAN that
    no segment has. No port negotiates (DTP).
  - Ports that the model does not name are not in the file and keep what they have.
  - For Junos the files hold set commands, with C(delete) first for what a port had before.
  - Runs on the controller and contacts no host and no switch. Use it on C(localhost).
requirements:
  - the collections cisco.ios and arista.eos, of the platforms that the site has, as they come with the package ansible
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  directory:
    description: Where the files go, each in the folder of its site. It is made where there is none.
    type: path
    required: true
  applied:
    description:
      - Whether what is rendered is then applied to the switches, by M(cisco.ios.ios_config), M(arista.eos.eos_config)
        and C(juniper.device.junos_config) of version 2.0.0 or newer. Where one of them that the site needs is not
        installed, this says so and writes nothing.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Render the switches
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: Render VLANs and ports into files
      ringfence.callcenter.switch_config:
        directory: "{{ inventory_dir }}/switches"
"""

RETURN = r"""
switches:
  description: The switches of all sites.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    site:
      description: The name of its site.
      type: str
    platform:
      description: Its platform.
      type: str
    address:
      description: The address at which it is managed.
      type: str
    file:
      description: Its file.
      type: str
  sample:
    - name: sw1
      site: lisbon
      platform: ios
      address: 10.60.99.11
      file: /srv/site/switches/lisbon/sw1.cfg
"""
