# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of the site."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_folder
short_description: Folder of a site, by the sources of its inventory
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - The folder that was named as inventory, or that of the file. It is where evidence, registers, pictures and files for
    switches are.
  - It fails with what was tried when there is no such inventory.
positional: _input
options:
  _input:
    description: C(ansible_inventory_sources), of which the first counts.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show where the evidence of the site is
  ansible.builtin.debug:
    msg: "{{ ansible_inventory_sources | ringfence.callcenter.site_folder }}/evidence"
"""

RETURN = r"""
_value:
  description: The path.
  type: str
"""

from collections.abc import Callable, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import run_request


def site_folder(sources: Sequence[str]) -> str:
    """The folder of the site."""
    try:
        return run_request.site_folder([str(source) for source in sources or []])
    except run_request.RunRefused as refused:
        raise AnsibleFilterError(str(refused)) from refused


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"site_folder": site_folder}
