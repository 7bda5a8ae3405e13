# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the options of the module firewall_ruleset to its ruleset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_render import Options, render
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import RulesError, parse


def _administration(sources: list[str], ports: list[int]) -> dict[str, Any]:
    return {
        "name": "administration",
        "direction": "inbound",
        "source": sources,
        "protocol": "tcp",
        "ports": ports,
        "reason": "Administrators and automation reach this host",
        "owner": "administration_sources",
    }


def build(
    rules: Mapping[str, Any],
    *,
    administration_sources: list[str] | None = None,
    administration_ports: list[int] | None = None,
    log: bool = True,
    log_rate: str = "10/minute",
    log_burst: int = 20,
    dhcp_client: bool = True,
) -> str:
    """The whole ruleset as text. The arguments are the options of firewall_ruleset.

    Raises RulesError with everything that is wrong.
    """
    options = Options(log=log, log_rate=log_rate, log_burst=log_burst, dhcp_client=dhcp_client)
    lists = dict(rules)
    if administration_sources:
        ports = [22] if administration_ports is None else administration_ports
        lists["administration"] = [_administration(administration_sources, ports)]
    errors = options.errors()
    try:
        parsed = parse(lists)
    except RulesError as error:
        raise RulesError(error.errors + errors) from error
    if errors:
        raise RulesError(errors)
    return render(parsed, options)
