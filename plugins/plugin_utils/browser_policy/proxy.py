# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way out of the browsers: no proxy, one server, or a configuration script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.browser_policy.sites import SiteError, parse_site

VALID = "direct, HOST:PORT of a proxy, or the http:// or https:// address of a configuration script (PAC)"
_PAC = re.compile(r"https?://[!-~]{1,1000}")


@dataclass(frozen=True)
class Proxy:
    """Where the browsers' requests go: pac or server is set, or neither for a direct connection."""

    server: str = ""
    pac: str = ""
    bypass: tuple[str, ...] = ()

    def chromium(self, *, mandatory: bool) -> dict[str, Any]:
        """The value of ProxySettings. mandatory: whether the browser knows ProxyPacMandatory."""
        if self.pac:
            made: dict[str, Any] = {"ProxyMode": "pac_script", "ProxyPacUrl": self.pac}
            return {**made, "ProxyPacMandatory": True} if mandatory else made
        if not self.server:
            return {"ProxyMode": "direct"}
        made = {"ProxyMode": "fixed_servers", "ProxyServer": self.server}
        return {**made, "ProxyBypassList": ",".join(self.bypass)} if self.bypass else made

    def firefox(self) -> dict[str, Any]:
        """The value of Proxy."""
        if self.pac:
            return {"Mode": "autoConfig", "Locked": True, "AutoConfigURL": self.pac}
        if not self.server:
            return {"Mode": "none", "Locked": True}
        made = {"Mode": "manual", "Locked": True, "HTTPProxy": self.server, "UseHTTPProxyForAllProtocols": True}
        return {**made, "Passthrough": ", ".join(self.bypass)} if self.bypass else made


def parse_proxy(text: object, bypass: object) -> tuple[Proxy, list[str]]:
    """The proxy from its variable and the hosts that go past it, and one sentence for everything that is wrong."""
    errors = []
    hosts = []
    for number, entry in enumerate(bypass if isinstance(bypass, (list, tuple)) else [bypass]):
        try:
            site = parse_site(entry)
        except SiteError as error:
            errors.append(
                f"browser_policy_proxy_bypass[{number}] {entry!r} {error}; valid is a host, *.domain or address"
            )
            continue
        if site.scheme or site.path or site.port:
            errors.append(f"browser_policy_proxy_bypass[{number}] {entry!r} is more than a host, *.domain or address")
        # Both browsers take a name with a dot in front for the names below it.
        hosts += [site.host, f".{site.host}"] if site.below else [site.shown_host]
    if text == "direct":
        return Proxy(bypass=tuple(hosts)), errors
    if isinstance(text, str) and _PAC.fullmatch(text):
        return Proxy(pac=text), errors
    try:
        server = parse_site(text)
    except SiteError:
        server = None
    if server is None or server.scheme or server.path or server.below or not server.port:
        return Proxy(), [*errors, f"browser_policy_proxy is {text!r}, valid is {VALID}"]
    return Proxy(server=str(server), bypass=tuple(hosts)), errors
