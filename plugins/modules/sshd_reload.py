#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module that reloads sshd if its configuration is newer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sshd_reload
short_description: Reload sshd if its configuration is newer, and refuse settings that would have no effect
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Reloads sshd when one of O(paths) was changed after the daemon last read its files, or when the limit of
    connections that it shows is not that of the files. Connections stay.
  - Does nothing where no daemon listens, for example with a socket of systemd.
  - Of several lines sshd takes the first, a C(Match) block overrides all, and a file that no C(Include) names is not
    read. With O(settings) the module asks sshd what it makes of all files, those of O(pending) among them, and fails
    when a setting is not as expected, naming the line that decides and the way out. A value that is stricter than asked
    for is none that fails, as long as O(settings) allows for it.
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
  settings:
    description:
      - What must be in force, by keyword in lower case, each a value or a matcher of C(min) and C(max).
      - C(maxstartups_start), C(maxstartups_rate), C(maxstartups_full), C(persourcepenalties_NAME) and
        C(channeltimeout_NAME) are the numbers in those keywords.
      - One that this release of sshd does not know is left out.
    type: dict
    default: {}
  pending:
    description: Content by path of files that a later task of the play writes to the configuration of sshd.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Reload sshd if its configuration is newer
  ringfence.callcenter.sshd_reload:
    paths: [/etc/ssh/sshd_config]

- name: Refuse to write a drop-in that would have no effect
  ringfence.callcenter.sshd_reload:
    settings:
      maxauthtries: {min: 1, max: 3}
    pending:
      /etc/ssh/sshd_config.d/10-example.conf: |
        MaxAuthTries 3
"""

RETURN = r"""
reason:
  description: Why sshd was reloaded, or would be.
  returned: when changed
  type: str
  sample: /etc/ssh/sshd_config is newer than what the daemon works by
without_effect:
  description: Settings of O(settings) that are not in force, or would not be, each with the line that decides.
  returned: failure
  type: list
  elements: str
  sample: ["MaxAuthTries is 6, expected at least 1 and at most 3: /etc/ssh/sshd_config:3 decides it (MaxAuthTries 6)"]
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _sshd_config, sshd_listener
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import (
    Host,
    NotApplicable,
    NotObservable,
)

ARGUMENT_SPEC: dict[str, Any] = {
    "paths": {"type": "list", "elements": "path", "default": []},
    "settings": {"type": "dict", "default": {}},
    "pending": {"type": "dict", "default": {}},
}


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


_WAYS_OUT = (
    f"put `Include /etc/ssh/sshd_config.d/*.conf` on the first line of {_sshd_config.MAIN} where it is missing or "
    "stands lower, and take the line that decides out of its file, or out of its Match block, or give it such a value"
)


class SshdSettings:
    """What must be in force, without what this release of sshd does not know."""

    def __init__(self, host: Host, settings: Mapping[str, Any], pending: Mapping[str, str]) -> None:
        self.host = host
        asked = settings if host.has("sshd") else {}
        of_others = _sshd_config.unknown(host, map(_sshd_config.keyword, asked)) if asked else set()
        self.settings = {key: value for key, value in asked.items() if _sshd_config.keyword(key) not in of_others}
        self.pending = {
            path: text
            for path, text in pending.items()
            if any(_first(line) not in of_others for line in text.splitlines() if _first(line))
        }

    def without_effect(self) -> list[str]:
        """What would not be in force with the pending files in place."""
        if not self.settings:
            return []
        files = _sshd_config.Files(self.host, self.pending)
        return _sshd_config.not_in_force(files, self.settings) + _sshd_config.loosened(files, self.settings)

    @property
    def are_written(self) -> bool:
        """Whether the pending files are there already; the task that writes them has sshd read them."""
        return all(self.host.read(path) == text for path, text in self.pending.items())


def _first(line: str) -> str:
    """The keyword of a line, nothing of a comment."""
    return re.split(r"[\s=]", line.strip(), maxsplit=1)[0].lower() if line.lstrip()[:1] not in ("", "#") else ""


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        wanted = SshdSettings(Host(), module.params["settings"], module.params["pending"])
        vain = wanted.without_effect()
        if vain:
            said = "; ".join(vain)
            module.fail_json(
                msg=f"sshd would not work by these settings: {said}. Way out: {_WAYS_OUT}", without_effect=vain
            )
        reason = complaint(module.params["paths"]) if wanted.are_written else None
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
