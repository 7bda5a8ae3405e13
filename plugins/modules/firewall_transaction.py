#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/nft_transaction."""

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_transaction
short_description: Load an nftables table that restores the previous one unless it is confirmed
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - The host's half of M(ringfence.callcenter.firewall_ruleset), which renders the ruleset and confirms it over a new
    connection. Use that one in playbooks.
  - Compares the ruleset with what the kernel runs, not with what a file says. Only the table C(inet ringfence) is ever
    looked at or changed.
  - Needs nftables and systemd.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  diff_mode:
    details: Both sides are listings of nftables without counters when the running rules differ.
options:
  state:
    description:
      - V(present) runs and keeps the ruleset.
      - V(absent) removes the table and every file that belongs to it.
    type: str
    choices: [present, absent]
    default: present
  phase:
    description:
      - V(apply) compares, and where the kernel differs saves what runs, arms the rollback and loads the ruleset.
      - V(confirm) ends the rollback and makes the loaded ruleset permanent. Comes over a new connection.
      - V(status) tells whether a change still waits for its confirmation.
    type: str
    choices: [apply, confirm, status]
    default: apply
  ruleset:
    description: The whole ruleset as text for C(nft -f). Needed for O(phase=apply).
    type: str
  confirmation:
    description: What RV(confirmation) gave. Needed for O(phase=confirm).
    type: str
  group:
    description: The group that may read the ruleset's file.
    type: str
    default: netadmin
  inbound:
    description:
      - The incoming connections that the ruleset opens. With O(phase=apply) the module fails before it loads anything
        where a table of somebody else drops one of them for certain.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The rule.
        type: str
        required: true
      protocol:
        description: Its protocol.
        type: str
        choices: [tcp, udp]
        required: true
      ports:
        description: Inclusive ranges, each a list of two numbers.
        type: list
        elements: list
        required: true
      versions:
        description: The IP versions that it opens them for.
        type: list
        elements: int
        default: [4, 6]
  other_tables:
    description: Tables of others that are known, so that neither a warning nor a failure names them.
    type: list
    elements: dict
    default: []
    suboptions:
      family:
        description: Its family.
        type: str
        required: true
      name:
        description: Its name.
        type: str
        required: true
      reason:
        description: Why it is there.
        type: str
  confirm_timeout:
    description: Seconds after which the host restores the previous rules by itself.
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Load a ruleset that is gone again after a minute
  ringfence.callcenter.firewall_transaction:
    ruleset: "{{ lookup('ansible.builtin.file', 'ruleset.nft') }}"
    confirm_timeout: 60
"""

RETURN = r"""
confirmation:
  description: What to confirm the change with, before the rollback comes.
  returned: when a change of the running rules waits for its confirmation
  type: str
  sample: 5f0c0b1b7f3e4f6f9a2a4a1c3c8f0d2e
pending:
  description: Whether a change waits for its confirmation.
  returned: success
  type: bool
  sample: false
rolled_back:
  description: Whether an unconfirmed change was undone, that of an earlier run or, when the module fails, this one.
  returned: with I(phase=apply), and on failure
  type: bool
  sample: false
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import firewall_surroundings
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError, Table
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft_transaction import Expired, Plan, Transaction
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

FAMILY = "inet"
TABLE = "ringfence"
PATH = "/etc/ringfence/firewall/ruleset.nft"
DROP_IN = "zz-ringfence-firewall.conf"
_INBOUND: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "protocol": {"type": "str", "choices": ["tcp", "udp"], "required": True},
    "ports": {"type": "list", "elements": "list", "required": True},
    "versions": {"type": "list", "elements": "int", "default": [4, 6]},
}
_OTHER: dict[str, Any] = {
    "family": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "reason": {"type": "str"},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "phase": {"type": "str", "choices": ["apply", "confirm", "status"], "default": "apply"},
    "ruleset": {"type": "str"},
    "confirmation": {"type": "str", "no_log": False},
    "group": {"type": "str", "default": "netadmin"},
    "inbound": {"type": "list", "elements": "dict", "default": [], "options": _INBOUND},
    "other_tables": {"type": "list", "elements": "dict", "default": [], "options": _OTHER},
    "confirm_timeout": {"type": "int", "default": 30},
}


def _diff(plan: Plan) -> dict[str, str]:
    where = "the running table" if plan.kernel_differs else PATH
    return {
        "before": plan.before,
        "after": plan.after,
        "before_header": where,
        "after_header": f"{where} as declared",
    }


def _absent(work: Transaction, *, check_mode: bool) -> dict[str, Any]:
    changed = work.remains()
    before = work.table.stateless() if work.table.installed else None
    if changed and not check_mode:
        work.remove()
    diff = {"before": before or "", "after": "", "before_header": "the running table", "after_header": "none"}
    return {"changed": changed, "pending": False, "diff": diff}


def _beside(params: dict[str, Any]) -> list[str]:
    """What others decide beside the rules, for warnings. Raises NftError where that leaves a rule without effect."""
    host = Host()
    accepted = {(one["family"], one["name"]) for one in params["other_tables"]}
    lost = firewall_surroundings.without_effect(host, params["inbound"], accepted)
    if lost:
        raise NftError(
            f"another firewall leaves declared rules without effect, and nothing was loaded: {'; '.join(lost)}. Take it"
            " off, open the port there as well, or list its table in firewall_other_tables with the reason"
        )
    said = firewall_surroundings.warnings(host, accepted)
    return said + firewall_surroundings.unit_warnings(host, (FAMILY, TABLE, PATH), DROP_IN)


def _apply(work: Transaction, params: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    notes = _beside(params) if work.table.installed else []
    rolled_back = not check_mode and work.roll_back()
    plan = work.plan(params["ruleset"])
    result: dict[str, Any] = {
        "changed": plan.changed or rolled_back,
        "pending": False,
        "rolled_back": rolled_back,
        "notes": notes,
    }
    if plan.changed:
        result["diff"] = _diff(plan)
    if not work.table.installed:
        if not check_mode:
            raise NftError("nft is not installed; install the package nftables")
        notes.append("nft is not installed yet: the ruleset was not checked")
    elif plan.changed and not check_mode:
        confirmation = work.apply(plan, params["confirm_timeout"])
        if confirmation is not None:
            result.update(pending=True, confirmation=confirmation)
    return result


def run(params: dict[str, Any], work: Transaction, *, check_mode: bool) -> dict[str, Any]:
    """Do the work; the result of the module. Raises NftError."""
    if params["phase"] == "status":
        return {"changed": False, "pending": work.is_pending}
    if params["state"] == "absent":
        return _absent(work, check_mode=check_mode)
    if params["phase"] == "confirm":
        if not check_mode:
            work.confirm(params["confirmation"])
        return {"changed": True, "pending": False}
    return _apply(work, params, check_mode=check_mode)


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    if params["state"] == "present":
        needed = {"apply": "ruleset", "confirm": "confirmation"}.get(params["phase"])
        if needed and not params[needed]:
            module.fail_json(msg=f"{needed} is missing; phase {params['phase']} needs it")
    try:
        result = run(params, Transaction(Table(FAMILY, TABLE), PATH, params["group"]), check_mode=module.check_mode)
    except NftError as error:
        module.fail_json(msg=str(error), rolled_back=isinstance(error, Expired))
    except OSError as error:
        module.fail_json(msg=f"{error.filename or PATH}: {error.strerror}")
    for note in result.pop("notes", []):
        module.warn(note)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
