# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup: a template file, filled in."""

from __future__ import annotations

DOCUMENTATION = r"""
name: role_template
short_description: Fill in a template file
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Does what P(ansible.builtin.template#lookup) does with its defaults, but for copying every variable of the host for
    each file, which took longer than filling it in.
  - C(template_path), C(ansible_managed) and the other variables that it adds are not there.
options:
  _terms:
    description: Names of files, looked for as for that lookup, in C(templates) of the role first.
    type: list
    elements: str
    required: true
  template_vars:
    description: More variables, over the host's own.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Keep a file
  ringfence.callcenter.managed_files:
    managed_by: example
    files:
      - path: /etc/example.conf
        content: "{{ lookup('ringfence.callcenter.role_template', 'example.conf.j2') }}"
"""

RETURN = r"""
_raw:
  description: The text of each file.
  type: list
  elements: str
"""

import os
from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.template import trust_as_template

#: As the template lookup and module have it.
_OVERRIDES = {"trim_blocks": True}


class LookupModule(LookupBase):  # type: ignore[misc]  # ansible-core ships no types
    """What Ansible loads."""

    def run(self, terms: Sequence[str], variables: Mapping[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """The texts of template files; AnsibleLookupError names one that is not there."""
        given: dict[str, Any] = dict(variables or {})
        scope: ChainMap[str, Any] = ChainMap(kwargs.get("template_vars") or {}, given)
        folders = [path for base in given.get("ansible_search_path", []) for path in (f"{base}/templates", base)]
        found = []
        for term in terms:
            file = self.find_file_in_search_path(given, "templates", term)
            if not file:
                raise AnsibleLookupError(f"there is no template file {term}")
            text = trust_as_template(self._loader.get_text_file_contents(file))
            templar = self._templar.copy_with_new_env(
                available_variables=scope, searchpath=[os.path.dirname(file), *folders]
            )
            found.append(templar.template(text, escape_backslashes=False, overrides=_OVERRIDES))
        return found
