# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From settings to policies: every key is one the browser knows, in its type."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.browser_policy import policies as made
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.browser_policy.policies import (
    BROWSERS,
    SWITCHES,
    SettingsError,
    known_keys,
    policies,
    read_settings,
)

CHROMIUM_ID, FIREFOX_ID = "a" * 32, "words@example.com"


def settings(**changes: Any) -> dict[str, Any]:
    """The role's settings, with some changed."""
    base: dict[str, Any] = {
        "sites_allowed": ["crm.example.com"],
        "browsers": list(BROWSERS),
        "oldest_versions": dict.fromkeys(BROWSERS, "128"),
        "extensions_allowed": [],
        "proxy": "direct",
        "proxy_bypass": [],
        "contact": "Ask Jo",
    }
    return {**base, **dict.fromkeys(SWITCHES, False), **changes}


def written(**changes: Any) -> made.Policies:
    """The policies of settings."""
    return policies(read_settings(settings(**changes)))


def test_every_control_writes_something_for_every_browser() -> None:
    controls = written()
    assert len(controls) == 8
    for control, browsers in controls.items():
        assert set(browsers) == set(BROWSERS), control
        assert all(browsers.values()), control


def test_no_key_serves_two_controls() -> None:
    for browser in BROWSERS:
        keys = [key for browsers in written().values() for key in browsers[browser]]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("proxy", ["direct", "proxy.example:3128", "https://proxy.example/proxy.pac"])
def test_each_browser_is_given_only_what_it_knows(proxy: str) -> None:
    extensions = [{"id": CHROMIUM_ID}, {"id": FIREFOX_ID, "mode": "force_installed", "url": "https://x.example/a.xpi"}]
    for browsers in written(proxy=proxy, extensions_allowed=extensions).values():
        for browser, keys in browsers.items():
            assert set(keys) <= set(known_keys()[browser])


def test_every_known_key_is_used() -> None:
    used = {browser: {key for browsers in written().values() for key in browsers[browser]} for browser in BROWSERS}
    assert used == {browser: set(keys) for browser, keys in known_keys().items()}


def test_edge_has_its_own_names() -> None:
    controls = written()
    assert controls["private_mode_off"]["edge"] == {"InPrivateModeAvailability": 1}
    assert controls["private_mode_off"]["chrome"] == {"IncognitoModeAvailability": 1}
    assert "ProxyPacMandatory" not in written(proxy="https://p.example/x")["proxy_fixed"]["edge"]["ProxySettings"]


def test_keys_that_came_later_than_the_oldest_version_are_left_out() -> None:
    oldest = {"chromium": "127", "firefox": "115.4"}
    controls = written(oldest_versions=oldest)
    assert "ExtensionDeveloperModeSettings" not in controls["extensions_only_listed"]["chromium"]
    assert "ExtensionDeveloperModeSettings" in controls["extensions_only_listed"]["chrome"]
    assert "PrintingEnabled" not in controls["no_data_out"]["firefox"]
    assert "PrintingEnabled" in written(oldest_versions={"firefox": "115.5.0"})["no_data_out"]["firefox"]


@pytest.mark.parametrize("switches", list(itertools.combinations(SWITCHES, 2)))
def test_what_is_allowed_is_not_written(switches: tuple[str, str]) -> None:
    controls = written(**dict.fromkeys(switches, True))
    for switch, control in {
        "private_mode": "private_mode_off",
        "profiles": "one_profile",
        "developer_tools": "developer_tools_off",
        "dns_over_https": "dns_over_https_off",
    }.items():
        assert (control in controls) == (switch not in switches)
    assert ("DownloadRestrictions" in controls["no_data_out"]["chrome"]) == ("downloads" not in switches)
    assert ("PrintingEnabled" in controls["no_data_out"]["firefox"]) == ("printing" not in switches)


def test_extensions_go_to_the_browsers_whose_they_are() -> None:
    listed = [
        {"id": CHROMIUM_ID, "mode": "force_installed", "url": "https://x.example/update.xml"},
        {"id": FIREFOX_ID},
        {"id": "{12345678-1234-1234-1234-123456789abc}"},
    ]
    wanted = written(extensions_allowed=listed)["extensions_only_listed"]
    star = {"installation_mode": "blocked", "blocked_install_message": "Ask Jo"}
    forced = {"installation_mode": "force_installed", "update_url": "https://x.example/update.xml"}
    assert wanted["edge"]["ExtensionSettings"] == {"*": star, CHROMIUM_ID: forced}
    assert list(wanted["firefox"]["ExtensionSettings"]) == ["*", FIREFOX_ID, "{12345678-1234-1234-1234-123456789abc}"]


def test_proxies() -> None:
    wanted = written(proxy="[fd60::1]:3128", proxy_bypass=["crm.example.com", "*.acme.example", "10.1.2.3"])
    assert wanted["proxy_fixed"]["chromium"]["ProxySettings"] == {
        "ProxyMode": "fixed_servers",
        "ProxyServer": "[fd60::1]:3128",
        "ProxyBypassList": "crm.example.com,acme.example,.acme.example,10.1.2.3",
    }
    assert wanted["proxy_fixed"]["firefox"]["Proxy"]["HTTPProxy"] == "[fd60::1]:3128"
    assert wanted["proxy_fixed"]["firefox"]["Proxy"]["Locked"] is True


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sites_allowed": ["ftp://x"]}, ["browser_policy_sites_allowed[0]", "scheme ftp", "valid is"]),
        ({"browsers": ["opera"]}, ["browser_policy_browsers", "chromium, chrome, edge, firefox"]),
        ({"browsers": []}, ["browser_policy_browsers"]),
        ({"proxy": "proxy.example"}, ["browser_policy_proxy", "HOST:PORT"]),
        ({"proxy": "socks5://p:1"}, ["browser_policy_proxy", "HOST:PORT"]),
        ({"proxy_bypass": ["http://x.example"]}, ["browser_policy_proxy_bypass[0]"]),
        ({"extensions_allowed": [{"id": "x"}]}, ["browser_policy_extensions_allowed[0].id", "32 letters"]),
        ({"extensions_allowed": [{"id": FIREFOX_ID, "mode": "force_installed"}]}, ["[0].url", "needs one"]),
        ({"extensions_allowed": [{"id": FIREFOX_ID}, {"id": FIREFOX_ID}]}, ["there twice"]),
        ({"extensions_allowed": ["x"]}, ["no mapping"]),
        ({"contact": "two\nlines"}, ["browser_policy_contact"]),
        ({"oldest_versions": {"firefox": "new"}}, ["browser_policy_oldest_versions.firefox"]),
        ({"private_mode": "perhaps"}, ["browser_policy_private_mode", "true and false"]),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(settings(**changes))
    for word in words:
        assert word in str(refused.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(settings(sites_allowed=["*", ""], proxy="x", browsers=["opera"]))
    assert len(refused.value.errors) == 4


def test_a_value_outside_the_schema_is_a_mistake_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = known_keys()
    keys["chrome"]["DownloadRestrictions"]["values"] = [0]
    monkeypatch.setattr(made, "known_keys", lambda: keys)
    with pytest.raises(AssertionError, match="DownloadRestrictions can't be 3"):
        written()
