# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin as Ansible runs it: without any ansible.cfg, and what happens to a bad model."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.support.ansible_command import DEMO, Ansible

PLAY = """\
- hosts: all,localhost
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: TOUCHED
"""


def refused(done: subprocess.CompletedProcess[str]) -> None:
    """Ansible stopped at once, with its parser error's status and our words instead of a traceback."""
    assert done.returncode == 4, (done.stdout, done.stderr)
    assert "is refused, nothing has been touched" in done.stderr
    assert "Traceback" not in done.stderr
    assert "PLAY" not in done.stdout
    assert "TOUCHED" not in done.stdout


@pytest.mark.parametrize("unparsed_is_failed", ["", "true"])
def test_a_bad_model_stops_a_playbook(ansible: Ansible, unparsed_is_failed: str) -> None:
    bad = DEMO.read_text(encoding="utf-8").replace("vlan: 10\n", "vlan: 99\n").replace("to: db1\n", "to: db7\n")
    settings = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"} if unparsed_is_failed else {}
    ansible.write("good.site.yml", DEMO.read_text(encoding="utf-8").replace("name: demo", "name: good"))
    arguments = ["-i", ansible.write("bad/site.yml", bad), ansible.write("play.yml", PLAY)]
    done = ansible.run("ansible-playbook", *arguments, **settings)
    refused(done)
    assert "  bad/site.yml:19: segments.acme.vlan: VLAN 99 is already that of segment management" in done.stderr
    assert "flows[0].to[0]: 'db7' is no host" in done.stderr


def test_a_bad_model_stops_the_other_commands_too(ansible: Ansible) -> None:
    bad = ansible.write("bad.site.yaml", "plugin: ringfence.callcenter.site\n")
    refused(ansible.run("ansible-inventory", "-i", bad, "--list"))
    refused(ansible.run("ansible", "-i", bad, "all", "-m", "ansible.builtin.ping"))


def test_a_model_of_another_name_is_refused_and_not_skipped(ansible: Ansible) -> None:
    done = ansible.run("ansible-inventory", "-i", ansible.write("lab.yml", DEMO.read_text(encoding="utf-8")), "--list")
    refused(done)
    assert "a site model is called site.yml or NAME.site.yml" in done.stderr


def test_named_first_the_plugin_refuses_a_file_that_is_no_yaml(ansible: Ansible) -> None:
    broken = ansible.write("site.yml", "plugin: ringfence.callcenter.site\nsite: [\n")
    done = ansible.run(
        "ansible-inventory", "-i", broken, "--list", ANSIBLE_INVENTORY_ENABLED="ringfence.callcenter.site,auto"
    )
    refused(done)
    assert "site.yml:3: is not readable as YAML" in done.stderr


def test_the_demo_site_lists_and_composes_with_group_vars(ansible: Ansible) -> None:
    model = DEMO.read_text(encoding="utf-8").replace(
        "  ansible_user: root",
        "  ansible_user: root\n  greeting: '{{ inventory_hostname }} of {{ ringfence_site.name }}'",
    )
    ansible.write("inv/site.yml", model)
    ansible.write("inv/group_vars/all.yml", "ansible_python_interpreter: /usr/bin/python3.13\n")
    ansible.write("inv/group_vars/kind_database.yml", "ansible_user: admin\n")
    ansible.write("inv/host_vars/mail1.yml", "ansible_host: 192.0.2.1\n")
    listing = ansible.list("-i", "inv")
    assert "__ansible_unsafe" not in json.dumps(listing)
    variables = listing["_meta"]["hostvars"]
    assert variables["db1"]["ansible_user"] == "admin"
    assert variables["log1"]["ansible_user"] == "root"
    assert variables["mail1"]["ansible_host"] == "192.0.2.1"
    assert variables["mail1"]["ansible_python_interpreter"] == "/usr/bin/python3.13"
    assert variables["ws-acme-1"]["ringfence_host"]["client"] == "acme"
    assert listing["kind_workstation"]["hosts"] == ["ws-acme-1", "ws-globex-1"]
    templates = """\
- hosts: mail1
  gather_facts: false
  tasks:
    - ansible.builtin.debug:
        msg: "{{ greeting }}: {{ firewall_flow_rules | map(attribute='reason') | unique | join('; ') }}"
"""
    done = ansible.run("ansible-playbook", "-i", "inv", ansible.write("play.yml", templates))
    assert done.returncode == 0, done.stderr
    assert "mail1 of demo: Administration and automation over ssh; Agents send" in done.stdout


def test_a_folder_of_sites_is_one_company(ansible: Ansible) -> None:
    demo = DEMO.read_text(encoding="utf-8")
    for name, number in (("lisbon", 60), ("porto", 70), ("faro", 80)):
        text = (
            demo.replace("name: demo", f"name: {name}")
            .replace("10.60.", f"10.{number}.")
            .replace("fd60:", f"fd{number}:")
        )
        for host in ("gw1", "db1", "mail1", "log1", "ws-acme-1", "ws-globex-1"):
            text = text.replace(host, f"{name}-{host}")
        ansible.write(f"company/{name}.site.yml", text)
    ansible.write("company/group_vars/site_porto.yml", "ansible_user: porto\n")
    listing = ansible.list("-i", "company")
    assert listing["kind_gateway"]["hosts"] == ["faro-gw1", "lisbon-gw1", "porto-gw1"]
    assert listing["segment_card_data"]["hosts"] == ["faro-db1", "lisbon-db1", "porto-db1"]
    assert len(listing["site_faro"]["hosts"]) == 6
    variables = listing["_meta"]["hostvars"]
    assert [variables[f"{name}-db1"]["ansible_user"] for name in ("faro", "porto")] == ["root", "porto"]
    assert variables["porto-db1"]["ringfence_segments"]["acme"]["subnets"] == ["10.70.10.0/24", "fd70:0:0:10::/64"]
    assert variables["porto-db1"]["ringfence_published"][0]["host"] == "porto-mail1"
    graph = ansible.run("ansible-inventory", "-i", "company", "--graph").stdout.splitlines()
    assert "  |--@site_lisbon:" in graph
    assert graph.count("  |  |--porto-db1") == 3, "its site, its kind, its segment"


def test_two_sites_load_together_and_a_host_twice_is_refused(ansible: Ansible) -> None:
    demo = DEMO.read_text(encoding="utf-8")
    first = ansible.write("first.site.yml", demo)
    other = demo.replace("name: demo", "name: other")
    for host in ("gw1", "db1", "mail1", "log1", "ws-acme-1", "ws-globex-1"):
        other = other.replace(host, f"other-{host}")
    second = ansible.write("second.site.yml", other)
    listing = ansible.list("-i", first, "-i", second)
    assert listing["kind_gateway"]["hosts"] == ["gw1", "other-gw1"]
    assert listing["_meta"]["hostvars"]["other-gw1"]["ringfence_site"]["name"] == "other"
    assert listing["_meta"]["hostvars"]["gw1"]["ringfence_site"]["name"] == "demo"
    third = ansible.write("third.site.yml", demo.replace("name: demo", "name: third"))
    done = ansible.run("ansible-inventory", "-i", first, "-i", third, "--list")
    refused(done)
    assert "hosts.db1: the site model first.site.yml has a host of this name already" in done.stderr


def test_an_encrypted_model_loads(ansible: Ansible) -> None:
    ansible.write("password", "correct horse\n")
    model = ansible.write("site.yml", DEMO.read_text(encoding="utf-8"))
    sealed = ansible.run("ansible-vault", "encrypt", "--vault-password-file", "password", model)
    assert sealed.returncode == 0, sealed.stderr
    listing = ansible.list("-i", model, "--vault-password-file", "password")
    assert listing["kind_database"]["hosts"] == ["db1"]


@pytest.mark.parametrize("command", ["ansible-inventory", "ansible-playbook"])
def test_a_warning_is_shown_once_and_nothing_is_refused(ansible: Ansible, command: str) -> None:
    model = DEMO.read_text(encoding="utf-8").replace("  review_by: 2027-06-30\n  accounts:", "  accounts:")
    ansible.write("inv/site.yml", model)
    more = ["--list"] if command == "ansible-inventory" else ["--syntax-check", ansible.write("play.yml", PLAY)]
    done = ansible.run(command, "-i", "inv/site.yml", *more)
    assert done.returncode == 0, done.stderr
    shown = " ".join(done.stderr.split())
    assert shown.count("administration: has no review_by") == 1, done.stderr
    assert "inv/site.yml: administration" not in shown, "with its line"


def test_the_ports_of_ssh_give_way_to_group_vars(ansible: Ansible) -> None:
    model = DEMO.read_text(encoding="utf-8")
    model = model.replace("administration:\n", "administration:\n  ports: [2200]\n").replace(
        "    kind: mail\n", "    kind: mail\n    ssh_port: 2222\n"
    )
    ansible.write("inv/site.yml", model)
    ansible.write("inv/group_vars/kind_database.yml", "ansible_port: 40022\n")
    variables = ansible.list("-i", "inv")["_meta"]["hostvars"]
    found = {host: variables[host]["ansible_port"] for host in ("gw1", "db1", "mail1")}
    assert found == {"gw1": 2200, "db1": 40022, "mail1": 2222}
    assert variables["mail1"]["firewall_administration_ports"] == [2222]
    assert variables["gw1"]["ringfence_administration_accounts"][0]["name"] == "root"
