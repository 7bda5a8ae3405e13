#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_diagram
short_description: Draw the network and the data flows of a site
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Draws every site of the inventory from what its site model says, as SVG. Two pictures a site, C(SITE-network.svg)
    (segments with VLAN, subnets and class, their hosts, gateways and what lies outside) and C(SITE-data-flow.svg) (who
    talks to whom, by protocol and ports, with a table of the flows).
  - What holds card data and what is connected to it is marked, by colour and in words.
  - Hosts of the same kinds in a segment are drawn as one with their number where there are more than three.
  - The pictures have a title and a description for readers of screens, their text is text, and they refer to nothing
    outside of themselves. The same site and the same graphviz with the same fonts give the same file.
  - They show what the model says, not what is on the wire.
  - Runs on the controller and contacts no host. Use it with C(run_once) or on C(localhost).
requirements:
  - the program C(dot) of graphviz, on the controller
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  directory:
    description: Where the files go. It is made where there is none.
    type: path
    required: true
  views:
    description: Which pictures to draw.
    type: list
    elements: str
    choices: [network, data-flow]
    default: [network, data-flow]
"""

EXAMPLES = r"""
- name: Draw the site
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: Draw the network and the data flows
      ringfence.callcenter.site_diagram:
        directory: "{{ inventory_dir }}/diagrams"
"""

RETURN = r"""
files:
  description: The pictures.
  returned: success
  type: list
  elements: str
  sample: [/srv/site/diagrams/lisbon-network.svg, /srv/site/diagrams/lisbon-data-flow.svg]
"""
