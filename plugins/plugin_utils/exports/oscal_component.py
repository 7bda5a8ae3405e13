# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OSCAL component definition: a component a role, with the requirements that its controls serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports import oscal
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle


def _requirements(role: str, controls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    serving: dict[str, list[Mapping[str, Any]]] = {}
    for control in controls:
        for requirement in control["pci_dss"]:
            serving.setdefault(str(requirement), []).append(control)
    return [
        {
            "uuid": oscal.identity("requirement", role, requirement),
            "control-id": oscal.control_id(requirement),
            "description": " ".join(f"{control['title']}." for control in mine),
            "props": [oscal.prop("control", control["id"]) for control in mine],
        }
        for requirement, mine in sorted(serving.items())
    ]


def _component(sealed: SealedBundle, role: str, controls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    served = _requirements(role, controls)
    component: dict[str, Any] = {
        "uuid": oscal.identity("component", role),
        "type": "software",
        "title": f"ringfence.callcenter.{role}",
        "description": f"The role {role}: {'; '.join(str(control['title']) for control in controls)}.",
    }
    if served:
        component["control-implementations"] = [
            {
                "uuid": oscal.identity("implementation", role),
                "source": f"#{oscal.identity(oscal.STANDARD, sealed.run['standard'])}",
                "description": "The technical part of these requirements.",
                "implemented-requirements": served,
            }
        ]
    return component


def export(sealed: SealedBundle) -> dict[str, bytes]:
    """``oscal/component-definition.json``."""
    by_role: dict[str, list[Mapping[str, Any]]] = {}
    for control in sealed.controls:
        by_role.setdefault(str(control["role"]), []).append(control)
    content: dict[str, Any] = {
        "uuid": oscal.identity("component-definition", sealed.name),
        "metadata": oscal.metadata(sealed, "Roles of ringfence.callcenter"),
        "back-matter": {"resources": [oscal.standard(sealed)]},
    }
    if by_role:
        content["components"] = [_component(sealed, role, controls) for role, controls in by_role.items()]
    return {"oscal/component-definition.json": oscal.document("component-definition", content)}
