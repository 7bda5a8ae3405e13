#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/vlan_transaction."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vlan_transaction
short_description: Make VLAN interfaces and bind sources to them, undone again unless it is confirmed
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - The host's half of M(ringfence.callcenter.vlan_network), which renders the files and confirms over a new connection.
    Use that one in playbooks.
  - Compares with what runs, not only with what files say. Only the table C(inet ringfence_vlans) and files that begin
    with C(05-ringfence-) in C(/etc/systemd/network) are ever looked at or changed.
  - Needs nftables, systemd and iproute2.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  diff_mode:
    details: Both sides show our files of systemd-networkd, and the table where it or its file differs.
options:
  state:
    description:
      - V(present) makes the interfaces and keeps the table.
      - V(absent) removes both and every file that belongs to them.
    type: str
    choices: [present, absent]
    default: present
  phase:
    description:
      - V(apply) compares, and where something differs saves what is, arms the rollback and changes it.
      - V(confirm) ends the rollback and makes the change permanent. Comes over a new connection.
      - V(status) tells whether a change still waits for its confirmation.
    type: str
    choices: [apply, confirm, status]
    default: apply
  bindings:
    description: What sources belong to which interface.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The segment.
        type: str
        required: true
      interface:
        description: The interface. Without it, the one that carries one of O(bindings[].addresses) on this host.
        type: str
      addresses:
        description: This host's own addresses there, with prefix lengths.
        type: list
        elements: str
        required: true
      subnets:
        description: The subnets whose addresses may come in there as a source.
        type: list
        elements: str
        required: true
      dhcp:
        description: Whether hosts there may ask for an address.
        type: bool
        default: false
      transit:
        description: Another gateway is there, so any source may come that is not bound to another interface.
        type: bool
        default: false
  untagged:
    description: Ports on which nothing untagged is let in.
    type: list
    elements: str
    default: []
  files:
    description: The files of systemd-networkd, by name.
    type: dict
    default: {}
  links:
    description: The VLAN interfaces that come of O(files), each with C(parent) and C(id).
    type: dict
    default: {}
  ports:
    description: The physical ports that O(files) take over.
    type: list
    elements: str
    default: []
  confirmation:
    description: What RV(confirmation) gave. Needed for O(phase=confirm).
    type: str
  confirm_timeout:
    description: Seconds after which the host restores what was by itself.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Bind sources to the interface that carries an address, gone again after a minute
  ringfence.callcenter.vlan_transaction:
    bindings:
      - {name: acme, addresses: [192.0.2.1/24], subnets: [192.0.2.0/24]}
    confirm_timeout: 60
"""

RETURN = r"""
confirmation:
  description: What to confirm the change with, before the rollback comes.
  returned: when a change waits for its confirmation
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
from ansible_collections.ringfence.callcenter.plugins.module_utils.networkd import Networkd, NetworkSpec, knows_vlans
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError, Table
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._vlan_sources import FAMILY, TABLE
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host
from ansible_collections.ringfence.callcenter.plugins.module_utils.unconfirmed import Expired
from ansible_collections.ringfence.callcenter.plugins.module_utils.vlan_transaction import (
    PATH,
    NetworkPlan,
    VlanTransaction,
)

DROP_IN = "zz-ringfence-client-vlans.conf"
_BINDING: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "interface": {"type": "str"},
    "addresses": {"type": "list", "elements": "str", "required": True},
    "subnets": {"type": "list", "elements": "str", "required": True},
    "dhcp": {"type": "bool", "default": False},
    "transit": {"type": "bool", "default": False},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "phase": {"type": "str", "choices": ["apply", "confirm", "status"], "default": "apply"},
    "bindings": {"type": "list", "elements": "dict", "default": [], "options": _BINDING},
    "untagged": {"type": "list", "elements": "str", "default": []},
    "files": {"type": "dict", "default": {}},
    "links": {"type": "dict", "default": {}},
    "ports": {"type": "list", "elements": "str", "default": []},
    "confirmation": {"type": "str", "no_log": False},
    "confirm_timeout": {"type": "int", "default": 60},
}


def _wanted(params: dict[str, Any]) -> NetworkSpec:
    links = {name: (str(made["parent"]), int(made["id"])) for name, made in params["links"].items()}
    return NetworkSpec(
        files=params["files"],
        ports=params["ports"],
        links=links,
        addresses={one["interface"]: one["addresses"] for one in params["bindings"] if one["interface"] in links},
    )


def _apply(work: VlanTransaction, params: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
    rolled_back = not check_mode and work.roll_back()
    absent = params["state"] == "absent"
    plan: NetworkPlan
    if absent:
        plan = work.plan_removal()
    else:
        plan = work.plan_network(work.ruleset(params["bindings"], params["untagged"]), _wanted(params))
    result: dict[str, Any] = {"changed": plan.changed or rolled_back, "pending": False, "rolled_back": rolled_back}
    notes = result["notes"] = []
    if work.table.installed and not absent:
        notes += firewall_surroundings.unit_warnings(Host(), (FAMILY, TABLE, PATH), DROP_IN)
    if plan.changed:
        where = "interfaces and sources"
        headers = {"before_header": where, "after_header": f"{where} as declared"}
        result["diff"] = {"before": plan.before, "after": plan.after, **headers}
    if not work.table.installed and not absent:
        if not check_mode:
            raise NftError("nft is not installed; install the package nftables")
        notes.append("nft is not installed yet: the table was not checked")
    if params["links"] and not knows_vlans():
        notes.append("this kernel has no 802.1Q: the files are kept, the interfaces cannot be made")
    if plan.changed and not check_mode:
        # Nobody comes in by sources that are bound less; interfaces that go may be the way in.
        if absent and not plan.network_differs:
            work.remove()
            return result
        confirmation = work.apply(plan, params["confirm_timeout"])
        if confirmation is not None:
            result.update(pending=True, confirmation=confirmation)
    return result


def run(params: dict[str, Any], work: VlanTransaction, *, check_mode: bool) -> dict[str, Any]:
    """Do the work; the result of the module. Raises NftError."""
    if params["phase"] == "status":
        return {"changed": False, "pending": work.is_pending}
    if params["phase"] == "confirm":
        if not check_mode:
            (work.confirm_removal if params["state"] == "absent" else work.confirm)(params["confirmation"])
        return {"changed": True, "pending": False}
    return _apply(work, params, check_mode=check_mode)


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    if params["phase"] == "confirm" and not params["confirmation"]:
        module.fail_json(msg="confirmation is missing; phase confirm needs it")
    try:
        work = VlanTransaction(Table(FAMILY, TABLE), Networkd())
        result = run(params, work, check_mode=module.check_mode)
    except NftError as error:
        module.fail_json(msg=str(error), rolled_back=isinstance(error, Expired))
    except OSError as error:
        module.fail_json(msg=f"{error.filename or PATH}: {error.strerror}")
    for note in result.pop("notes", []):
        module.warn(note)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
