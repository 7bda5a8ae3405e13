# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of managed_files, from its options to its result, for the modules that keep files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils import managed_options, managed_plan
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_files import ManagedFiles
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_plan import (
    Activation,
    ManagedFilesError,
)


def run(params: Mapping[str, Any], *, check_mode: bool, with_diff: bool, **place: Any) -> dict[str, Any]:
    """Do the work; the result of the module. Raises ManagedFilesError."""
    errors = []
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", params["managed_by"]):
        errors.append(f"managed_by {params['managed_by']!r} is not a name of a-z, 0-9 and _ that starts with a letter")
    if not re.fullmatch(r"[0-7]{4}", params["directory_mode"]):
        errors.append(f"directory_mode {params['directory_mode']!r} is not four octal digits in quotes, such as '0755'")
    if errors:
        raise ManagedFilesError(errors)
    work = ManagedFiles(params["managed_by"], directory_mode=params["directory_mode"], **place)
    activations = [Activation(item["argv"], item["paths"]) for item in params["activate"]]
    present = params["state"] == "present"
    wanted = work.needed(managed_options.wanted(params)) if present else []
    work.check(wanted, lenient=check_mode)
    if present:
        wanted = work.with_previous(wanted)
        plan = work.plan_present(wanted, activations, exclusive=params["exclusive"])
    else:
        plan = work.plan_absent(activations)
    work.validate(plan, wanted, lenient=check_mode)
    if not check_mode and (work.needs_writing(plan) or (not present and work.store.exists)):
        work.apply(plan, remove_store=not present)
    result = managed_plan.report(plan)
    if with_diff:
        result["diff"] = managed_plan.diff(plan)
    if work.warnings:
        result["warnings"] = work.warnings
    return result
