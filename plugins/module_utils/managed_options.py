# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the module managed_files, and what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_plan import Before, PathSpec


def _rules(**types: str) -> dict[str, Any]:
    fields = {
        name: {"type": kind, "required": True, **({"elements": "str"} if kind == "list" else {})}
        for name, kind in types.items()
    }
    return {"type": "list", "elements": "dict", "default": [], "options": fields}


def _before(item: Mapping[str, Any]) -> Before:
    return Before(
        tuple(item["carry"]),
        [(one["search"], one["reason"]) for one in item["refuse"]],
        [(one["paths"], one["search"], one["text"]) for one in item["notices"]],
    )


def options() -> dict[str, Any]:
    """The argument_spec."""
    attributes = {"owner": {"type": "str", "default": "root"}, "group": {"type": "str", "default": "root"}}
    return {
        "managed_by": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "files": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "mutually_exclusive": [("content", "secret_content")],
            "required_one_of": [("content", "secret_content")],
            "options": {
                "path": {"type": "path", "required": True},
                "content": {"type": "str"},
                "secret_content": {"type": "str", "no_log": True},
                "mode": {"type": "str", "default": "0644"},
                **attributes,
                "validate": {"type": "list", "elements": "str", "default": []},
                "no_diff": {"type": "bool", "default": False},
                "needs": {"type": "list", "elements": "str", "default": []},
                "carry": {"type": "list", "elements": "str", "default": []},
                "refuse": _rules(search="str", reason="str"),
                "notices": _rules(paths="list", search="str", text="str"),
            },
        },
        "blocks": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "path": {"type": "path", "required": True},
                "content": {"type": "str", "required": True},
                "validate": {"type": "list", "elements": "str", "default": []},
            },
        },
        "directories": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "path": {"type": "path", "required": True},
                "mode": {"type": "str", "default": "0755"},
                **attributes,
            },
        },
        "directory_mode": {"type": "str", "default": "0755"},
        "exclusive": {"type": "bool", "default": False},
        "activate": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "argv": {"type": "list", "elements": "str", "required": True},
                "paths": {"type": "list", "elements": "path", "default": []},
            },
        },
    }


def wanted(params: Mapping[str, Any]) -> list[PathSpec]:
    """The folders, files and blocks that a call asks for."""
    folders = [PathSpec(item["path"], item["mode"], item["owner"], item["group"]) for item in params["directories"]]
    files = [
        PathSpec(
            item["path"],
            item["mode"],
            item["owner"],
            item["group"],
            item["content"] if item["content"] is not None else item["secret_content"],
            tuple(item["validate"]),
            item["no_diff"] or item["secret_content"] is not None,
            tuple(item["needs"]),
            _before(item),
        )
        for item in params["files"]
    ]
    blocks = [
        PathSpec(item["path"], "0644", content=item["content"], validate=tuple(item["validate"]), block=True)
        for item in params["blocks"]
    ]
    return folders + files + blocks


def _defaults(of: Mapping[str, Any]) -> dict[str, Any]:
    return {key: option.get("default") for key, option in of.items()}


def complete(**given: Any) -> dict[str, Any]:
    """The options of a call, those that are not given by their defaults."""
    return _defaults(options()) | given


def file(path: str, content: str) -> dict[str, Any]:
    """The options of one of ``files``, complete, that asks for a text at a path."""
    return _defaults(options()["files"]["options"]) | {"path": path, "content": content}
