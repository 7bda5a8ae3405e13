# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the audit action, and the module that it falls back to."""

from __future__ import annotations

DOCUMENTATION = r"""
module: audit
short_description: Observe the controls of a host in one round trip
version_added: 0.1.0
description:
  - Takes the controls that the roles of this collection state in C(meta/controls.yml), fills in the variables of the
    host, and runs all their checks there in one round trip. Nothing on the host is changed, no file is put there.
  - The result of each check is a finding with what was expected, what was observed, where, and when. Its status is
    one of V(pass), V(fail), V(error), V(not_applicable) and V(not_observed).
  - With O(bundle) it takes along, in the same round trip, the host's accounts (never a hash of a password) and the
    kernel's ruleset as text, and by which account and from which address this run came in.
  - A host that cannot be reached does not end the play. All its findings are V(not_observed), and RV(observed) is
    V(false).
  - Needs root on the host to see everything. What it may not see is V(not_observed).
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
    details: It only reads, so it does the same in check mode.
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: full
options:
  bundle:
    description:
      - Path on the controller of an evidence bundle that M(ringfence.callcenter.evidence_bundle) opened.
      - With it the findings are written there, and only their counts are returned. Without it they are returned.
    type: path
  roles:
    description:
      - Names of the roles whose controls are observed. By default all that state controls.
      - A role that belongs to other kinds of host is left out on this one in any case.
    type: list
    elements: str
  roles_path:
    description: Folder with the roles. By default the roles of this collection.
    type: path
  checks:
    description:
      - Checks to make in place of those of the roles. Each is a mapping with C(id), C(control), C(role), C(aspect),
        C(probe), C(with) and C(expect), as the guide to the evidence describes.
    type: list
    elements: dict
  sources:
    description:
      - The probes, packed. The controller fills this in where the connection cannot carry a program on its standard
        input, and the probes travel in a module instead. It is refused in a playbook.
    type: str
author:
  - The ringfence.callcenter developers (@ringfence)
seealso:
  - module: ringfence.callcenter.evidence_bundle
"""

EXAMPLES = r"""
- name: Observe the controls of all roles and return the findings
  ringfence.callcenter.audit:
  register: audited

- name: Observe two roles and write the findings into an open bundle
  ringfence.callcenter.audit:
    bundle: "{{ opened.path }}"
    roles: [firewall, login_delay]

- name: Make one check
  ringfence.callcenter.audit:
    checks:
      - id: shadow.mode.attributes
        control: shadow.mode
        role: shadow
        aspect: configured
        probe: file_attributes
        with: {path: /etc/shadow}
        expect: {mode: '0640', owner: root}
"""

RETURN = r"""
observed:
  description: Whether the host was asked and gave a valid answer.
  returned: success
  type: bool
reason:
  description: Why the host was not observed.
  returned: when it was not
  type: str
counts:
  description: How many findings have each status.
  returned: success
  type: dict
  sample: {"pass": 31, "fail": 1, "error": 0, "not_applicable": 2, "excepted": 0, "not_observed": 0}
clock_offset_seconds:
  description: The host's clock against the controller's, in seconds. Positive when the host is ahead.
  returned: when observed
  type: float
findings:
  description: The findings, as the guide to the evidence describes.
  returned: when O(bundle) is not given
  type: list
  elements: dict
answer:
  description: What the host answered, for the controller to judge.
  returned: to the controller only
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import host_program

ARGUMENT_SPEC = {
    "bundle": {"type": "path"},
    "roles": {"type": "list", "elements": "str"},
    "roles_path": {"type": "path"},
    "checks": {"type": "list", "elements": "dict"},
    # It may hold logins to look for; without this it would stand in the host's log.
    "sources": {"type": "str", "no_log": True},
}


def main() -> None:
    """Run the packed job that the controller sent."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if not module.params["sources"]:
        module.fail_json(msg="the probes are missing: this module is run by the action plugin of the same name")
    try:
        found = host_program.run(host_program.unpack(module.params["sources"]))
    except Exception as problem:  # pylint: disable=broad-except  # whatever it is, the controller must hear of it
        module.fail_json(msg=f"the probes could not be run: {type(problem).__name__}: {problem}")
    module.exit_json(changed=False, answer=found)


if __name__ == "__main__":
    main()
