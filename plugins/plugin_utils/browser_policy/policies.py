# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role's settings mean for each browser: its policy keys by control, checked against what it knows."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.browser_policy.extensions import (
    Extension,
    parse_extensions,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.browser_policy.proxy import Proxy, parse_proxy
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.browser_policy.sites import (
    Site,
    chromium_filter,
    firefox_pattern,
    parse_sites,
)

BROWSERS = ("chromium", "chrome", "edge", "firefox")
# An empty folder that nobody can write to: where Firefox is told to put downloads, since no policy of it refuses them.
NO_DOWNLOADS = "/var/lib/ringfence/no-downloads"
# What may be allowed, and the control that is not kept then. no_data_out is kept as long as one of its parts is.
SWITCHES = (
    "private_mode",
    "profiles",
    "downloads",
    "printing",
    "password_manager",
    "developer_tools",
    "dns_over_https",
)

#: {control: {browser: {key: value}}}
Policies = dict[str, dict[str, dict[str, Any]]]

_TYPES: dict[str, Any] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "strings": lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    "object": lambda value: isinstance(value, dict),
}
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,5}){0,3}")


class SettingsError(ValueError):
    """Settings that are refused. ``errors``: one sentence each, all that were found."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class Settings:
    """The role's settings, read. ``allowed`` holds those of SWITCHES that may be used; ``oldest`` the versions."""

    browsers: tuple[str, ...]
    sites: tuple[Site, ...]
    allowed: frozenset[str]
    extensions: tuple[Extension, ...]
    proxy: Proxy
    contact: str
    oldest: Mapping[str, str] = field(default_factory=dict)


def known_keys() -> dict[str, dict[str, dict[str, Any]]]:
    """{browser: {key: what keys.yml says of it}}."""
    with open(os.path.join(os.path.dirname(__file__), "keys.yml"), encoding="utf-8") as stream:
        loaded: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(stream)
    return loaded


def read_settings(values: Mapping[str, Any]) -> Settings:
    """The settings from the role's variables, whose names lack ``browser_policy_`` here.

    Raises SettingsError with everything that is wrong, each sentence naming the variable and what is valid.
    """
    errors: list[str] = []
    sites, wrong = parse_sites(values.get("sites_allowed"), "browser_policy_sites_allowed")
    errors += wrong
    browsers = values.get("browsers")
    if not isinstance(browsers, list) or not browsers or not set(map(str, browsers)) <= set(BROWSERS):
        errors.append(f"browser_policy_browsers is {browsers!r}, valid is a list of {', '.join(BROWSERS)}")
        browsers = []
    for name in SWITCHES:
        if not isinstance(values.get(name), bool):
            errors.append(f"browser_policy_{name} is {values.get(name)!r}, valid are true and false")
    extensions, wrong = parse_extensions(values.get("extensions_allowed"), "browser_policy_extensions_allowed")
    errors += wrong
    proxy, wrong = parse_proxy(values.get("proxy"), values.get("proxy_bypass"))
    errors += wrong
    contact = values.get("contact")
    if not isinstance(contact, str) or len(contact) > 500 or not (contact.isprintable()):
        errors.append("browser_policy_contact is not one line of text of at most 500 signs")
        contact = ""
    oldest = values.get("oldest_versions")
    if not isinstance(oldest, Mapping) or not set(map(str, oldest)) <= set(BROWSERS):
        errors.append(f"browser_policy_oldest_versions is {oldest!r}, valid are versions by {', '.join(BROWSERS)}")
        oldest = {}
    for browser, version in oldest.items():
        if not _VERSION.fullmatch(str(version)):
            errors.append(f"browser_policy_oldest_versions.{browser} is {version!r}, valid is a version such as '128'")
    if errors:
        raise SettingsError(errors)
    return Settings(
        browsers=tuple(browser for browser in BROWSERS if browser in browsers),
        sites=tuple(sites),
        allowed=frozenset(name for name in SWITCHES if values[name]),
        extensions=tuple(extensions),
        proxy=proxy,
        contact=contact,
        oldest={str(browser): str(version) for browser, version in oldest.items()},
    )


def policies(settings: Settings) -> Policies:
    """What each control writes for each browser. Controls without a key are there with empty browsers."""
    known = known_keys()
    made: Policies = {}
    for browser in settings.browsers:
        build = _firefox if browser == "firefox" else _chromium
        for control, wanted in build(settings, browser).items():
            kept = {key: value for key, value in wanted.items() if _exists(known[browser], key, settings, browser)}
            for key, value in kept.items():
                _check(browser, key, value, known[browser][key])
            made.setdefault(control, {})[browser] = kept
    return made


def _exists(known: Mapping[str, Any], key: str, settings: Settings, browser: str) -> bool:
    """Whether the oldest version of a browser in use knows a key."""
    oldest = settings.oldest.get(browser)
    return key in known and (oldest is None or _number(known[key]["since"]) <= _number(oldest))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _check(browser: str, key: str, value: Any, about: Mapping[str, Any]) -> None:
    """Refuse a value that the browser's schema does not have: that would be a mistake of ours."""
    fits = _TYPES[about["type"]](value) and ("values" not in about or value in about["values"])
    if not fits or ("keys" in about and not set(value) <= set(about["keys"])):
        raise AssertionError(f"{browser}: {key} can't be {value!r}, its schema says {dict(about)}")


def _chromium(settings: Settings, browser: str) -> dict[str, dict[str, Any]]:
    edge = browser == "edge"
    allowed = settings.allowed
    message = {"blocked_install_message": settings.contact} if settings.contact else {}
    extensions = {
        extension.id: extension.chromium() for extension in settings.extensions if extension.family == "chromium"
    }
    no_data_out: dict[str, Any] = {}
    if "downloads" not in allowed:
        no_data_out |= {
            "DownloadRestrictions": 3,
            "AllowFileSelectionDialogs": False,
            "DefaultFileSystemReadGuardSetting": 2,
            "DefaultFileSystemWriteGuardSetting": 2,
        }
    if "printing" not in allowed:
        no_data_out["PrintingEnabled"] = False
    if "password_manager" not in allowed:
        no_data_out["PasswordManagerEnabled"] = False
    made: dict[str, dict[str, Any]] = {
        "sites_only": {"URLBlocklist": ["*"], "URLAllowlist": [chromium_filter(site) for site in settings.sites]},
        "extensions_only_listed": {
            "ExtensionSettings": {"*": {"installation_mode": "blocked", **message}, **extensions},
            "BlockExternalExtensions": True,
            "ExtensionDeveloperModeSettings": 1,
        },
        "no_data_out": no_data_out,
        "proxy_fixed": {"ProxySettings": settings.proxy.chromium(mandatory=not edge)},
    }
    if "private_mode" not in allowed:
        made["private_mode_off"] = {"InPrivateModeAvailability" if edge else "IncognitoModeAvailability": 1}
    if "profiles" not in allowed:
        made["one_profile"] = {
            "BrowserAddProfileEnabled" if edge else "BrowserAddPersonEnabled": False,
            "BrowserGuestModeEnabled": False,
            "BrowserSignin": 0,
            "SyncDisabled": True,
        }
    if "developer_tools" not in allowed:
        made["developer_tools_off"] = {"DeveloperToolsAvailability": 2, "RemoteDebuggingAllowed": False}
    if "dns_over_https" not in allowed:
        made["dns_over_https_off"] = {"DnsOverHttpsMode": "off"}
    return made


def _firefox(settings: Settings, _browser: str) -> dict[str, dict[str, Any]]:
    allowed = settings.allowed
    message = {"blocked_install_message": settings.contact} if settings.contact else {}
    extensions = {
        extension.id: extension.firefox() for extension in settings.extensions if extension.family == "firefox"
    }
    no_data_out: dict[str, Any] = {}
    if "downloads" not in allowed:
        no_data_out |= {
            "AllowFileSelectionDialogs": False,
            "DisableFirefoxScreenshots": True,
            "DownloadDirectory": NO_DOWNLOADS,
            "PromptForDownloadLocation": False,
        }
    if "printing" not in allowed:
        no_data_out["PrintingEnabled"] = False
    if "password_manager" not in allowed:
        no_data_out |= {"OfferToSaveLogins": False, "PasswordManagerEnabled": False}
    made: dict[str, dict[str, Any]] = {
        "sites_only": {
            "WebsiteFilter": {
                "Block": ["<all_urls>"],
                "Exceptions": list(dict.fromkeys(firefox_pattern(site) for site in settings.sites)),
            }
        },
        "extensions_only_listed": {
            "BlockAboutAddons": True,
            "ExtensionSettings": {"*": {"installation_mode": "blocked", **message}, **extensions},
            "InstallAddonsPermission": {"Default": False},
        },
        "no_data_out": no_data_out,
        "proxy_fixed": {"Proxy": settings.proxy.firefox()},
    }
    if "private_mode" not in allowed:
        made["private_mode_off"] = {"DisablePrivateBrowsing": True}
    if "profiles" not in allowed:
        made["one_profile"] = {
            "BlockAboutProfiles": True,
            "DisableFirefoxAccounts": True,
            "DisableProfileImport": True,
        }
    if "developer_tools" not in allowed:
        made["developer_tools_off"] = {
            "BlockAboutConfig": True,
            "BlockAboutSupport": True,
            "DisableDeveloperTools": True,
            "DisableSafeMode": True,
        }
    if "dns_over_https" not in allowed:
        made["dns_over_https_off"] = {"DNSOverHTTPS": {"Enabled": False, "Locked": True}}
    return made
