# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each change makes exactly the units run that it can affect: tried on a copy of this checkout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.repository import Repository
from tools.selection.suites import ALWAYS, FOLDER, SUITES, files_of
from tools.selection.units import LAB, Inputs, Units

CHECKOUT = Repository()
UNITS = Units(CHECKOUT)
ROLES = UNITS.roles
#: The units of whole sites, the suites of the demo, and those of them that look at what is made of findings.
SITES = {"site", "newsite"}
DEMO = {*SITES, *SUITES}
JUDGES = {*SITES, "site-segmentation", "site-evidence", "site-prove"}
NETWORK = {"site-flows", "site-segmentation", "site-web_filter"}
EVERYTHING = {*ROLES, *DEMO, "vm"}
#: The roles that install packages, and the machine that two of them harden.
PACKAGED = {*ROLES, "vm"} - {"browser_policy", "default_passwords"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all files, to change one at a time."""
    return CHECKOUT.copy_to(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def before(copy: Path) -> dict[str, Inputs]:
    """What each unit uses before the change."""
    units = Units(Repository(copy))
    return {unit: units.inputs(unit) for unit in units.names}


@contextmanager
def changed(path: Path, change: Callable[[str], str]) -> Iterator[None]:
    """A file with other content, or a new one, while the block runs."""
    old = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(change(old or ""), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink() if old is None else path.write_text(old, encoding="utf-8")


def more(text: str) -> str:
    """The same with a comment at its end."""
    return text + "# changed\n"


def host(text: str) -> str:
    """The lab with another address for a host of the firewall's."""
    return text.replace('"10.61.1.11"', '"10.61.1.13"')


CHANGES: list[tuple[str, Callable[[str], str], set[str]]] = [
    ("docs/architecture.md", more, set()),
    ("README.md", more, set()),
    ("roles/firewall/README.md", more, set()),
    ("galaxy.yml", more, set()),
    ("tools/claims.py", more, set()),
    ("tests/unit/tools/test_claims.py", more, set()),
    ("roles/antivirus/vars/main.yml", more, {"antivirus", "mail_antivirus"}),
    ("roles/browser_policy/tasks/main.yml", more, {"browser_policy"}),
    ("roles/client_vlans/tasks/main.yml", more, {"client_vlans", "vm", *NETWORK}),
    ("roles/default_passwords/tasks/main.yml", more, {"default_passwords"}),
    ("roles/idle_sessions/tasks/main.yml", more, {"idle_sessions", "site-prove"}),
    ("roles/login_delay/tasks/main.yml", more, {"login_delay"}),
    ("roles/mail_antivirus/tasks/main.yml", more, {"mail_antivirus"}),
    ("roles/web_filter/templates/squid.conf.j2", more, {"web_filter", "site-web_filter"}),
    ("roles/password_policy/meta/controls.yml", more, {"password_policy", "site-evidence", "site-prove"}),
    ("roles/password_policy/defaults/main.yml", more, {"password_policy", "site-evidence", "site-prove"}),
    ("roles/firewall/tasks/present.yml", more, {"firewall", "client_vlans", "login_delay", "vm", *SUITES}),
    ("plugins/module_utils/probes/dns_answers.py", more, {"web_filter", "site-web_filter"}),
    ("plugins/module_utils/probes/runner.py", more, EVERYTHING),
    ("plugins/module_utils/managed_files.py", more, EVERYTHING),
    ("plugins/module_utils/apt_commands.py", more, {*PACKAGED, *DEMO}),
    ("plugins/module_utils/auth_delay.py", more, {"login_delay"}),
    ("plugins/plugin_utils/unit_sandbox.py", more, {*PACKAGED, *SUITES} - {"idle_sessions", "password_policy"}),
    ("plugins/plugin_utils/reports/html/main.js", more, JUDGES),
    ("plugins/plugin_utils/segmentation/plan.py", more, JUDGES),
    ("plugins/plugin_utils/site_model/vlans.py", more, {"vm", *DEMO}),
    ("playbooks/new_site.yml", more, SITES),
    ("playbooks/prove.yml", more, {*SITES, "site-prove"}),
    ("tests/behaviour/idle_sessions/new_helper.py", more, {"idle_sessions"}),
    ("tests/behaviour/contract/test_role_contract.py", more, set(ROLES)),
    ("tests/behaviour/site/conftest.py", more, {"site", *SUITES}),
    ("tests/behaviour/site/test_audit.py", more, {"site"}),
    ("tests/behaviour/site/test_discovery.py", more, {"site-flows"}),
    ("tests/behaviour/site/evidence_site.py", more, {"site-evidence"}),
    ("tests/behaviour/site/sink.py", more, {"site", *SUITES}),
    ("tests/behaviour/firewall/sweep.py", more, {"firewall", "site-flows"}),
    ("tests/behaviour/web_filter/outside.py", more, {"web_filter", "site-web_filter"}),
    ("tests/support/malware.py", more, {"antivirus", "mail_antivirus"}),
    ("roles/web_filter/meta/tamper.yml", more, {"web_filter"}),
    ("roles/password_policy/meta/tamper.yml", more, {"password_policy", "site-evidence", "site-prove"}),
    ("tests/tamper/site/evidence.yml", more, {"site-evidence"}),
    ("molecule/browser_policy/vars.yml", more, {"browser_policy"}),
    ("molecule/newsite/prepare.yml", more, {"newsite"}),
    ("molecule/site/create.yml", more, {"site", *SUITES}),
    ("tools/lab/vm/recipe.py", more, {"vm"}),
    ("tools/lab/hosts.py", more, DEMO),
    ("inventories/demo/site.yml", more, DEMO),
    (LAB, host, {"firewall"}),
    ("requirements.txt", more, EVERYTHING),
    ("ansible.cfg", more, EVERYTHING),
]


@pytest.mark.parametrize(("name", "change", "affected"), CHANGES, ids=[name for name, _change, _set in CHANGES])
def test_a_change_affects_exactly_these(
    copy: Path, before: dict[str, Inputs], name: str, change: Callable[[str], str], affected: set[str]
) -> None:
    with changed(copy / name, change):
        units = Units(Repository(copy))
        found = {unit: units.inputs(unit).changed_since(before[unit]) for unit in units.names}
    assert {unit for unit, names in found.items() if names} == affected
    assert all(name in " ".join(names) for names in found.values() if names)


def test_whatever_changes_of_the_collection_brings_it_to_a_site() -> None:
    """To both, by their own units or by that of each role that it is for."""
    of_roles = {name for role in ROLES for name in UNITS.inputs(role).files}
    folders = ("catalog/", "inventories/demo/", "playbooks/", "plugins/", "roles/")
    ours = {name for name in CHECKOUT.names if name.startswith(folders) and not name.endswith(".md")}
    for site in SITES:
        assert ours - of_roles - set(UNITS.inputs(site).files) == set()


def test_what_sites_share_is_an_input_of_a_whole_site_whichever_role_uses_it_too() -> None:
    """What the inventory, the audit and the playbooks use is no role's own."""
    for name in ("plugins/inventory/site.py", "plugins/action/audit.py", "plugins/module_utils/probes/runner.py"):
        assert all(name in UNITS.inputs(site).files for site in SITES), name
    assert not [name for site in SITES for name in UNITS.inputs(site).files if name.startswith("roles/")]


def test_every_test_of_the_site_is_in_one_suite() -> None:
    files = files_of(SUITES)
    assert sorted(files) == sorted(CHECKOUT.files(f"{FOLDER}/test_*.py"))
    assert files_of([]) == files_of(["firewall", "newsite"]) == [ALWAYS]


@pytest.mark.parametrize(
    ("units", "brought"),
    [
        ([], []),
        (["vm", "site", "newsite"], []),
        (["firewall"], ["firewall"]),
        (["password_policy"], ["firewall", "password_policy"]),
        (["mail_antivirus"], ["antivirus", "firewall", "mail_antivirus"]),
        (["site-flows"], ["client_vlans", "firewall"]),
        (["site-web_filter", "browser_policy"], ["browser_policy", "client_vlans", "firewall", "web_filter"]),
    ],
)
def test_a_site_holds_the_roles_that_are_needed(units: list[str], brought: list[str]) -> None:
    assert UNITS.brought(units) == brought


def test_a_role_s_rows_of_what_is_not_shown_are_its_own(copy: Path, before: dict[str, Inputs]) -> None:
    row = "\n- check: firewall.default_deny.new\n  reason: Nothing here shows it\n"
    with changed(copy / "tests/tamper/not_shown/checks.yml", lambda text: text.rstrip() + row):
        units = Units(Repository(copy))
        assert [role for role in units.roles if units.inputs(role).changed_since(before[role])] == ["firewall"]


def test_an_image_is_its_recipe(copy: Path, before: dict[str, Inputs], monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.lab import recipe

    desktops = {**recipe.FLAVOURS, "desktops": (*recipe.FLAVOURS["desktops"], "one-more")}
    monkeypatch.setattr(recipe, "FLAVOURS", desktops)
    units = Units(Repository(copy))
    found = {role: units.inputs(role).changed_since(before[role]) for role in units.roles}
    assert {role: names for role, names in found.items() if names} == {
        "idle_sessions": ["image debian12-desktops", "image debian13-desktops"]
    }


def test_a_new_role_is_a_unit_at_once(copy: Path) -> None:
    for name in ("roles/ssh/tasks/main.yml", "molecule/ssh/molecule.yml"):
        (copy / name).parent.mkdir(parents=True)
        (copy / name).write_text("---\n", encoding="utf-8")
    units = Units(Repository(copy))
    assert set(units.names) == {*EVERYTHING, "ssh"}
    assert "roles/ssh/tasks/main.yml" in units.inputs("ssh").files


def test_hosts_of_a_unit_are_in_the_lab() -> None:
    groups = {name for one in json.loads(CHECKOUT.text(LAB))["hosts"] for name in one["groups"]}
    assert set(ROLES) <= groups
