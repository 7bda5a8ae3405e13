#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_client
short_description: Take a client on in a site model, or let it go
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Changes the file of a site model, C(site.yml), and nothing else. Every line that need not change stays as it is,
    comments and order included. The model is checked as a whole before the file is replaced, in one step.
  - A new client gets a segment of class C(client) with the next free VLAN and subnets, an entry of its own, a leg of
    the gateway in its segment, and flows. Run the playbook C(site) afterwards to apply it.
  - A client that goes takes its segment, the gateway's leg, and its place in flows with it. A certificate (JSON, and
    text to sign) says what left the model, what is kept until when, and what must be erased where. B(Nothing is
    erased.) The roles that hold data do not exist yet; the certificate is for those who erase it.
  - Runs on the controller and contacts no host.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  idempotent:
    details:
      - A client that is there and differs in what was asked for is refused, not changed.
      - With O(state=absent), a client that is not there is one that was let go when its certificate is in
        O(certificate_directory), and nothing changes. Without a certificate it is a mistake, and refused.
options:
  path:
    description: The site model, C(site.yml) or C(NAME.site.yml). It must not be encrypted.
    type: path
    required: true
  name:
    description: The client's name in the model.
    type: str
    required: true
  state:
    description: Whether the client shall be in the model.
    type: str
    choices: [present, absent]
    default: present
  title:
    description: The company's name. Required for a new client.
    type: str
  segment:
    description: The client's segment. What is not given is chosen.
    type: dict
    suboptions:
      name:
        description: Its name. Without one it is called as the client is. One that is in the model is used as it is.
        type: str
      title:
        description: What it is for.
        type: str
      vlan:
        description:
          - Its VLAN. Without one it gets the next that is free after that of the client in O(like), or of the client
            with the highest VLAN, in step with the subnets.
        type: int
      subnets:
        description: Its subnets. Without any it gets the next free ones after those of the same client.
        type: list
        elements: str
      gateway:
        description: The gateway that routes for it, if not the one of the same client.
        type: str
  sites_allowed:
    description: The sites that its agents may open.
    type: list
    elements: str
  database:
    description: Where its data is, as C(clients.*.database) of the model.
    type: dict
  recordings:
    description: Where its calls are recorded, as C(clients.*.recordings) of the model.
    type: dict
  retention:
    description: For how long its data is kept, as C(clients.*.retention) of the model.
    type: dict
  business_hours:
    description: When agents work for it, as C(clients.*.business_hours) of the model.
    type: dict
  like:
    description:
      - A client whose flows the new one shares. It is added to every flow between that client and something of the site
        that is no client's.
      - Flows of that client with addresses outside, or with another client, are not shared; RV(flows_left) names them.
    type: str
  flows:
    description: Further flows, as in the model.
    type: list
    elements: dict
    default: []
  remove_hosts:
    description:
      - With O(state=absent), remove the hosts in the client's segment from the model too. Otherwise a client that has
        any is refused.
    type: bool
    default: false
  certificate_directory:
    description:
      - Where the certificate goes, and where that of a client is looked for which is not in the model. Without it,
        C(evidence/offboarding) beside the model.
    type: path
  by:
    description: Who lets the client go, for the certificate. Without it, the user who runs Ansible.
    type: str
"""

EXAMPLES = r"""
- name: Take Initech on, with the flows that Acme has
  ringfence.callcenter.site_client:
    path: inventories/mysite/site.yml
    name: initech
    title: Initech
    like: acme
    sites_allowed: [crm.initech.example]
    recordings: {store: The telephony provider's archive, retention: 90}
    retention: {data: 365, reason: Contract with Initech}

- name: Let Initech go
  ringfence.callcenter.site_client:
    path: inventories/mysite/site.yml
    name: initech
    state: absent
    remove_hosts: true
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
segment:
  description: The client's segment.
  returned: with O(state=present)
  type: dict
  sample: {"name": "initech", "vlan": 21, "subnets": ["10.60.21.0/24"]}
flows_joined:
  description: >-
    The flows that the client was added to: those of O(like), and for a new client those within the site by which others
    get what every host needs (names, time, packages, virus definitions, a log server).
  returned: with O(state=present)
  type: list
  elements: str
flows_left:
  description: The flows of O(like) that are of that client alone. See whether the new one needs its own.
  returned: with O(state=present)
  type: list
  elements: str
no_way_to:
  description: What the client's workstations need and no flow leads to. C(docs/site_needs.md) says which flows count.
  returned: with O(state=present)
  type: list
  elements: str
  sample: [definitions]
kept:
  description: What retention demands, each with C(what), C(where), C(days), C(until) and C(reason).
  returned: when a client was removed, now or before
  type: list
  elements: dict
must_be_erased:
  description: What must be erased, each with C(what), C(where) and C(from), the first day on which it may be.
  returned: when a client was removed, now or before
  type: list
  elements: dict
certificate:
  description: The certificate as JSON.
  returned: when a client was removed, now (not in check mode) or before
  type: str
certificate_text:
  description: The certificate to read and sign.
  returned: when a client was removed, now (not in check mode) or before
  type: str
"""
