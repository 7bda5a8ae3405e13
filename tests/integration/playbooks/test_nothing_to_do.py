# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that would do nothing is refused, whatever --limit says, with what was tried and what helps."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.ansible_command import DEMO, REPOSITORY, Ansible
from tools.gates.checks.kinds import roles_of

OURS = "ringfence.callcenter."
ON_HOSTS = ["audit", "firewall_review", "remove", "segmentation_test", "site"]
ALONE = ["client_pack", "diagram", "export", "new_site", "offboard_client", "onboard_client", "sign_register"]
ALONE += ["switches", "trends"]
ROLES = sorted(path.parent.parent.name for path in REPOSITORY.glob("roles/*/meta/main.yml"))


@pytest.fixture(scope="module")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Ansible:
    """A home with the demo's model in a folder, one that is no YAML, and an inventory without hosts."""
    made = Ansible(tmp_path_factory.mktemp("home"))
    made.write("inv/site.yml", DEMO.read_text(encoding="utf-8"))
    made.write("broken/site.yml", "plugin: ringfence.callcenter.site\nsite: [\n")
    made.write("empty.ini", "")
    return made


def refused(done: subprocess.CompletedProcess[str], *said: str) -> None:
    assert done.returncode not in (0, None), done.stdout
    complaint = " ".join((done.stderr + done.stdout).split())
    for words in said:
        assert words in complaint, complaint
    assert "ok=" not in done.stdout, "a play has run"


def test_every_playbook_is_looked_at() -> None:
    assert sorted([*ON_HOSTS, *ALONE, "prove"]) == sorted(path.stem for path in REPOSITORY.glob("playbooks/*.yml"))
    for name in [*ON_HOSTS, *ALONE, "prove"]:
        first = yaml.safe_load((REPOSITORY / "playbooks" / f"{name}.yml").read_text(encoding="utf-8"))[0]
        assert "checked_hosts" in first["hosts"], name
        assert ("contacts_hosts=true" in first["hosts"]) is (name not in ALONE), name


@pytest.mark.parametrize("playbook", [*ON_HOSTS, "prove"])
def test_without_hosts_no_playbook_ends_well_even_with_a_limit(ansible: Ansible, playbook: str) -> None:
    limited = ansible.run("ansible-playbook", OURS + playbook, "-i", "empty.ini", "--limit", "gw1")
    refused(limited, f"Tried: {ansible.home}/empty.ini (a warning above", "Name the site's inventory with -i")


@pytest.mark.parametrize("limit", [[], ["--limit", "gw1"]])
def test_a_model_that_is_no_yaml_is_named(ansible: Ansible, limit: list[str]) -> None:
    done = ansible.run("ansible-playbook", OURS + "site", "-i", "broken/site.yml", *limit)
    refused(done, f"Tried: {ansible.home}/broken/site.yml (a warning above says what was wrong")
    folder = ansible.run("ansible-playbook", OURS + "audit", "-i", "broken", *limit)
    refused(folder, f"Tried: the folder {ansible.home}/broken (its site models are site.yml)")


def test_without_an_inventory_what_was_tried_is_told(ansible: Ansible) -> None:
    for playbook in ("site", "export", "trends", "diagram", "client_pack"):
        done = ansible.run("ansible-playbook", OURS + playbook, "-e", "client=acme")
        assert done.returncode != 0, done.stdout
        complaint = " ".join((done.stdout + done.stderr).replace("\\n", " ").split())
        assert "Tried: /etc/ansible/hosts (not there). Name the site's inventory with -i" in complaint, complaint
    missing = ansible.run("ansible-playbook", OURS + "site", "-i", "inventories/typo")
    refused(missing, f"Tried: {ansible.home}/inventories/typo (not there)")


def test_a_limit_that_matches_nothing_is_an_error(ansible: Ansible) -> None:
    refused(ansible.run("ansible-playbook", OURS + "site", "-i", "inv", "--limit", "nothere"), "no hosts to target")


@pytest.mark.parametrize("playbook", ["export", "onboard_client"])
def test_a_limit_is_refused_where_no_host_is_contacted(ansible: Ansible, playbook: str) -> None:
    done = ansible.run("ansible-playbook", OURS + playbook, "-i", "inv", "--limit", "gw1")
    refused(done, "--limit gw1 would leave it nothing to do")


def test_unknown_tags_are_named_with_the_valid_ones(ansible: Ansible) -> None:
    run = ansible.run("ansible-playbook", OURS + "site", "-i", "inv", "--tags", "firewall,fierwall")
    refused(run, "No task has what was asked for: --tags fierwall.", ", ".join(ROLES), "Did you mean firewall?")
    skipped = ansible.run("ansible-playbook", OURS + "site", "-i", "inv", "--skip-tags", "antiviru")
    refused(skipped, "--skip-tags antiviru", "Did you mean antivirus?")
    audit = ansible.run("ansible-playbook", OURS + "audit", "-i", "inv", "--tags", "firewall", "--limit", "gw1")
    refused(audit, "--tags firewall. This playbook has no tags.")


def test_every_role_has_its_name_as_tag_of_the_site_playbook(ansible: Ansible) -> None:
    plays = yaml.safe_load((REPOSITORY / "playbooks" / "site.yml").read_text(encoding="utf-8"))
    blocks = [task for play in plays for task in play.get("tasks", []) if task.get("tags") != "always"]
    tags = {block["block"][0]["ansible.builtin.import_role"]["name"]: block["tags"] for block in blocks}
    assert tags == {f"{OURS}{role}": role for role in ROLES}
    listed = ansible.run(
        "ansible-playbook", OURS + "site", "-i", "inv", "--tags", "firewall", "--limit", "gw1", "--list-tasks"
    )
    assert listed.returncode == 0, listed.stderr
    tasks = [
        line.strip() for line in listed.stdout.splitlines() if "Validating arguments" not in line and " : " in line
    ]
    assert tasks
    assert all(line.startswith(f"{OURS}firewall :") for line in tasks), tasks


def test_remove_takes_off_every_role_in_the_reverse_order_and_asks_before(ansible: Ansible) -> None:
    def applied(name: str) -> list[tuple[str, str]]:
        plays = yaml.safe_load((REPOSITORY / "playbooks" / f"{name}.yml").read_text(encoding="utf-8"))
        return [(play["hosts"], OURS + role) for play in plays for role in roles_of(play)]

    assert applied("remove") == applied("site")[::-1]
    plays = yaml.safe_load((REPOSITORY / "playbooks" / "remove.yml").read_text(encoding="utf-8"))
    for entry in (entry for play in plays for entry in play.get("roles", [])):
        role = entry["role"].removeprefix(OURS)
        assert entry == {"role": OURS + role, "tags": role, f"{role}_state": "absent"}
    limit = ["-i", "inv", "--limit", "gw1"]
    refused(ansible.run("ansible-playbook", OURS + "remove", *limit), "then say -e remove_confirmed=true")
    asked = ansible.run("ansible-playbook", OURS + "remove", *limit, "--check", "--list-tasks", "--tags", "firewall")
    assert asked.returncode == 0, asked.stderr
    assert "ringfence.callcenter.firewall : " in asked.stdout


def test_a_playbook_that_imports_ours_has_its_own_tags(ansible: Ansible) -> None:
    play = ansible.write("mine.yml", "- ansible.builtin.import_playbook: ringfence.callcenter.site\n")
    done = ansible.run("ansible-playbook", play, "-i", "inv", "--tags", "mine", "--list-tasks")
    assert done.returncode == 0, done.stderr


def test_outputs_stand_beside_the_model_whether_folder_or_file_is_named(ansible: Ansible, tmp_path: Path) -> None:
    for source in ("inv", "inv/site.yml"):
        done = ansible.run("ansible-playbook", OURS + "diagram", "-i", source, "--check")
        assert done.returncode == 0, done.stdout
        assert f"{ansible.home}/inv/diagrams/demo-network.svg" in done.stdout
        client = ["-e", "client=initech", "-e", "title=Initech", "-e", "like=acme", "--check"]
        onboarded = ansible.run("ansible-playbook", OURS + "onboard_client", "-i", source, *client)
        assert onboarded.returncode == 0, onboarded.stdout


@pytest.mark.parametrize(
    ("playbook", "wrong", "meant"),
    [("new_site", "prefx4", "prefix4"), ("onboard_client", "titel", "title"), ("offboard_client", "clent", "client")],
)
def test_answers_that_a_playbook_does_not_know_are_refused(
    ansible: Ansible, playbook: str, wrong: str, meant: str
) -> None:
    done = ansible.run("ansible-playbook", OURS + playbook, "-i", "inv", "-e", f"{wrong}=1", "-e", "ansible_user=x")
    refused(done, f"This playbook does not know -e {wrong}. Valid: ", f"Did you mean {meant}?")
    assert not (ansible.home / "inventories").exists()
