# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the steps of a job on this host, one after the other, each a module of this collection.

A job has ``steps``, ``check_mode`` and ``diff``. A step has ``name``, ``module``, ``arguments`` (checked and complete),
``check_mode`` (it only looks, and counts as no change), ``always`` (it runs after a failure too), ``path`` (without
which it is left out, where one is named) and ``packages``: names of Debian packages without which, in check mode, it is
left out, as they would be there by then.

The answer has ``steps``, one object for each step that was run: its ``name``, and ``result`` as the module gave it.
After one whose result is failed only those follow that always run.
"""

from __future__ import annotations

import importlib
import os
import traceback
from collections.abc import Mapping
from typing import Any

from .step_module import AnsibleModule, Ended


def work(job: Mapping[str, Any]) -> dict[str, Any]:
    """Run the steps of a job; the answer."""
    # As Debian has it: that of whoever became root here may leave folders open to a group, or closed to daemons.
    os.umask(0o022)
    done: list[dict[str, Any]] = []
    failed = False
    missing: set[str] = set()
    for step in job["steps"]:
        if failed and not step["always"]:
            continue
        if job["check_mode"] and missing.intersection(step["packages"]):
            continue
        if step["path"] and not os.path.lexists(step["path"]):
            continue
        result = _run(step, check_mode=bool(job["check_mode"]), diff=bool(job["diff"]))
        missing.update(result.get("missing", ()) if step["module"] == "packages" else ())
        failed = failed or bool(result.get("failed"))
        done.append({"name": step["name"], "result": result})
    return {"steps": done}


def _run(step: Mapping[str, Any], *, check_mode: bool, diff: bool) -> dict[str, Any]:
    """Run one module; its result."""
    AnsibleModule.arguments = step["arguments"]
    AnsibleModule.checks_only = check_mode or bool(step["check_mode"])
    AnsibleModule.shows_diff = diff
    try:
        module = importlib.import_module(f"{__package__}.modules.{step['module']}")
        module.main()
    except Ended as end:
        return {**end.result, "changed": bool(end.result.get("changed")) and not step["check_mode"]}
    except Exception as problem:  # pylint: disable=broad-except  # as with any module: the controller shows where
        text = f"{type(problem).__name__}: {problem}"
        return {"failed": True, "changed": False, "msg": text, "exception": traceback.format_exc()}
    return {"failed": True, "changed": False, "msg": "the module came to no result"}
