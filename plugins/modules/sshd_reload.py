#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module that has the running sshd work by its files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sshd_reload
short_description: Have the running sshd work by its files
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Reloads sshd when one of O(paths) was changed after the daemon last read its files, or when the limit of
    connections that it shows is not that of the files. Connections stay.
  - Does nothing where no daemon listens, for example with a socket of systemd.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  paths:
    description: Files of its configuration that must not be newer than what the daemon works by.
    type: list
    elements: path
    default: []
"""

EXAMPLES = r"""
- name: Have sshd work by its files
  ringfence.callcenter.sshd_reload:
    paths: [/etc/ssh/sshd_config]
"""

RETURN = r"""
reason:
  description: Why sshd was reloaded, or would be.
  returned: when changed
  type: str
  sample: /etc/ssh/sshd_config is newer than what the daemon works by
"""

from collections.abc import Sequence

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import sshd_listener
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import (
    Host,
    NotApplicable,
    NotObservable,
)


def complaint(paths: Sequence[str]) -> str | None:
    """Why the daemon has to read its files again, None when it has not."""
    try:
        seen = sshd_listener.observe(Host(), {"paths": paths}).value
    except NotApplicable:
        return None
    if seen["newer_files"]:
        return f"{', '.join(seen['newer_files'])}: newer than what the daemon works by"
    if seen["startups"] and seen["startups"] != seen["startups_of_files"]:
        return f"the daemon works by MaxStartups {seen['startups']}, its files say {seen['startups_of_files']}"
    return None


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={"paths": {"type": "list", "elements": "path", "default": []}}, supports_check_mode=True
    )
    try:
        reason = complaint(module.params["paths"])
    except NotObservable as error:
        module.fail_json(msg=str(error))
    if reason is None:
        module.exit_json(changed=False)
    if not module.check_mode:
        rc, _out, err = module.run_command(["systemctl", "try-reload-or-restart", "ssh.service"])
        if rc != 0:
            module.fail_json(msg=f"{reason}; reloading it failed: {err.strip()}")
    module.exit_json(changed=True, reason=reason)


if __name__ == "__main__":
    main()
