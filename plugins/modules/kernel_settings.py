#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/kernel_settings."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kernel_settings
short_description: Have the running kernel work by these settings
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Sets those that the kernel has otherwise now, all in one call. A file below C(/etc/sysctl.d), which another task
    keeps, is what makes them last.
  - Does nothing in a container, where they are those of the container's host.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  settings:
    description: Path below C(/proc/sys) and the value.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Answer for addresses only where they are
  ringfence.callcenter.kernel_settings:
    settings:
      net/ipv4/conf/eth1/arp_ignore: '1'
"""

RETURN = r"""
missing:
  description: Settings that the kernel does not have, for example of an interface that is not there.
  returned: success
  type: list
  elements: str
  sample: [net/ipv4/conf/vlan30/arp_ignore]
"""

import re
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import kernel_settings
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

ARGUMENT_SPEC: dict[str, Any] = {"settings": {"type": "dict", "required": True}}

_PATH = re.compile(r"[A-Za-z0-9_][^/\s]*(/[^/\s]+)+")


def wrong(settings: Mapping[str, object]) -> list[str]:
    """The paths that are none below /proc/sys."""
    return [path for path in settings if not _PATH.fullmatch(path) or ".." in path.split("/")]


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    settings = {str(path): str(value) for path, value in module.params["settings"].items()}
    bad = wrong(settings)
    if bad:
        module.fail_json(msg=f"settings: {', '.join(bad)}: valid is a path below /proc/sys such as net/ipv4/ip_forward")
    host = Host()
    try:
        planned = kernel_settings.plan(host, settings)
        if not module.check_mode:
            kernel_settings.apply(host, planned)
    except NotObservable as problem:
        module.fail_json(msg=str(problem))
    except OSError as problem:
        module.fail_json(msg=f"{problem.filename}: {problem.strerror}")
    diff = {
        side: "".join(f"{path} = {value}\n" for path, value in values.items())
        for side, values in (("before", planned.before), ("after", planned.after))
    }
    module.exit_json(
        changed=bool(planned.after),
        missing=list(planned.missing),
        diff={**diff, "before_header": "the running kernel", "after_header": "the running kernel as declared"},
    )


if __name__ == "__main__":
    main()
