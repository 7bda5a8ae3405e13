# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real browsers of an ordinary user do under the policies, and without them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .conftest import ALLOWED, FILES, FORBIDDEN, PLACE, USER

if TYPE_CHECKING:
    from .conftest import Station

HEADLESS = ("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run")
#: Pages of the list that the site's own port or path keeps out; Firefox's patterns know no ports.
OPENED = (
    "crm.acme.test/",
    "crm.acme.test/secure",
    "desk.acme.test/",
    "a.b.desk.acme.test/",
    "paths.acme.test/Open/case",
    "ports.acme.test:8080/",
    "xn--bcher-kva.acme.test/",
)


def opened(answer: dict[str, dict[str, str]]) -> set[str]:
    """The addresses whose content a browser showed, as the sites call them."""
    return {text.split("CONTENT-OF ")[1].split()[0] for text in answer["pages"].values() if "CONTENT-OF " in text}


@pytest.mark.proof("sites-allowed-only.browser-listed-loads", "sites-allowed-only.browser-others-blocked")
@pytest.mark.control("browser_policy.sites_only")
def test_chromium_opens_the_listed_sites_and_no_others(station: Station) -> None:
    """Each form of a site opens what it says: names below, ports, paths, addresses. Nothing else does."""
    six = station.lab.address6(station.peer)
    assert opened(station.chromium("unlocked")) == {*OPENED, f"[{six}]:8080/"}
    assert "This page is blocked" in station.chromium("unlocked")["pages"][FORBIDDEN]


@pytest.mark.proof("sites-allowed-only.browser-listed-loads", "sites-allowed-only.browser-others-blocked")
@pytest.mark.control("browser_policy.sites_only")
def test_firefox_opens_the_listed_sites_and_no_others(station: Station) -> None:
    """The same for Firefox, whose patterns know no ports: a listed host is open on all of them."""
    six = station.lab.address6(station.peer)
    wider = {"ports.acme.test/", f"[{six}]/"}
    assert opened(station.firefox("unlocked")) == {*OPENED, f"[{six}]:8080/", *wider}
    assert station.firefox("unlocked")["pages"][FORBIDDEN] == "blocked"


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.sites_only")
@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_without_policies_everything_opens(station: Station, browser: str) -> None:
    """What the two tests above saw blocked is there: it is the policies that block it."""
    seen = opened(getattr(station, browser)("open"))
    assert {*OPENED, "mail.example.test/", "www.crm.acme.test/", "paths.acme.test/other", "data"} <= seen


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.developer_tools_off")
@pytest.mark.parametrize(
    ("browser", "argv", "port"),
    [
        ("chromium", (*HEADLESS, "--remote-debugging-port=9333", f"--user-data-dir={PLACE}/profile"), 9333),
        ("firefox", ("firefox-esr", "--headless", "--marionette", "--profile", f"{PLACE}/profile"), 2828),
    ],
)
def test_nobody_drives_a_browser_as_the_role_leaves_it(
    station: Station, browser: str, argv: tuple[str, ...], port: int
) -> None:
    """As told, a listed site opens, what it draws in from another is not asked for, and no driver gets in."""
    listening = f"ss -Hltn 'sport = :{port}' | wc -l"
    fresh = f"rm -rf {PLACE}/profile && install -d -o {USER} {PLACE}/profile"
    station.do(fresh)
    with station.started(*argv, f"{ALLOWED}frame/{browser}-told"):
        station.wait_for(f"crm.acme.test/later/{browser}-told")
        assert station.do(listening).stdout.strip() == "0"
    assert f"mail.example.test/{browser}-told" not in station.asked()
    station.do(fresh)
    with station.policies(browser, None), station.started(*argv, f"{ALLOWED}frame/{browser}-open"):
        station.wait_for(f"mail.example.test/{browser}-open")
        assert station.do(listening).stdout.strip() != "0"


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.sites_only")
def test_chromium_knows_every_policy_and_finds_no_error(station: Station) -> None:
    """chrome://policy lists exactly what the role wrote, each with status OK: no unknown key, no wrong type."""
    shown = station.chromium("unlocked")["policies"]
    assert {key: status for key, (_value, status) in shown.items()} == dict.fromkeys(station.unlocked("chromium"), "OK")
    assert station.chromium("open")["policies"] == {}


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.sites_only")
def test_chromium_and_firefox_find_fault_with_what_they_do_not_know(station: Station) -> None:
    """The two tests about errors can fail: a key that does not exist and a value of the wrong type are told."""
    wrong = {"NoSuchPolicy": 1, "PrintingEnabled": "no"}
    with station.policies("chromium", wrong):
        shown = station.drive("chromium", policies=True)["policies"]
    assert {key: status for key, (_value, status) in shown.items()} == dict.fromkeys(wrong, "Error")
    with station.policies("firefox", wrong):
        answer = station.drive("firefox", chrome={"active": "Services.policies.getActivePolicies()"})
    assert not (answer["chrome"]["active"] or {}).keys() & wrong.keys()


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.sites_only")
def test_firefox_knows_every_policy_and_finds_no_error(station: Station) -> None:
    """Firefox holds exactly the policies of the file and noted no error; without the file it holds none."""
    seen = station.firefox("unlocked")["chrome"]
    assert seen["problems"] == []
    assert seen["active"] == station.unlocked("firefox")
    assert not station.firefox("open")["chrome"]["active"]


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.private_mode_off")
def test_there_are_no_private_windows(station: Station) -> None:
    """Chromium asked for a private window opens an ordinary one, which remembers the page; Firefox has none."""
    page = f"{ALLOWED}private"
    with station.policies("chromium", station.unlocked("chromium")):
        assert station.drive("chromium", pages=[page], arguments=["--incognito"])["remembered"] == [page]
    with station.policies("chromium", None):
        assert station.drive("chromium", pages=[page], arguments=["--incognito"])["remembered"] == []
    assert station.firefox("unlocked")["chrome"]["private"] is False
    assert station.firefox("open")["chrome"]["private"] is True
    assert station.firefox("unlocked")["pages"]["about:privatebrowsing"] == "blocked"
    assert station.firefox("open")["pages"]["about:privatebrowsing"] != "blocked"


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.claim("no-data-out")
@pytest.mark.control("browser_policy.one_profile")
def test_there_are_no_guests_and_no_other_profiles(station: Station) -> None:
    """Chromium asked for a guest's window opens an ordinary one; Firefox's profile page is gone."""
    page = f"{ALLOWED}guest"
    with station.policies("chromium", station.unlocked("chromium")):
        assert station.drive("chromium", pages=[page], arguments=["--guest"])["remembered"] == [page]
    with station.policies("chromium", None):
        assert station.drive("chromium", pages=[page], arguments=["--guest"])["remembered"] == []
    assert station.firefox("unlocked")["pages"]["about:profiles"] == "blocked"
    assert station.firefox("open")["pages"]["about:profiles"] != "blocked"


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.extensions_only_listed")
def test_an_extension_that_is_not_listed_does_not_run(station: Station) -> None:
    """An unpacked extension marks every page without the policies and none with them; Firefox refuses to install it."""
    assert "EXTENSION-WAS-HERE" in station.chromium("open")["pages"][ALLOWED]
    assert "EXTENSION-WAS-HERE" not in station.chromium("unlocked")["pages"][ALLOWED]
    assert station.firefox("open")["extension"] == "of-no-use@example.com"
    assert station.firefox("unlocked")["extension"].startswith("refused")
    assert station.firefox("unlocked")["pages"]["about:addons"] == "blocked"


@pytest.mark.proof("no-data-out.downloads-off")
@pytest.mark.control("browser_policy.no_data_out")
@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_nothing_is_downloaded(station: Station, browser: str) -> None:
    """A file that a listed site offers comes without the policies and does not with them."""
    assert getattr(station, browser)("open")["download"] == ["customers.bin"]
    assert getattr(station, browser)("unlocked")["download"] == []


@pytest.mark.claim("no-data-out")
@pytest.mark.control("browser_policy.no_data_out")
def test_firefox_neither_prints_nor_remembers_passwords(station: Station) -> None:
    """Both are off and locked, and the page of the passwords is gone."""
    told, without = station.firefox("unlocked"), station.firefox("open")
    for name in ("print.enabled", "signon.rememberSignons"):
        assert told["chrome"][name] == [True, False]
        assert without["chrome"][name][0] is False
    assert told["pages"]["about:logins"] == "blocked" != without["pages"]["about:logins"]


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.developer_tools_off")
def test_the_inner_pages_of_firefox_are_gone(station: Station) -> None:
    """about:config and about:support, from where policies could be got round."""
    for page in ("about:config", "about:support"):
        assert station.firefox("unlocked")["pages"][page] == "blocked"
        assert station.firefox("open")["pages"][page] != "blocked"


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.dns_over_https_off")
def test_names_are_not_resolved_over_https(station: Station) -> None:
    """Firefox's resolver over HTTPS is off and locked (5), Chromium took the policy that turns it off."""
    assert station.firefox("unlocked")["chrome"]["network.trr.mode"] == [True, 5]
    assert station.firefox("open")["chrome"]["network.trr.mode"][0] is False
    assert station.chromium("unlocked")["policies"]["DnsOverHttpsMode"] == ["off", "OK"]


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.proxy_fixed")
def test_nobody_chooses_another_proxy(station: Station) -> None:
    """Chromium told of a proxy on its command line goes its fixed way all the same; Firefox's setting is locked."""
    page = f"{ALLOWED}proxy"
    arguments = ["--proxy-server=127.0.0.1:9"]
    with station.policies("chromium", station.unlocked("chromium")):
        assert "CONTENT-OF" in station.drive("chromium", pages=[page], arguments=arguments)["pages"][page]
    with station.policies("chromium", None):
        assert "PROXY" in station.drive("chromium", pages=[page], arguments=arguments)["pages"][page]
    assert station.firefox("unlocked")["chrome"]["network.proxy.type"] == [True, 0]
    assert station.firefox("open")["chrome"]["network.proxy.type"][0] is False


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("browser_policy.policy_integrity")
def test_the_user_cannot_change_the_policies(station: Station) -> None:
    """No policy file, nor a new one beside it, nor another in place of its folder."""
    for path in FILES.values():
        folder = path.rsplit("/", 1)[0]
        for attempt in (f"echo >> {path}", f"touch {folder}/zzz.json", f"mv {folder} {folder}.off", f"rm -f {path}"):
            assert station.lab.run(station.name, f"runuser -u {USER} -- sh -c '{attempt}'").rc != 0
    assert json.loads(station.do(f"cat {FILES['chromium']}").stdout)["URLBlocklist"] == ["*"]
