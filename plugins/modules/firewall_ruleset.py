#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_ruleset
short_description: Run exactly these firewall rules without ever locking the administrator out
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Checks all rules on the controller before anything is touched, and refuses them with every error at once, naming
    the list, the index, the rule and the key.
  - Renders them as the nftables table C(inet ringfence), whose three base chains drop whatever no rule accepts.
  - Asks the host whether its kernel runs exactly that. Nothing more happens when it does; this costs one round trip.
  - When it does not, the host saves what runs, arms a timer that restores it, and loads the new rules in one
    transaction. Then the controller closes its connection, and confirms over a new one. Only then do the rules become
    the file that boots. Without a confirmation the host restores the previous rules by itself, the controller being
    alive or not, and the task fails saying why.
  - Connections that do not pass the firewall, such as those of container engines, prove nothing; they confirm at once.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  check_mode:
    details: Without nft on the host the rules are shown as they were rendered.
  diff_mode:
    details: Both sides are listings of nftables without counters when the running rules differ.
options:
  state:
    description:
      - V(present) runs and keeps the rules.
      - V(absent) removes the table and every file that belongs to it.
      - V(checked) looks at the options and the rules on the controller only. No host is asked.
    type: str
    choices: [present, absent, checked]
    default: present
  rules:
    description:
      - Lists of rules by name. The names, usually those of the variables they come from, are used in errors.
      - The keys of a rule are described in the README of the role P(ringfence.callcenter.firewall#role).
    type: dict
    default: {}
  administration_sources:
    description: Addresses and networks that may reach O(administration_ports). None means no such rule.
    type: list
    elements: str
    default: []
  administration_ports:
    description: TCP ports of the remote administration.
    type: list
    elements: int
    default: [22]
  log:
    description: Log what is dropped, with the prefix C(ringfence CHAIN drop).
    type: bool
    default: true
  log_rate:
    description: How much is logged at most for each chain, as a number and V(/second), V(/minute), V(/hour) or V(/day).
    type: str
    default: 10/minute
  log_burst:
    description: How many packets are logged before O(log_rate) applies.
    type: int
    default: 20
  dhcp_client:
    description: Let this host renew its addresses from DHCP.
    type: bool
    default: true
  expired_rules:
    description:
      - What becomes of rules whose C(review_by) is before today, by the controller's clock in UTC. A warning names them
        when O(state=checked).
      - V(keep) loads them all the same. The audit reports them.
      - V(refuse) leaves them out.
    type: str
    choices: [keep, refuse]
    default: keep
  other_tables:
    description:
      - Tables of others that this host is meant to have. All others that decide on packets are named in a warning, and
        the task fails where one of them is certain to drop an incoming connection that a rule opens.
    type: list
    elements: dict
    default: []
    suboptions:
      family:
        description: Its family.
        type: str
        choices: [arp, bridge, inet, ip, ip6, netdev]
        required: true
      name:
        description: Its name.
        type: str
        required: true
      reason:
        description: Why it is there.
        type: str
        required: true
  group:
    description: The group that may read the ruleset's file.
    type: str
    default: netadmin
  confirm_timeout:
    description:
      - Seconds, from 5 to 600, after which the host restores the previous rules unless a new connection confirmed them.
    type: int
    default: 30
seealso:
  - module: ringfence.callcenter.firewall_transaction
"""

EXAMPLES = r"""
- name: Let only the web server's port in
  ringfence.callcenter.firewall_ruleset:
    rules:
      firewall_rules:
        - name: web
          direction: inbound
          protocol: tcp
          ports: [443]
          reason: Customers reach the portal
          owner: Network team
    administration_sources: [192.0.2.0/24]
"""

RETURN = r"""
proven_by:
  description: What showed that the host can still be reached.
  returned: when the running rules were changed
  type: str
  sample: a new ssh connection
rules:
  description: How many rules the ruleset holds, the one for the administration included.
  returned: unless I(state=absent)
  type: int
  sample: 12
expired:
  description: The rules past their review date, as C(DIRECTION NAME), whether they are loaded or left out.
  returned: unless I(state=absent)
  type: list
  elements: str
  sample: [inbound fax-gateway]
inbound_ports:
  description: The TCP ports that the rules let somebody in to.
  returned: unless I(state=absent)
  type: list
  elements: str
  sample: ['22', 8000-8099]
errors:
  description: Everything that is wrong with the rules, one sentence each.
  returned: when rules are refused
  type: list
  elements: str
  sample: ["firewall_rules[2] (web): owner: missing"]
rolled_back:
  description: Whether the host has restored its previous rules.
  returned: when the host was changed or repaired
  type: bool
  sample: false
"""
