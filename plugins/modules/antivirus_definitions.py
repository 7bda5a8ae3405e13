#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a host's virus definitions up to date when they are not."""

from __future__ import annotations

DOCUMENTATION = r"""
module: antivirus_definitions
short_description: Fetch virus definitions when there are none, or only old ones
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Reads the build time of ClamAV's databases from their own headers. When none of those that count is young enough, or
    the last update failed, it starts the host's own update job and waits for its end.
  - It fails when the definitions are too old after that too, saying why.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
options:
  names:
    description: The databases whose age counts, without suffix. The newest of them decides.
    type: list
    elements: str
    required: true
  max_age_hours:
    description: How old they may be.
    type: float
    required: true
  unit:
    description: The systemd service that updates them.
    type: str
    required: true
  result_file:
    description: The file in which that service writes how its last run ended. Unless it says C(success) it runs again.
    type: path
    required: true
  folder:
    description: Where the databases are.
    type: path
    default: /var/lib/clamav
  refetch:
    description:
      - File names of databases that come from addresses of your own. freshclam fetches these only when the time of the
        file says that they are older than their source, so an outdated one is marked as such before the update.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Have definitions not older than three days
  ringfence.callcenter.antivirus_definitions:
    names: [daily]
    max_age_hours: 72
    unit: ringfence-antivirus-update.service
    result_file: /var/lib/ringfence/antivirus/update.result
"""

RETURN = r"""
built:
  description: When the newest database was built.
  returned: when there is one
  type: str
  sample: '2026-11-21T22:27:00Z'
reason:
  description: Why an update was made, or in check mode would be.
  returned: when changed
  type: str
  sample: there are no definitions
"""

import os
import subprocess
import time
from collections.abc import Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _clamav

ARGUMENT_SPEC: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "required": True},
    "max_age_hours": {"type": "float", "required": True},
    "unit": {"type": "str", "required": True},
    "result_file": {"type": "path", "required": True},
    "folder": {"type": "path", "default": "/var/lib/clamav"},
    "refetch": {"type": "list", "elements": "str", "default": []},
}


def newest(folder: str, names: Sequence[str]) -> _clamav.Header | None:
    """The database that was built last."""
    headers, _unreadable = _clamav.databases(folder, names)
    return max(headers, key=lambda header: header.built, default=None)


def complaint(header: _clamav.Header | None, max_age_hours: float, now: float) -> str | None:
    """What is wrong with the definitions, None when nothing is."""
    if header is None:
        return "there are no definitions whose age can be read"
    hours = (now - header.built) / 3600
    if hours > max_age_hours:
        return f"{header.file} was built {hours:.0f} hours ago, {max_age_hours:g} are allowed"
    if hours < -24:
        return f"{header.file} was built {-hours:.0f} hours in the future"
    return None


def last_result(path: str) -> str:
    """How the last update ended, ``never`` when there was none."""
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read().strip()
    except FileNotFoundError:
        return "never"


def _line(header: _clamav.Header | None) -> str:
    return f"{header.file}: version {header.version}, built {_clamav.iso(header.built)}\n" if header else "none\n"


def _update(module: AnsibleModule, folder: str, unit: str, refetch: Sequence[str], stale: bool) -> str | None:
    """Run the update; why it failed, None when it did not."""
    if stale:
        for name in refetch:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                os.utime(path, (0, 0))
    done = subprocess.run(["systemctl", "start", unit], capture_output=True, text=True, errors="replace", check=False)
    if done.returncode == 0:
        return None
    log = module.run_command(["journalctl", "--unit", unit, "--lines=15", "--output=cat", "--no-pager"])[1]
    return f"{done.stderr.strip()}\n{log.strip()}"


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    folder, names, limit = params["folder"], params["names"], params["max_age_hours"]
    before = newest(folder, names)
    reason = stale = complaint(before, limit, time.time())
    result = last_result(params["result_file"])
    if reason is None and result != "success":
        reason = f"the last update ended with {result}"
    if reason is None:
        module.exit_json(changed=False, built=_clamav.iso(before.built) if before else None)
    after = before
    if not module.check_mode:
        failure = _update(module, folder, params["unit"], params["refetch"], stale is not None)
        after = newest(folder, names)
        if failure:
            module.fail_json(msg=f"An update was needed, as {reason}, but it failed: {failure}")
        still = complaint(after, limit, time.time())
        if still:
            module.fail_json(msg=f"The update ended well, but {still}: the source of the definitions is outdated.")
    module.exit_json(
        changed=True,
        reason=reason,
        built=_clamav.iso(after.built) if after else None,
        diff={"before": _line(before), "after": "to be updated\n" if module.check_mode else _line(after)},
    )


if __name__ == "__main__":
    main()
