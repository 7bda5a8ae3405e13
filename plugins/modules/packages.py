#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/packages."""

from __future__ import annotations

DOCUMENTATION = r"""
module: packages
short_description: Have Debian packages installed, and say what is missing when they cannot be fetched
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Reads the status of dpkg and, when a package is missing, has apt-get install it, without what it recommends and
    without touching configuration files that an administrator changed. When nothing is missing no program is started.
  - A package that is provided by an installed one counts as installed. Nothing is upgraded, and nothing is removed;
    where an installation would remove a package the module fails.
  - The package lists are fetched when there are none, when they are older than C(sources.list) or what lies in
    C(sources.list.d), when they do not have a wanted package, or when a source does not have what they name any more.
  - When something cannot be fetched the message says which package, from which source, host and port, in apt's own
    words why, whether a proxy is set, and which flow, proxy, key or name server is missing.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  check_mode:
    details:
      - Nothing on the host is written. Lists are fetched, when they have to be, into a folder that is removed again,
        the installation is simulated, and one package of each source is fetched to see that this works. What would
        fail, fails.
options:
  names:
    description: The packages. One of this and O(roles) is needed.
    type: list
    elements: str
    default: []
  roles:
    description:
      - The packages of these roles of this collection, those that belong to the kinds of the host and are not switched
        off. Worked out on the controller from their variables.
    type: list
    elements: str
  start_later:
    description:
      - Units that the installation shall not start, since the caller starts them once they are configured. A unit that
        starts with the configuration of its package may fail, or serve what nobody wanted.
      - While packages are installed C(/usr/sbin/policy-rc.d) says so. One of the administrator is asked about all other
        units and is put back, also when the run is killed.
    type: list
    elements: str
    default: []
  state:
    description:
      - V(present) has them installed.
      - V(downloaded) only fetches those that are missing, with what they depend on, so that a later installation needs
        no network.
    type: str
    choices: [present, downloaded]
    default: present
  lock_timeout:
    description: For how many seconds another run of apt or dpkg is waited for.
    type: int
    default: 120
"""

EXAMPLES = r"""
- name: Install packages
  ringfence.callcenter.packages:
    names: [fail2ban, nftables]

- name: Have a daemon installed that is configured before it starts
  ringfence.callcenter.packages:
    names: [squid-openssl]
    start_later: [squid.service]

- name: Fetch what two roles need
  ringfence.callcenter.packages:
    roles: [login_delay, antivirus]
    state: downloaded

- name: Fetch them while there is a way to the mirror
  ringfence.callcenter.packages:
    names: [fail2ban, nftables]
    state: downloaded
"""

RETURN = r"""
missing:
  description: Those of the packages that were not installed when the module came, on failure those that still are not.
  returned: always
  type: list
  elements: str
  sample: [fail2ban]
installed:
  description: What was installed, with dependencies, or in check mode would be; the version by the name.
  returned: always
  type: dict
  sample: {fail2ban: 1.0.2-2, python3-systemd: 235-1+b2}
downloaded:
  description: With O(state=downloaded) the packages that were fetched, or in check mode would be.
  returned: always
  type: list
  elements: str
  sample: [fail2ban]
updated_lists:
  description: Whether package lists were fetched. In check mode they went into a folder of their own.
  returned: always
  type: bool
  sample: true
reason:
  description: Why they were.
  returned: when lists were fetched
  type: str
  sample: there are no package lists
errors:
  description: Why packages cannot be had, one sentence each.
  returned: failure
  type: list
  elements: str
  sample: ["Not installed: fail2ban. Nothing was installed."]
"""

import re
from collections.abc import Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.apt_commands import Apt, scratch_folder
from ansible_collections.ringfence.callcenter.plugins.module_utils.packages import Outcome, Packages, PackagesError
from ansible_collections.ringfence.callcenter.plugins.module_utils.start_policy import StartPolicy

ARGUMENT_SPEC: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "default": []},
    "roles": {"type": "list", "elements": "str"},
    "start_later": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["present", "downloaded"], "default": "present"},
    "lock_timeout": {"type": "int", "default": 120},
}


def wrong(names: Sequence[str]) -> list[str]:
    """Those of the names that cannot be names of packages."""
    return [name for name in names if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name)]


def result(outcome: Outcome) -> dict[str, Any]:
    """The result of the module."""
    found: dict[str, Any] = {
        "missing": outcome.missing,
        "installed": outcome.installed,
        "downloaded": outcome.downloaded,
        "updated_lists": outcome.updated_lists,
    }
    if outcome.reason:
        found["reason"] = outcome.reason
    return found


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    names = module.params["names"]
    if wrong(names):
        module.fail_json(
            msg=f"names has {', '.join(wrong(names))}, valid are names of Debian packages such as nftables"
        )
    unit = re.compile(r"[A-Za-z0-9:_.@-]+\.(service|socket|timer)")
    unknown = [name for name in module.params["start_later"] if not unit.fullmatch(name)]
    if unknown:
        module.fail_json(msg=f"start_later has {', '.join(unknown)}, valid are full names such as squid.service")
    try:
        with scratch_folder(module.check_mode) as scratch:
            apt = Apt(lock_timeout=module.params["lock_timeout"], scratch=scratch)
            policy = StartPolicy(module.params["start_later"])
            outcome = Packages(names, apt, policy, download_only=module.params["state"] == "downloaded").run()
    except PackagesError as error:
        module.fail_json(msg=str(error), errors=error.errors, **result(error.outcome))
    except OSError as error:
        module.fail_json(msg=str(error))
    for sentence in outcome.warnings:
        module.warn(sentence)
    after = "".join(f"{name} {version}\n" for name, version in sorted(outcome.installed.items()))
    after += "".join(f"{name} (downloaded)\n" for name in outcome.downloaded)
    module.exit_json(
        changed=bool(outcome.installed or outcome.downloaded),
        diff={"before": "", "after": after, "before_header": "packages", "after_header": "packages"},
        **result(outcome),
    )


if __name__ == "__main__":
    main()
