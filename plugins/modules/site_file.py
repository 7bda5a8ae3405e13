#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of this name, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_file
short_description: Write the file of a new site model
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Checks a site model as a whole and writes it, in one step. A model with a mistake in it is not written.
  - A file that is there already is never touched; the task fails.
  - Runs on the controller and contacts no host. The playbook C(new_site) uses it.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: none
    details: It writes new files only.
options:
  path:
    description: The file, C(site.yml) or C(NAME.site.yml). Its folder is made where there is none.
    type: path
    required: true
  content:
    description: The model.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Write a model from a template of yours
  ringfence.callcenter.site_file:
    path: inventories/mysite/site.yml
    content: "{{ lookup('ansible.builtin.template', 'mysite.yml.j2') }}"
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
hosts:
  description: The names of the model's hosts.
  returned: success
  type: list
  elements: str
segments:
  description: The names of its segments.
  returned: success
  type: list
  elements: str
"""
