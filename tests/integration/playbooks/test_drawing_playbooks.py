# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that make files of a site model, as a person runs them: pictures and the switches' configurations."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import NO_SITE
from tests.support.programs import needs
from tests.support.site_playbook import run

REPOSITORY = Path(__file__).resolve().parents[3]
DEMO = (REPOSITORY / "inventories/demo/site.yml").read_text()
SWITCHES = """
switches:
  sw-ios:
    platform: ios
    address: 10.60.99.11
    ports:
      GigabitEthernet1/0/1-2: {access: acme, title: Agents of Acme, macs: 2}
      GigabitEthernet1/0/3: {trunk: [acme, globex]}
      GigabitEthernet1/0/4: {unused: shutdown}
    uplinks: [GigabitEthernet1/0/24]
  sw-eos:
    platform: eos
    address: 10.60.99.12
    ports:
      Ethernet1-2: {access: globex}
      Ethernet3: {trunk: servers}
      Ethernet4: {unused: shutdown}
  sw-junos:
    platform: junos
    address: 10.60.99.13
    ports:
      ge-0/0/0-1: {access: card-data}
      ge-0/0/2: {trunk: [acme, globex]}
      ge-0/0/3: {unused: shutdown}
"""
EXPECTED = {
    "sw-ios.cfg": (
        "interface GigabitEthernet1/0/1\n description Agents of Acme\n"
        " switchport access vlan 10\n switchport mode access\n switchport nonegotiate\n"
        " switchport port-security maximum 2\n switchport port-security violation restrict\n"
        " switchport port-security mac-address sticky\n switchport port-security\n spanning-tree portfast\n"
        " spanning-tree bpduguard enable\n no shutdown\n!\n",
        " switchport mode trunk\n switchport nonegotiate\n switchport trunk allowed vlan 10,20\n"
        " switchport trunk native vlan 999\n",
        "vlan 998\n name parking\n state suspend\n!\n",
    ),
    "sw-eos.cfg": (
        "interface Ethernet3\n description trunk\n switchport mode trunk\n switchport trunk allowed vlan 30\n"
        " switchport trunk native vlan 999\n",
        "interface Ethernet2\n description globex\n switchport access vlan 20\n switchport mode access\n"
        " switchport port-security mac-address maximum 1\n",
    ),
    "sw-junos.set": (
        "set interfaces ge-0/0/0 unit 0 family ethernet-switching interface-mode access\n"
        "set interfaces ge-0/0/0 unit 0 family ethernet-switching vlan members card-data\n",
        "set interfaces ge-0/0/2 native-vlan-id 999\n",
        "set interfaces ge-0/0/3 disable\n",
        "set switch-options interface ge-0/0/1.0 interface-mac-limit 1\n",
    ),
}


def changed(done: subprocess.CompletedProcess[str]) -> int:
    """How many tasks of a run on localhost changed something; the run has to end well."""
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"^localhost\s.*\bchanged=(\d+)", done.stdout, re.M)
    assert found is not None
    return int(found[1])


@pytest.mark.claim("client-vlans")
def test_switches_are_rendered_without_a_switch(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(DEMO + SWITCHES)
    folder = tmp_path / "switches" / "demo"
    done = run(tmp_path, "switches")
    assert changed(done) == 1
    assert "Apply VLANs and ports" not in done.stdout
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(texts) == set(EXPECTED)
    for name, parts in EXPECTED.items():
        for part in parts:
            assert part in texts[name], f"{name} lacks\n{part}"
    assert changed(run(tmp_path, "switches", "--check", "--diff")) == 0


def test_what_is_needed_to_apply_is_said_before_anything_is_written(tmp_path: Path) -> None:
    """With no collection but this one: the package ansible, which may be beside Ansible, is hidden."""
    (tmp_path / "site.yml").write_text(DEMO + SWITCHES)
    hidden = {"ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    done = run(tmp_path, "switches", "-e", "switches_apply=true", **hidden)
    assert done.returncode == 2
    said = " ".join((done.stdout + done.stderr).split())
    for wanted in ("arista.eos", "cisco.ios", "'juniper.device:>=2.0.0'"):
        assert f"ansible-galaxy collection install {wanted}." in said
    assert not (tmp_path / "switches").exists()


def test_junos_needs_no_collection_to_be_rendered(tmp_path: Path) -> None:
    model, junos = DEMO + "\nswitches:\n", SWITCHES[SWITCHES.index("  sw-junos") :]
    (tmp_path / "site.yml").write_text(model + junos)
    assert changed(run(tmp_path, "switches", ANSIBLE_COLLECTIONS_SCAN_SYS_PATH="false")) == 1
    text = (tmp_path / "switches" / "demo" / "sw-junos.set").read_text()
    assert all(part in text for part in EXPECTED["sw-junos.set"])


@needs("dot")
def test_a_site_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(DEMO)
    assert changed(run(tmp_path, "diagram", "--check")) == 1
    assert not (tmp_path / "diagrams").exists()
    assert changed(run(tmp_path, "diagram")) == 1
    assert sorted(path.name for path in (tmp_path / "diagrams").iterdir()) == ["demo-data-flow.svg", "demo-network.svg"]
    assert ">management</text>" in (tmp_path / "diagrams" / "demo-network.svg").read_text()
    assert changed(run(tmp_path, "diagram")) == 0


def test_without_a_site_model_both_say_so(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("all: {hosts: {one: {}}}\n")
    for playbook in ("diagram", "switches"):
        done = run(tmp_path, playbook, ANSIBLE_INVENTORY_ENABLED="yaml")
        assert done.returncode == 2
        assert "This inventory has no site model" in done.stdout + done.stderr


CONTROLS = """
kinds: all
controls:
  - id: sample.root
    title: A folder
    pci_dss: ['1.2.1']
    checks:
      - {id: type, aspect: running, probe: file_attributes, with: {path: /}, expect: {type: directory}}
"""


def audited(folder: Path, *arguments: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Audit the folder's site as if all its hosts were this machine; and the bundle."""
    meta = folder / "roles" / "sample" / "meta" / "controls.yml"
    meta.parent.mkdir(parents=True, exist_ok=True)
    meta.write_text(CONTROLS)
    here = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    extra = {**here, "audit_roles_path": str(folder / "roles"), "audit_evidence_dir": str(folder / "evidence")}
    done = run(folder, "audit", "-e", json.dumps(extra), *arguments, **environment)
    return done, folder / "evidence" / "latest"


@needs("dot")
def test_an_audit_draws_every_site_of_the_inventory(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(DEMO)
    done, bundle = audited(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(path.name for path in (bundle / "diagrams").iterdir()) == ["data-flow.svg", "network.svg"]
    assert json.loads((bundle / "run.json").read_text())["diagrams"] == {
        "drawn": ["data-flow", "network"],
        "problem": None,
    }
    second = re.sub(r"\b(gw1|db1|mail1|log1|ws-acme-1|ws-globex-1)\b", r"second-\1", DEMO)
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "site.yml").write_text(second.replace("name: demo", "name: second", 1))
    done, bundle = audited(tmp_path, "-i", "second/site.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    names = ["demo-data-flow.svg", "demo-network.svg", "second-data-flow.svg", "second-network.svg"]
    assert sorted(path.name for path in (bundle / "diagrams").iterdir()) == names


def test_an_audit_without_dot_is_sealed_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(DEMO)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("ssh-keygen", "git", "sh"):
        (programs / name).symlink_to(str(shutil.which(name)))
    done, bundle = audited(tmp_path, PATH=str(programs))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The network was not drawn: The program dot of graphviz" in " ".join((done.stdout + done.stderr).split())
    told = json.loads((bundle / "run.json").read_text())["diagrams"]
    assert told["drawn"] == []
    assert told["problem"].startswith("The network was not drawn: The program dot of graphviz")
    assert not (bundle / "diagrams").exists()


def test_an_audit_of_a_broken_site_model_is_sealed_and_says_so(tmp_path: Path) -> None:
    hosts = "all: {children: {site_demo: {hosts: {one: {}}, vars: {ringfence_segments: {}, ringfence_site: %s}}}}\n"
    (tmp_path / "site.yml").write_text(hosts % '"{{ nobody_knows }}"')
    done, bundle = audited(tmp_path, ANSIBLE_INVENTORY_ENABLED="yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((bundle / "run.json").read_text())["diagrams"]
    assert told["problem"].startswith("The network was not drawn, as the site model cannot be used: ")
    (tmp_path / "site.yml").write_text("all: {hosts: {one: {}}}\n")
    done, bundle = audited(tmp_path, ANSIBLE_INVENTORY_ENABLED="yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((bundle / "run.json").read_text())["diagrams"] == {"drawn": [], "problem": NO_SITE}
