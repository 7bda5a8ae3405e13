# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds a client to a site model's file, or removes one, on the controller."""

from __future__ import annotations

import contextlib
import datetime
import getpass
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit import certificate, files
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit.draft import EditError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit.offboard import (
    OffboardingResult,
    offboard,
    unknown_client,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit.onboard import ABOUT, NewClient, onboard
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import SiteModelError

_ABOUT = tuple(key for key in ABOUT if key != "segment")
ARGUMENT_SPEC = {
    "path": {"type": "path", "required": True},
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "title": {"type": "str"},
    "segment": {
        "type": "dict",
        "options": {
            "name": {"type": "str"},
            "title": {"type": "str"},
            "vlan": {"type": "int"},
            "subnets": {"type": "list", "elements": "str"},
            "gateway": {"type": "str"},
        },
    },
    "sites_allowed": {"type": "list", "elements": "str"},
    "database": {"type": "dict"},
    "recordings": {"type": "dict"},
    "retention": {"type": "dict"},
    "business_hours": {"type": "dict"},
    "like": {"type": "str"},
    "flows": {"type": "list", "elements": "dict", "default": []},
    "remove_hosts": {"type": "bool", "default": False},
    "certificate_directory": {"type": "path"},
    "by": {"type": "str"},
}


class ActionModule(ActionBase):
    """Change one model."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Change the text, see that it loads, and replace the file; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC)
        arguments = plain(arguments)
        try:
            model = files.read(arguments["path"])
            change = self._present if arguments["state"] == "present" else self._absent
            text, told = change(model, arguments)
        except (EditError, SiteModelError) as problem:
            raise AnsibleActionFail(str(problem)) from problem
        except OSError as problem:
            raise AnsibleActionFail(f"{problem.filename or arguments['path']}: {problem.strerror}") from problem
        result.update(changed=text != model.text, path=model.path, **told)
        if self._task.diff and text != model.text:
            header = {"before_header": arguments["path"], "after_header": arguments["path"]}
            result["diff"] = [{"before": model.text, "after": text, **header}]
        return result

    def _present(self, model: files.ModelFile, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        segment = {key: value for key, value in (arguments["segment"] or {}).items() if value is not None}
        wanted = NewClient(
            name=arguments["name"],
            about={key: arguments[key] for key in _ABOUT if arguments[key] is not None},
            segment=segment,
            like=arguments["like"],
            flows=tuple(arguments["flows"]),
        )
        done = onboard(model.text, arguments["path"], wanted)
        if done.changed and not self._task.check_mode:
            files.replace(model, done.text)
        return done.text, {
            "segment": {"name": done.segment, "vlan": done.vlan, "subnets": list(done.subnets)},
            "flows_joined": list(done.joined),
            "flows_left": list(done.left),
            "no_way_to": list(done.lacks),
        }

    def _absent(self, model: files.ModelFile, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        now = time.time()
        folder = arguments["certificate_directory"] or os.path.join(
            os.path.dirname(model.path), "evidence", "offboarding"
        )
        done = offboard(
            model.text,
            arguments["path"],
            arguments["name"],
            remove_hosts=arguments["remove_hosts"],
            today=datetime.datetime.fromtimestamp(now, datetime.timezone.utc).date(),
        )
        if done is None:
            return model.text, self._gone_before(model, arguments, folder)
        found = certificate.record(
            done,
            before=model.text,
            file=os.path.basename(model.path),
            moment=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            by=arguments["by"] or getpass.getuser(),
        )
        told = {"kept": found["kept"], "must_be_erased": found["must_be_erased"]}
        if self._task.check_mode:
            return done.text, told
        base = os.path.join(folder, f"{done.client.name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}")
        return done.text, {**told, **self._written(base, found, model, done)}

    @staticmethod
    def _gone_before(model: files.ModelFile, arguments: Mapping[str, Any], folder: str) -> dict[str, Any]:
        """What the certificate of a client that is not in the model says; without one the client never was there."""
        site = load_site(model.text, arguments["path"])
        last = certificate.last_of(folder, site.name, arguments["name"])
        if last is None:
            raise unknown_client(site, arguments["path"], arguments["name"], folder)
        path, found = last
        told = {key: found.get(key, []) for key in ("kept", "must_be_erased")}
        return {**told, "certificate": path, "certificate_text": path.removesuffix("json") + "txt"}

    def _written(
        self, base: str, found: dict[str, Any], model: files.ModelFile, done: OffboardingResult
    ) -> dict[str, str]:
        """The certificate first, then the model: a client must not be gone without a record of it."""
        os.makedirs(os.path.dirname(base), mode=canonical.DIRECTORY_MODE, exist_ok=True)
        content = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        texts = {"json": content, "txt": certificate.as_text(found, canonical.sha256(content.encode("utf-8")))}
        written = []
        try:
            for ending, text in texts.items():
                files.create(f"{base}.{ending}", text)
                written.append(f"{base}.{ending}")
            files.replace(model, done.text)
        except BaseException:
            for path in written:
                with contextlib.suppress(OSError):
                    os.unlink(path)
            raise
        self._display.display(f"\nOffboarding of {done.client.name}: {base}.txt\n{certificate.NOT_ERASED}\n")
        return {"certificate": f"{base}.json", "certificate_text": f"{base}.txt"}
