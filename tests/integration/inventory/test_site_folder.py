# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site's folder as inventory: what the playbooks write beside the model gives no host."""

from __future__ import annotations

import codecs
import shutil

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import catalog
from tests.support.ansible_command import DEMO, REPOSITORY, Ansible
from tests.support.call_centre import CallCentre

HOSTS = ["db1", "gw1", "log1", "mail1", "ws-acme-1", "ws-globex-1"]
OF_THE_SITE = ("kind_", "segment_", "client_", "site_", "all", "ungrouped", "_meta")


@pytest.fixture
def folder(ansible: Ansible, monkeypatch: pytest.MonkeyPatch) -> Ansible:
    """The demo's model with evidence, registers, pictures, files for switches and variables beside it."""
    monkeypatch.setattr("os.fsync", lambda handle: None)
    ansible.write("inv/site.yml", DEMO.read_text(encoding="utf-8"))
    site = ansible.home / "inv"
    CallCentre({"acme": "Acme", "globex": "Globex"}).seal(site / "evidence", catalog.load())
    shutil.copytree(REPOSITORY / "inventories" / "example" / "registers", site / "registers")
    ansible.write("inv/evidence/exports/1/findings.csv", "host,status\nnobody,pass\n")
    ansible.write("inv/evidence/trends/trends.json", '{"hosts": {"hosts": {"nobody1": {}}}, "runs": {"vars": {}}}')
    ansible.write("inv/diagrams/demo-network.svg", "<svg>\n<g/>\n</svg>\n")
    ansible.write("inv/switches/sw1.conf", "hostname\nnobody2\n!\nend\n")
    ansible.write("inv/group_vars/kind_database.yml", "ansible_user: admin\n")
    ansible.write("inv/host_vars/mail1.yml", "ansible_host: 192.0.2.1\n")
    return ansible


@pytest.mark.parametrize("configured", [True, False], ids=["the example's ansible.cfg", "no ansible.cfg"])
def test_only_the_model_of_a_folder_gives_hosts(folder: Ansible, configured: bool) -> None:
    if configured:
        shutil.copy(REPOSITORY / "inventories" / "example" / "ansible.cfg", folder.home)
    listing = folder.list("-i", "inv")
    variables = listing["_meta"]["hostvars"]
    assert sorted(variables) == HOSTS
    assert [group for group in listing if not group.startswith(OF_THE_SITE)] == []
    assert variables["db1"]["ansible_user"] == "admin"
    assert variables["mail1"]["ansible_host"] == "192.0.2.1"
    play = "- {hosts: db1, gather_facts: false, tasks: [{ansible.builtin.debug: {msg: 'in {{ inventory_dir }}.'}}]}\n"
    done = folder.run("ansible-playbook", "-i", "inv", folder.write("play.yml", play))
    assert f"in {folder.home}/inv." in done.stdout
    assert ("were read as such, and" in done.stderr) is not configured
    assert ("Failed to parse" in done.stderr) is not configured


def test_folders_of_these_names_elsewhere_are_inventories_like_any(ansible: Ansible) -> None:
    ansible.write("inv/switches/hosts.ini", "sw1\n")
    listing = ansible.list("-i", "inv", ANSIBLE_INVENTORY_ENABLED="ringfence.callcenter.site,ini")
    assert listing["ungrouped"]["hosts"] == ["sw1"]


@pytest.mark.parametrize("enabled", ["", "ringfence.callcenter.site,auto"], ids=["by auto", "named first"])
@pytest.mark.parametrize(
    ("mark", "ending"),
    [(codecs.BOM_UTF8, "\n"), (b"", "\r\n"), (codecs.BOM_UTF8, "\r\n")],
    ids=["mark", "CRLF", "both"],
)
def test_what_editors_on_windows_write_loads(ansible: Ansible, enabled: str, mark: bytes, ending: str) -> None:
    text = DEMO.read_text(encoding="utf-8")
    model = text[text.index("plugin:") :].replace("\n", ending)  # the key itself behind the mark
    (ansible.home / "site.yml").write_bytes(mark + model.encode())
    settings = {"ANSIBLE_INVENTORY_ENABLED": enabled} if enabled else {}
    assert sorted(ansible.list("-i", "site.yml", **settings)["_meta"]["hostvars"]) == HOSTS


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_another_encoding_is_refused_by_its_name(ansible: Ansible, encoding: str) -> None:
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    (ansible.home / "site.yml").write_bytes(mark + DEMO.read_text(encoding="utf-8").encode(encoding))
    done = ansible.run(
        "ansible-inventory", "-i", "site.yml", "--list", ANSIBLE_INVENTORY_ENABLED="ringfence.callcenter.site,auto"
    )
    assert done.returncode == 4, (done.stdout, done.stderr)
    assert "site.yml: is not UTF-8 text; save it as UTF-8" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_tab_is_named_with_its_line(ansible: Ansible) -> None:
    ansible.write("site.yml", "plugin: ringfence.callcenter.site\nsite:\n\tname: x\n")
    done = ansible.run(
        "ansible-inventory", "-i", "site.yml", "--list", ANSIBLE_INVENTORY_ENABLED="ringfence.callcenter.site,auto"
    )
    assert done.returncode == 4, (done.stdout, done.stderr)
    assert "site.yml:3: is not readable as YAML" in done.stderr
    assert "cannot start any token" in done.stderr


def test_a_number_with_a_leading_zero_in_group_vars_is_refused(ansible: Ansible) -> None:
    ansible.write("inv/site.yml", DEMO.read_text(encoding="utf-8"))
    ansible.write("inv/group_vars/all.yml", "other_mode: 0644\nlogin_delay_seconds: 010\n")
    done = ansible.run("ansible-inventory", "-i", "inv/site.yml", "--list")
    assert done.returncode == 4, (done.stdout, done.stderr)
    assert "inv/group_vars/all.yml:2: login_delay_seconds: YAML reads 010 as the number 8; write 10" in done.stderr
    assert "0644" not in done.stderr
