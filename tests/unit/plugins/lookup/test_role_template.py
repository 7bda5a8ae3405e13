# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup gives the very text that Ansible's own gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar, trust_as_template

from ansible_collections.ringfence.callcenter.plugins.lookup.role_template import LookupModule

TEXT = """\
# {{ name }} {{ list | join(',') }}
{% for one in list %}
  line {{ one }}\\n
{% endfor %}
{% include 'part.j2' %}

{{ nested }}
"""
VARIABLES = {"name": "acme", "list": [1, 2], "nested": trust_as_template("{{ name }}!")}


def text(lookup: Any, folder: Path, **options: Any) -> str:
    """What a lookup makes of the template in a role's folder."""
    variables = {**VARIABLES, "ansible_search_path": [str(folder)]}
    lookup._loader = DataLoader()
    lookup._templar = Templar(loader=lookup._loader, variables=variables)
    (found,) = lookup.run(["some.j2"], variables, **options)
    return str(found)


@pytest.fixture
def role(tmp_path: Path) -> Path:
    """A role's folder with a template that includes another."""
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "some.j2").write_text(TEXT, encoding="utf-8")
    (folder / "part.j2").write_text("part of {{ name }}", encoding="utf-8")
    return tmp_path


def test_as_the_lookup_of_ansible(role: Path) -> None:
    mine = text(LookupModule(), role)
    assert mine == text(lookup_loader.get("template"), role)
    assert "line 2\\n" in mine
    assert "part of acme" in mine


def test_more_variables(role: Path) -> None:
    mine = text(LookupModule(), role, template_vars={"name": "globex"})
    assert mine == text(lookup_loader.get("template"), role, template_vars={"name": "globex"})
    assert mine.startswith("# globex 1,2\n")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AnsibleLookupError, match=r"some\.j2"):
        text(LookupModule(), tmp_path)
