# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the evidence_bundle action, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: evidence_bundle
short_description: Begin and seal the evidence bundle of an audit
version_added: 0.1.0
description:
  - Begins a folder that takes the findings of one audit, and seals it with a report and with the hashes of all its
    files.
  - A bundle is whole or it is not there. Until it is sealed its folder is called C(RUN.partial). What an audit left
    that died more than a day ago is swept away when the next one begins.
  - Each manifest holds the hash of the manifest of the bundle sealed before it, so that none can be changed or removed
    unnoticed. Two audits at the same time do not disturb each other.
  - The bundle also holds, and its report shows, the newest record of the segmentation test and of the review of the
    firewall rules in the evidence folder, and pictures of the network of every site of the inventory. A record that
    cannot be shown, a missing site model or a missing program C(dot) is told of, and hinders nothing.
  - Runs on the controller and contacts no host. Use it with C(run_once).
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: partial
    details: An audit only reads, so the bundle is written in check mode too.
  diff_mode:
    support: none
    details: Every bundle is new.
  idempotent:
    support: none
    details: Every audit is evidence of its own time.
options:
  state:
    description:
      - V(open) begins a bundle and returns its path, after a check of the controls of all roles.
      - V(sealed) completes it. Every host of the inventory that gave no findings is entered as not observed.
    type: str
    choices: [open, sealed]
    required: true
  directory:
    description: The evidence folder of the site. It is made where there is none. Needed with O(state=open).
    type: path
  path:
    description: Path of an open bundle. Needed with O(state=sealed).
    type: path
  roles:
    description: Names of the roles whose controls are observed, as for M(ringfence.callcenter.audit).
    type: list
    elements: str
  roles_path:
    description: Folder with the roles. By default the roles of this collection.
    type: path
  registers:
    description:
      - Folder with the site's registers of exceptions and attestations. By default C(registers) beside the inventory;
        a site without that folder has none.
      - Registers that are malformed are refused before any host is asked.
    type: path
  signing_key:
    description:
      - Path of an SSH private key that signs the manifest. Only C(ssh-keygen) reads its content; it is asked for no
        passphrase. With the path of the public half, the agent signs.
      - A key that cannot sign is refused before any host is asked.
    type: path
  periods:
    description:
      - How often the site asks for what must recur, where that is more often than C(catalog/periodicity.yml) says, and
        since when. A mapping of activities to mappings with C(every), such as V(7 days) or V(1 month), and C(since), a
        date.
      - An activity that never took place is overdue only if C(since) says from when on it is asked for.
    type: dict
  sample:
    description:
      - Draws a sample of the hosts of each kind and marks it in the report.
      - A mapping with C(size), the number of hosts of each kind, and C(seed), a text that the auditor chooses; the same
        seed draws the same hosts.
    type: dict
  compare_with:
    description: The run that changes are told against. By default that of the bundle sealed before.
    type: str
  exports:
    description: Formats that M(ringfence.callcenter.evidence_export) is to write afterwards. An unknown one is refused
      with O(state=open), before any host is asked; nothing is exported here.
    type: list
    elements: str
    choices: [csv, xlsx, junit, xccdf, oscal, hdf, pdf]
  store:
    description: The store that M(ringfence.callcenter.evidence_store) is to keep afterwards. One that cannot be opened
      is refused with O(state=open), before any host is asked. An empty text means none.
    type: str
  fail_on:
    description:
      - Statuses that make the task fail, after the bundle is sealed, when any finding has them.
      - An empty list never fails.
    type: list
    elements: str
    choices: [fail, error, not_observed, excepted, pass, not_applicable]
    default: [fail, error, not_observed]
author:
  - The ringfence.callcenter developers (@ringfence)
seealso:
  - module: ringfence.callcenter.audit
"""

EXAMPLES = r"""
- name: Begin the evidence bundle
  ringfence.callcenter.evidence_bundle:
    state: open
    directory: "{{ inventory_dir }}/evidence"
  run_once: true
  register: opened

- name: Observe the host
  ringfence.callcenter.audit:
    bundle: "{{ opened.path }}"

- name: Seal the evidence bundle
  ringfence.callcenter.evidence_bundle:
    state: sealed
    path: "{{ opened.path }}"
  run_once: true
"""

RETURN = r"""
path:
  description: The folder of the bundle.
  returned: always
  type: str
  sample: /srv/site/evidence/20261121T214100Z-3f9a1c
run:
  description: The name of the run.
  returned: always
  type: str
  sample: 20261121T214100Z-3f9a1c
report:
  description: The report to read.
  returned: when O(state=sealed)
  type: str
  sample: /srv/site/evidence/20261121T214100Z-3f9a1c/report.html
manifest_sha256:
  description: The hash that stands for the whole bundle.
  returned: when O(state=sealed)
  type: str
counts:
  description: How many findings have each status.
  returned: when O(state=sealed)
  type: dict
population:
  description: The number of hosts in the inventory and of those observed.
  returned: when O(state=sealed)
  type: dict
  sample: {"hosts": 6, "observed": 5}
"""
