# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter unit_sandbox."""

from __future__ import annotations

DOCUMENTATION = r"""
name: unit_sandbox
short_description: Lines of a systemd unit that confine a service to what it needs
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Renders the settings of C(systemd.exec) that confine a service, from a short list of what it needs. All that is not
    listed is closed - other capabilities, other families of sockets, system calls beyond C(@system-service), new
    privileges, writing to the file system.
options:
  _input:
    description:
      - What the service needs.
      - C(capabilities) (list of C(CAP_) names), C(families) (list of C(AF_) names), C(system_calls) (list of groups or
        names beside C(@system-service)) are empty by default.
      - C(own_mounts) (boolean, default true) gives the service a view of its own of the file system, read-only but for
        C(writable) (list of paths; one that begins with C(-) may be missing), with C(home) (C(yes) hides it, the
        default, or C(read-only), C(no)) and C(private_tmp) (boolean, default true). A service whose work is the file
        system as all others see it sets it to false.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show how a service that only listens on a port is confined
  ansible.builtin.debug:
    msg: >-
      {{ {'capabilities': ['CAP_NET_BIND_SERVICE'], 'families': ['AF_INET', 'AF_INET6'], 'writable': ['/var/lib/x']}
      | ringfence.callcenter.unit_sandbox }}
"""

RETURN = r"""
_value:
  description: The lines, for the section C([Service]).
  type: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.unit_sandbox import SandboxError, render


def unit_sandbox(needs: Mapping[str, Any]) -> str:
    """The lines that confine a service to these needs."""
    try:
        return render(needs)
    except SandboxError as error:
        raise AnsibleFilterError(f"unit_sandbox: {error}") from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"unit_sandbox": unit_sandbox}
