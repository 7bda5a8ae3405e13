#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: negative_control
short_description: Allow, plan and judge a negative control
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - A negative control breaks hosts of a lab on purpose, one control after another, to show that the audit's checks can
    turn red. This module decides what may be broken and judges what came of it. It breaks nothing itself.
  - Use the playbook C(prove), which does all the steps.
  - With O(phase=validate) it refuses where no host is named, where a name is no host of the inventory or of this play,
    and where a case is asked for that there is not. With O(phase=authorize) it refuses every host without the mark that
    only the lab makes, and begins the run. Both tell all that is wrong at once.
  - With O(phase=plan) it reads the audit before, and works out which cases are broken together on each host. A case
    applies where its control applies and is green.
  - With O(phase=record) it keeps how the commands of a round ended on a host.
  - With O(phase=evaluate) it puts the audits of all rounds together, and writes the record. The task fails when a case
    turned nothing red, turned something else red, was not observed or not repaired, or when no case applies at all. The
    record is written all the same.
  - Runs on the controller and contacts no host. All phases but V(record) are for C(run_once).
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: none
    details: Nothing is broken in check mode, so it is refused there.
  diff_mode:
    support: none
    details: Every record is new.
  idempotent:
    support: none
    details: Every run has a time of its own.
options:
  phase:
    description: What to do.
    type: str
    required: true
    choices: [validate, authorize, plan, record, evaluate]
  hosts:
    description:
      - The hosts that may be broken, as a list or with commas between them. They must be all of the play, each by its
        name. Required with O(phase=validate) and O(phase=authorize).
    type: raw
  directory:
    description: The site's evidence folder. Required with O(phase=authorize).
    type: path
  cases:
    description: Ids of cases, or names of roles for all of theirs. All when it is empty.
    type: list
    elements: str
    default: []
  scenario:
    description: Only cases that belong to hosts of this scenario of the tests. All when it is left out.
    type: str
  roles:
    description: The roles that all of the hosts hold. Left out, what C(playbooks/site.yml) does for each.
    type: list
    elements: str
  alone:
    description: Whether every case has a round to itself.
    type: bool
    default: false
  path:
    description: The folder of the run, as O(phase=authorize) tells it. Required with the phases after that.
    type: path
  round:
    description: Which round it was. Required with O(phase=record).
    type: int
  output:
    description: What the command of a round printed, of O(phase=record).
    type: str
    default: ''
  register:
    description: How the names begin under which the play keeps results; C(_mark), C(_run) and C(_stopped) follow.
    type: str
    default: __prove
seealso:
  - module: ringfence.callcenter.audit
"""

EXAMPLES = r"""
- name: Assert that every host may be broken
  ringfence.callcenter.negative_control:
    phase: authorize
    hosts: [ws-acme-1]
    directory: "{{ inventory_dir }}/evidence"
  run_once: true
  register: __prove_run

- name: Evaluate the results
  ringfence.callcenter.negative_control:
    phase: evaluate
    path: "{{ __prove_run.path }}"
  run_once: true
"""

RETURN = r"""
cases:
  description: The ids of the cases that are asked for.
  returned: success and O(phase=validate)
  type: list
  elements: str
path:
  description: The folder of the run.
  returned: success and O(phase=authorize)
  type: str
  sample: /srv/site/evidence/records/negative_control/20261126T110000Z-3f9a1c.partial
started_at:
  description: When the run began, UTC.
  returned: success and O(phase=authorize)
  type: str
  sample: '2026-11-26T11:00:00Z'
unfinished:
  description: The hosts that an earlier run may have left broken, with the commands that put back what no role does.
  returned: success and O(phase=authorize)
  type: dict
held:
  description: The roles of each host.
  returned: success and O(phase=authorize)
  type: dict
  sample: {"ws-acme-1": ["firewall", "login_delay"]}
roles:
  description: The roles of all hosts together, in the order in which they converge.
  returned: success and O(phase=authorize)
  type: list
  elements: str
steps:
  description: For each round, by host, the ids of the cases, the command that breaks them, and the roles and
    commands that repair them.
  returned: success and O(phase=plan)
  type: list
  elements: dict
record:
  description: The record.
  returned: when O(phase=evaluate)
  type: str
  sample: /srv/site/evidence/records/negative_control/20261126T110000Z-3f9a1c.json
outcome:
  description: V(pass) or V(fail).
  returned: when O(phase=evaluate)
  type: str
summary:
  description: How many cases and checks were seen as they should be.
  returned: when O(phase=evaluate)
  type: dict
  sample: {"hosts": 1, "cases": 93, "seen": 91, "failed": 0, "nothing_to_break": 2, "checks": 88, "checks_proven": 85}
"""
