# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders the configuration of every switch of the inventory's sites, on the controller."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import module_loader

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.file_names import readable
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import NO_SITE, sites_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.switches.render import PLATFORMS, text_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.text_files import write_texts

ARGUMENT_SPEC = {"directory": {"type": "path", "required": True}, "applied": {"type": "bool", "default": False}}
#: The first version of a collection that can apply, where not every one can.
_SINCE = {"juniper.device": "2.0.0"}


class ActionModule(ActionBase):
    """Write one file a switch."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Render and write; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        sites = sites_of(variables["groups"], variables["hostvars"])
        if not sites:
            raise AnsibleActionFail(NO_SITE)
        if arguments["applied"]:
            _refuse_to_apply({switch["platform"] for site in sites for switch in site.switches.values()})
        found: dict[str, dict[str, Any]] = {}
        texts: dict[str, str] = {}
        self._answers: dict[str, Any] = {}
        for site in sites:
            for name, switch in site.switches.items():
                if name in found:
                    raise AnsibleActionFail(
                        f"Two sites have a switch called {name}; Ansible could not tell them apart."
                    )
                file = os.path.join(readable(site.name), f"{readable(name)}.{PLATFORMS[switch['platform']].ending}")
                texts[file] = text_of(name, switch, lambda module, config: self._rendered(module, config, variables))
                found[name] = {
                    "name": name,
                    "site": site.name,
                    "platform": switch["platform"],
                    "address": switch["address"],
                    "file": os.path.join(arguments["directory"], file),
                }
        try:
            changed, diffs = write_texts(arguments["directory"], texts, check_mode=self._task.check_mode)
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename or arguments['directory']}: {problem.strerror}") from problem
        result.update(changed=bool(changed), switches=list(found.values()))
        if self._task.diff:
            result["diff"] = diffs
        return result

    def _rendered(self, module: str, config: Sequence[Mapping[str, Any]], variables: dict[str, Any]) -> Any:
        """What a vendor's module renders. Its own action plugin would connect to a device, which nothing here needs."""
        arguments = {"state": "rendered", "config": plain(config)}
        asked = json.dumps([module, arguments], sort_keys=True)
        if asked not in self._answers:
            try:
                answer = self._execute_module(module_name=module, module_args=arguments, task_vars=variables)
            except AnsibleError as problem:
                raise AnsibleActionFail(f"{module} cannot be run: {problem}. {_needs(module)}") from problem
            if answer.get("failed") or "rendered" not in answer:
                said = answer.get("msg") or answer.get("exception") or "nothing rendered"
                raise AnsibleActionFail(f"{module} rendered nothing: {said}. {_needs(module)}")
            self._answers[asked] = answer["rendered"]
        return self._answers[asked]


def _refuse_to_apply(platforms: set[str]) -> None:
    """Fail where a collection that applies configurations is not installed, before anything is written."""
    missing = [
        f"{PLATFORMS[platform].collection}.{platform}_config"
        for platform in sorted(platforms)
        if not module_loader.find_plugin_with_context(f"{PLATFORMS[platform].collection}.{platform}_config").resolved
    ]
    if missing:
        raise AnsibleActionFail(" ".join(f"{module} is not installed. {_needs(module)}" for module in missing))


def _needs(module: str) -> str:
    """Where the collection of a module comes from today."""
    collection = module.rpartition(".")[0]
    since = _SINCE.get(collection)
    if since:
        wanted = f"'{collection}:>={since}'"
        return f"It is of the collection {collection}: ansible-galaxy collection install {wanted}."
    return (
        f"It is of the collection {collection}, which comes with the package ansible, and alone by "
        f"ansible-galaxy collection install {collection}."
    )
