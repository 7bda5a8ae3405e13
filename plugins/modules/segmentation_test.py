#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: segmentation_test
short_description: Plan a segmentation test, and judge what it measured
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - With O(phase=plan) it works out, from the site model, which host tries which addresses, protocols and ports, and
    which way is opened on purpose. Only addresses of the inventory are ever tried.
  - With O(phase=evaluate) it puts what M(ringfence.callcenter.segmentation_probe) measured against what the flows of
    the site model mean, and writes the record (JSON) and a page to read (HTML).
  - The task fails when a verdict of O(fail_on) occurs, or when what was opened on purpose was not seen open and then
    closed. The record is written all the same.
  - Runs on the controller and contacts no host. Use it with C(run_once), or rather use the playbook
    C(segmentation_test), which does all the phases.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: none
    details: Nothing is tried in check mode, so nothing is judged.
  diff_mode:
    support: none
    details: Every record is new.
  idempotent:
    support: none
    details: Every test has a time of its own.
options:
  phase:
    description: What to do. Both need the same options.
    type: str
    required: true
    choices: [plan, evaluate]
  directory:
    description:
      - The site's evidence folder. The record goes to C(records/segmentation_test/RUN.json) in it, the page beside it.
        Required with O(phase=evaluate).
    type: path
  register:
    description:
      - How the names begin under which the results of the phases were registered; C(_plan), C(_watch), C(_open),
        C(_control), C(_close), C(_probe) and C(_collect) follow.
    type: str
    default: __segmentation
  tcp_ports:
    description: TCP ports to try beside those of the flows and the common ones.
    type: list
    elements: int
    default: []
  udp_ports:
    description: UDP ports likewise.
    type: list
    elements: int
    default: []
  common_ports:
    description: Whether to try the ports by which machines are usually got at.
    type: bool
    default: true
  hosts_per_segment:
    description: How many hosts of each segment try. Those that a flow names in C(from) always do.
    type: int
    default: 2
  targets_per_segment:
    description: How many hosts of each segment are tried. Those that a flow names in C(to), and gateways, always are.
    type: int
    default: 10
  addresses:
    description:
      - Addresses, by segment, for namespaces on a gateway that stand for a machine of a segment without a host that can
        try. Nobody may have them. Left out, they are taken from near the end of the segment's subnets. V(internet)
        stands for outside; its addresses are in no segment.
    type: dict
    default: {}
  internet:
    description: Whether to try from outside as well, that is from a namespace on the gateway with an address of nobody.
    type: bool
    default: true
  rate:
    description: How many packets a second are sent at most, from each place.
    type: int
    default: 400
  time_limit:
    description: After how many seconds a host sends nothing more. What it had not tried is V(not tested).
    type: int
    default: 300
  max_tries:
    description: A plan with more tries than these is refused.
    type: int
    default: 200000
  control_port:
    description: The TCP and UDP port that is opened on purpose, or the next that no flow means.
    type: int
    default: 54321
  due_months:
    description: After how many months the next test is due.
    type: int
    default: 6
  fail_on:
    description: Which verdicts let the task fail.
    type: list
    elements: str
    choices: [open but not intended, closed but needed, not tested]
    default: [open but not intended, closed but needed, not tested]
seealso:
  - module: ringfence.callcenter.segmentation_probe
"""

EXAMPLES = r"""
- name: Plan who tries what
  ringfence.callcenter.segmentation_test:
    phase: plan
  run_once: true
  register: __segmentation_plan

- name: Compare what was measured with what is intended
  ringfence.callcenter.segmentation_test:
    phase: evaluate
    directory: "{{ inventory_dir }}/evidence"
  run_once: true
"""

RETURN = r"""
plan:
  description: What each host does; of O(phase=plan).
  returned: success and O(phase=plan)
  type: dict
started_at:
  description: When the plan was made, UTC.
  returned: success and O(phase=plan)
  type: str
  sample: '2026-11-26T11:00:00Z'
outcome:
  description: V(pass) or V(fail).
  returned: when O(phase=evaluate)
  type: str
summary:
  description: How many tries and pairs of segments there are with each verdict, and what it took.
  returned: when O(phase=evaluate)
  type: dict
  sample: {"tries": 11716, "pairs": 30, "negative_control_seen": true}
record:
  description: The record.
  returned: when O(phase=evaluate)
  type: str
  sample: /srv/site/evidence/records/segmentation_test/20261126T110000Z.json
html:
  description: The page to read.
  returned: when O(phase=evaluate)
  type: str
"""
