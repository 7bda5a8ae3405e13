#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/nft_counters."""

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_rules_info
short_description: The firewall rules of a host with what they are for and how often they were hit
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Reads the rules that the kernel runs in the table C(inet ringfence) with their counters, and what the ruleset file
    of the role P(ringfence.callcenter.firewall#role) records about each. Nothing is changed.
  - Rules that only one of the two knows are returned too.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: It only reads.
  idempotent:
    support: full
options: {}
seealso:
  - module: ringfence.callcenter.firewall_review
"""

EXAMPLES = r"""
- name: Read the rules and their counters
  ringfence.callcenter.firewall_rules_info:
  register: found
"""

RETURN = r"""
installed:
  description: Whether there is a table or a ruleset file of the role.
  returned: success
  type: bool
  sample: true
observed_at:
  description: When this was read, by the host's clock, UTC.
  returned: success
  type: str
  sample: '2026-11-21T21:41:00Z'
counting_since:
  description:
    - Since when the counters count. Each load of the rules and each boot starts them anew. Null when nothing tells.
  returned: success
  type: str
  sample: '2026-11-20T06:00:12Z'
rules:
  description:
    - Every rule once, in the order of the file. Those that the role itself needs have a name with a space.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The rule's name. Empty for a rule of the kernel that has none.
      type: str
    direction:
      description: V(inbound), V(forward) or V(outbound), or the name of a chain that is none of the role's.
      type: str
    reason:
      description: Why it is there.
      type: str
    owner:
      description: Who answers for it.
      type: str
    change:
      description: The change that approved it.
      type: str
    mitigation:
      description: What makes a risky service safe.
      type: str
    review_by:
      description: By when it must be looked at again.
      type: str
    permits:
      description: What it matches and does, as nft shows it, one text for each rule of the kernel under this name.
      type: list
      elements: str
    packets:
      description: How many packets it has matched. Null when it has no counter.
      type: int
    bytes:
      description: How many bytes these had. Null when it has no counter.
      type: int
    recorded:
      description: Whether the ruleset file knows it.
      type: bool
    statements:
      description: How many rules of nftables the file has under this name.
      type: int
    loaded:
      description: Whether the kernel runs it.
      type: bool
"""

import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError, Table
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft_counters import counting_since, reviewed

ARGUMENT_SPEC: dict[str, Any] = {}

PATH = "/etc/ringfence/firewall/ruleset.nft"
UNIT = "ringfence-firewall.service"
#: What a load of the rules by a run, and its rollback, leave their time on.
LOADS = ("/var/lib/ringfence/firewall/loaded.json", "/run/ringfence/firewall/settled.json")


def _utc(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def look(table: Table, path: str = PATH) -> dict[str, Any]:
    """What the module returns. Raises NftError and OSError."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            ruleset = stream.read()
    except FileNotFoundError:
        ruleset = ""
    listing = table.with_handles() if table.installed else None
    since = counting_since(LOADS, UNIT) if listing is not None else 0.0
    return {
        "changed": False,
        "installed": bool(ruleset) or listing is not None,
        "observed_at": _utc(time.time()),
        "counting_since": _utc(since) if since else None,
        "rules": reviewed(listing, ruleset),
    }


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        module.exit_json(**look(Table("inet", "ringfence")))
    except NftError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error.filename or PATH}: {error.strerror}")


if __name__ == "__main__":
    main()
