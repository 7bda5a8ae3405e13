#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module that reloads fail2ban if its configuration is newer."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fail2ban_jail
short_description: Reload fail2ban if its configuration is newer
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Compares a jail as the files of fail2ban describe it with the jail that runs, and reloads fail2ban when they differ,
    for example because somebody changed or stopped the jail with C(fail2ban-client).
  - Waits for a server that has just been started. Bans that are in force stay.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  check_mode:
    details: A server that does not run, or is not installed yet, is none that needs a reload.
options:
  jail:
    description: Name of the jail.
    type: str
    required: true
  wait_seconds:
    description: How long a server may take until it answers.
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Reload fail2ban if its configuration is newer
  ringfence.callcenter.fail2ban_jail:
    jail: sshd
"""

RETURN = r"""
jail:
  description: The jail as the files describe it.
  returned: when fail2ban is installed
  type: dict
  sample: {"active": true, "max_retry": 10, "find_seconds": 600, "ban_seconds": 1800}
"""

import json
import re
import shutil
import subprocess
import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _fail2ban

ARGUMENT_SPEC: dict[str, Any] = {
    "jail": {"type": "str", "required": True},
    "wait_seconds": {"type": "int", "default": 30},
}

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def _client(*words: str, stdin: str = "") -> tuple[int, str, str]:
    command = shutil.which(_fail2ban.CLIENT, path=_PATH)
    if command is None:
        raise _fail2ban.Fail2banError("fail2ban is not installed")
    done = subprocess.run(
        [command, *words],
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=60,
        env={"PATH": _PATH, "LC_ALL": "C"},
    )
    return done.returncode, done.stdout, done.stderr


def configured(jail: str) -> dict[str, Any]:
    """The jail as the files describe it."""
    rc, out, err = _client("-d")
    if rc != 0:
        raise _fail2ban.Fail2banError(f"fail2ban cannot read its own files: {err.strip() or out.strip() or rc}")
    return _fail2ban.from_dump(out, jail)


def running(jail: str) -> dict[str, Any] | None:
    """The jail that runs; None when no server answers."""
    if _client("ping")[0] != 0:
        return None
    return _fail2ban.from_answers(_client("-i", stdin=_fail2ban.questions(jail))[1], jail)


def awaited(jail: str, seconds: float, wanted: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The jail that runs, as soon as there is one, or as soon as it is as wanted."""
    end = time.monotonic() + seconds
    while True:
        seen = running(jail)
        done = seen is not None and (wanted is None or seen == wanted)
        if done or time.monotonic() > end:
            return seen
        time.sleep(0.2)


def _shown(view: dict[str, Any]) -> str:
    return json.dumps(view, indent=1, sort_keys=True) + "\n"


def _work(module: AnsibleModule, jail: str, seconds: int) -> dict[str, Any]:
    wanted = configured(jail)
    seen = running(jail) if module.check_mode else awaited(jail, seconds)
    if seen == wanted or (seen is None and module.check_mode):
        return {"changed": False, "jail": wanted}
    if seen is None:
        raise _fail2ban.Fail2banError("fail2ban does not answer: see `systemctl status fail2ban` on the host")
    # A server that has just started answers before its jails are up.
    if not module.check_mode and awaited(jail, 3, wanted) != wanted:
        rc, out, err = _client("reload")
        if rc != 0:
            raise _fail2ban.Fail2banError(f"fail2ban-client reload: {err.strip() or out.strip() or rc}")
        after = awaited(jail, seconds, wanted)
        if after != wanted:
            raise _fail2ban.Fail2banError(f"after a reload the jail {jail} is {after}, not {wanted}")
    elif not module.check_mode:
        return {"changed": False, "jail": wanted}
    return {"changed": True, "jail": wanted, "diff": {"before": _shown(seen), "after": _shown(wanted)}}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    jail = module.params["jail"]
    if not re.fullmatch(r"[A-Za-z0-9][\w-]*", jail):
        module.fail_json(msg=f"jail {jail!r} is no name of a jail (a-z, 0-9, _ and -)")
    if module.check_mode and shutil.which(_fail2ban.CLIENT, path=_PATH) is None:
        module.exit_json(changed=False)
    try:
        module.exit_json(**_work(module, jail, module.params["wait_seconds"]))
    except (_fail2ban.Fail2banError, OSError, subprocess.TimeoutExpired) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
