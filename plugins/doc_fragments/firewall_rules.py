# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters about firewall rules take."""

from __future__ import annotations


class ModuleDocFragment:
    """Options to be extended with ``ringfence.callcenter.firewall_rules``."""

    DOCUMENTATION = r"""
options:
  _input:
    description: Lists of rules by name.
    type: dict
    required: true
  administration_sources:
    description: As in M(ringfence.callcenter.firewall_ruleset).
    type: list
    elements: str
    default: []
  administration_ports:
    description: As in M(ringfence.callcenter.firewall_ruleset).
    type: list
    elements: int
    default: [22]
  log:
    description: As in M(ringfence.callcenter.firewall_ruleset).
    type: bool
    default: true
  log_rate:
    description: As in M(ringfence.callcenter.firewall_ruleset).
    type: str
    default: 10/minute
  log_burst:
    description: As in M(ringfence.callcenter.firewall_ruleset).
    type: int
    default: 20
  dhcp_client:
    description: As in M(ringfence.callcenter.firewall_ruleset).
    type: bool
    default: true
  expired_rules:
    description: As in M(ringfence.callcenter.firewall_ruleset).
    type: str
    choices: [keep, refuse]
    default: keep
"""
