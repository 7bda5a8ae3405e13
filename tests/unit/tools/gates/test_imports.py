# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that says who may import whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.gates.checks.imports import check, file_problems

if TYPE_CHECKING:
    from tests.unit.tools.conftest import Tree

OURS = "ansible_collections.ringfence.callcenter.plugins"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("plugins/modules/x.py", "import os\nfrom ansible.module_utils.basic import AnsibleModule\n"),
        ("plugins/modules/x.py", f"from {OURS}.module_utils.probes.base import Host\n"),
        ("plugins/module_utils/probes/x.py", "from .base import Host\nfrom . import expect\n"),
        ("plugins/module_utils/x.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ssl, attrs\n"),
        ("plugins/plugin_utils/x.py", f"import yaml, ssl\nfrom {OURS}.module_utils import masking\n"),
        ("plugins/action/x.py", f"from ansible.plugins.action import ActionBase\nfrom {OURS}.plugin_utils import a\n"),
        ("plugins/plugin_utils/role_source.py", "from ansible.errors import AnsibleError\n"),
        ("plugins/doc_fragments/x.py", "from __future__ import annotations\n"),
    ],
)
def test_allowed(name: str, source: str) -> None:
    assert file_problems(source, name) == []


@pytest.mark.parametrize(
    ("name", "source", "word"),
    [
        ("plugins/modules/x.py", f"from {OURS}.plugin_utils import bundle\n", "plugin_utils.bundle"),
        ("plugins/modules/x.py", "import yaml\n", "yaml"),
        ("plugins/modules/x.py", "def f():\n    import asyncio\n", "asyncio is too slow"),
        ("plugins/module_utils/x.py", "from urllib import request\n", "urllib.request is too slow"),
        ("plugins/module_utils/x.py", "import http.client\n", "http.client is too slow"),
        ("plugins/module_utils/x.py", "from ansible.module_utils.basic import AnsibleModule\n", "AnsibleModule"),
        ("plugins/module_utils/x.py", "from ..plugin_utils import bundle\n", "plugin_utils.bundle"),
        ("plugins/module_utils/x.py", "import tomllib\n", "tomllib"),
        ("plugins/plugin_utils/x.py", "from ansible.errors import AnsibleError\n", "ansible.errors"),
        ("plugins/plugin_utils/x.py", "from . import role_source\n", "brings Ansible"),
        ("plugins/action/x.py", "from ansible_collections.community.general.plugins import y\n", "community"),
        ("plugins/action/x.py", f"from {OURS}.modules import audit\n", "modules.audit"),
    ],
)
def test_refused(name: str, source: str, word: str) -> None:
    problems = file_problems(source, name)
    assert len(problems) == 1
    assert word in problems[0]


def test_a_slow_module_behind_another_one(tree: Tree) -> None:
    tree.write("plugins/module_utils/mail.py", "import smtplib\n")
    assert any("mail loads" in problem and "ssl" in problem for problem in tree.problems(check))


def test_a_file_that_does_not_import(tree: Tree) -> None:
    tree.write("plugins/module_utils/broken.py", "from .nothing import here\n")
    assert any("can't be imported" in problem for problem in tree.problems(check))


def test_a_role_that_reads_the_catalogue(tree: Tree) -> None:
    assert tree.problems(check) == []
    tree.write(
        "roles/lamp/tasks/main.yml", "---\n- name: Read\n  ansible.builtin.slurp:\n    src: catalog/claims.yml\n"
    )
    assert tree.problems(check) == ["roles/lamp/tasks/main.yml:4: a role never reads catalog/"]
