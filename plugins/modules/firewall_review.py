#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_review
short_description: Write the firewall rule review of a site
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Puts together what M(ringfence.callcenter.firewall_rules_info) found on each host, marks what a reviewer must look
    at, and writes it as a page to read (C(.html)), as a table to fill in (C(.csv)) and as data (C(.json)).
  - Marked are rules that nobody declared, whose number differs from the file, that are not loaded, that are past their
    review date or have none, and that no packet has matched since the counters started.
  - Every host of the inventory is in it. Those that gave no answer are listed as not observed, and the task fails for
    those of the play after the files are written.
  - Runs on the controller and contacts no host. Use it with C(run_once).
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: partial
    details: It only writes down what was read, so the files are written in check mode too.
  diff_mode:
    support: none
    details: Every review is new.
  idempotent:
    support: none
    details: Every review has a time of its own.
options:
  directory:
    description: Where the files go. It is made where there is none.
    type: path
    required: true
  register:
    description: The name under which the results of M(ringfence.callcenter.firewall_rules_info) were registered.
    type: str
    required: true
  evidence:
    description:
      - The site's evidence folder. A record that holds the whole review goes into it. The ledger of the audits reads
        it, and their reports show the newest.
      - Without it no record is left.
    type: path
seealso:
  - module: ringfence.callcenter.firewall_rules_info
"""

EXAMPLES = r"""
- name: Read the rules and their counters
  ringfence.callcenter.firewall_rules_info:
  register: found

- name: Write the rule review
  ringfence.callcenter.firewall_review:
    directory: "{{ inventory_dir }}/evidence/firewall-review"
    register: found
  run_once: true
"""

RETURN = r"""
html:
  description: The page to read.
  returned: success
  type: str
  sample: /srv/site/evidence/firewall-review/20261121T214100Z.html
csv:
  description: The table.
  returned: success
  type: str
json:
  description: The data.
  returned: success
  type: str
record:
  description: The record. Its outcome is C(fail) when a rule is not declared, altered, not loaded or overdue.
  returned: when O(evidence) is given
  type: str
  sample: /srv/site/evidence/records/firewall_review/20261121T214100Z.json
totals:
  description: How many hosts there are, how many of each status, how many rules, and how many with each mark.
  returned: success
  type: dict
  sample: {"hosts": 6, "observed": 6, "rules": 58, "never_hit": 12}
"""
