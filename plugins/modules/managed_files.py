#!/usr/bin/python
# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module face of module_utils/managed_files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: managed_files
short_description: Keep a set of files, all or none, and be able to put them back
version_added: 0.1.0
author:
  - The ringfence.callcenter developers (@ringfence)
description:
  - Writes all files of a role in one call. No file goes live before every validator has accepted its candidate.
  - Each file is replaced atomically and durably in its own folder. A run that dies half-way is completed by the next.
  - Before the first change to a path its content, mode, owner and group, or that it did not exist, are saved to
    C(/var/lib/ringfence/originals/ROLE), which only root can read. I(state=absent) restores them exactly.
  - Settings of a site that a file loses when it is written for the first time are named in a warning, by name and
    without their values. A file as its package delivered it has none.
  - Links are not followed; a link in the place of a file is replaced, and restored as a link.
  - Extended attributes and ACLs are neither set nor saved.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
  - ringfence.callcenter.attributes.full
attributes:
  check_mode:
    details: The validators run in check mode too. One that is not installed yet is a warning there.
options:
  managed_by:
    description:
      - Whose files these are, usually the name of a role. One path belongs to one role.
    type: str
    required: true
  state:
    description:
      - V(present) makes every path as listed.
      - V(absent) puts back every path that the role ever changed, whatever is listed, and removes its store.
        Folders that were made on the way go when they are empty.
    type: str
    choices: [present, absent]
    default: present
  files:
    description: The files.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path in plain form.
        type: path
        required: true
      content:
        description: The whole content. Exactly one of O(files[].content) and O(files[].secret_content) is needed.
        type: str
      secret_content:
        description: The whole content, when it must appear in no log, output or difference.
        type: str
      mode:
        description: Four octal digits in quotes.
        type: str
        default: '0644'
      owner:
        description: User name or number.
        type: str
        default: root
      group:
        description: Group name or number.
        type: str
        default: root
      validate:
        description:
          - Command as a list of words, V(%s) being the path of the candidate. It must exit with 0.
          - Runs only when the content would change.
        type: list
        elements: str
        default: []
      no_diff:
        description: Do not show the content in a difference.
        type: bool
        default: false
      needs:
        description:
          - Command as a list of words that tells whether the file has a meaning on this host, for example whether a
            program is installed or knows an option. It must change nothing; it is run in check mode too.
          - When it is not found or exits with anything but 0 the file counts as not listed.
        type: list
        elements: str
        default: []
      carry:
        description:
          - Patterns of whole lines. Those of the file as it was before the first write stay, at the end, unless
            O(files[].content) has a setting of the same name.
        type: list
        elements: str
        default: []
      refuse:
        description: What the file as it was before the first write must not have, because others would stop working.
        type: list
        elements: dict
        default: []
        suboptions:
          search:
            description: Pattern that is searched in the whole text.
            type: str
            required: true
          reason:
            description: What is said, with the way out.
            type: str
            required: true
      notices:
        description: What is said before the first write when another file shows that it is concerned.
        type: list
        elements: dict
        default: []
        suboptions:
          paths:
            description: The other files; C(*) and C(?) are allowed.
            type: list
            elements: str
            required: true
          search:
            description: Pattern that is searched in their lines, comments aside.
            type: str
            required: true
          text:
            description: What is said.
            type: str
            required: true
  blocks:
    description:
      - Blocks in files of others, between two lines that name the role. A new block goes to the end of the file, one
        that is there is replaced where it is. All other bytes stay as they are, whatever their encoding.
      - A file that is not there has no block. I(state=absent) takes the block out and leaves what others changed since.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path in plain form.
        type: path
        required: true
      content:
        description: The lines of the block, without the two that mark it.
        type: str
        required: true
      validate:
        description: As for O(files[].validate), the candidate being the whole file.
        type: list
        elements: str
        default: []
  directories:
    description: Folders whose mode, owner and group matter. Their content is left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path in plain form.
        type: path
        required: true
      mode:
        description: Four octal digits in quotes.
        type: str
        default: '0755'
      owner:
        description: User name or number.
        type: str
        default: root
      group:
        description: Group name or number.
        type: str
        default: root
  directory_mode:
    description: Mode of parent folders that are missing. They belong to the user of the connection.
    type: str
    default: '0755'
  exclusive:
    description: Put back paths that this role changed earlier and that are not listed any more.
    type: bool
    default: false
  activate:
    description:
      - Commands that make changed files take effect, such as a reload. Unlike a handler, a command is owed on the
        host itself, so that a later run makes up for one that was interrupted or failed.
    type: list
    elements: dict
    default: []
    suboptions:
      argv:
        description: The command as a list of words.
        type: list
        elements: str
        required: true
      paths:
        description: The paths after whose change it runs. Without any, after every change.
        type: list
        elements: path
        default: []
"""

EXAMPLES = r"""
- name: Configure files of a role
  ringfence.callcenter.managed_files:
    managed_by: login_delay
    files:
      - path: /etc/sudoers.d/ringfence-login-delay
        content: |
          Defaults passwd_tries=3
        mode: '0440'
        validate: [/usr/sbin/visudo, -cf, '%s']
      - path: /etc/ssh/sshd_config.d/10-example.conf
        content: |
          MaxAuthTries 3
        mode: '0600'
        validate: [/usr/sbin/sshd, -t, -f, '%s']
    activate:
      - argv: [systemctl, try-reload-or-restart, ssh.service]
        paths: [/etc/ssh/sshd_config.d/10-example.conf]

- name: Have a line at the end of a file that others write too
  ringfence.callcenter.managed_files:
    managed_by: idle_sessions
    blocks:
      - path: /etc/bash.bashrc
        content: readonly TMOUT=900

- name: Put everything back
  ringfence.callcenter.managed_files:
    managed_by: login_delay
    state: absent
    activate:
      - argv: [systemctl, try-reload-or-restart, ssh.service]
        paths: [/etc/ssh/sshd_config.d/10-example.conf]
"""

RETURN = r"""
files:
  description: Every file of the call, with those put back.
  returned: success
  type: list
  elements: dict
  sample: [{"path": "/etc/ssh/sshd_config.d/10-example.conf", "changed": true}]
directories:
  description: Every folder of the call, with those made on the way or put back.
  returned: success
  type: list
  elements: dict
  sample: [{"path": "/etc/example", "changed": false}]
changed_paths:
  description: The paths that were changed.
  returned: success
  type: list
  elements: str
  sample: [/etc/ssh/sshd_config.d/10-example.conf]
commands:
  description: The commands that were run, or in check mode would be.
  returned: success
  type: list
  elements: list
  sample: [[systemctl, try-reload-or-restart, ssh.service]]
errors:
  description: Everything that was wrong with the call, one sentence each.
  returned: failure
  type: list
  elements: str
  sample: ["/etc/a is listed twice"]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.ringfence.callcenter.plugins.module_utils import managed_options
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_call import run
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_plan import ManagedFilesError

ARGUMENT_SPEC: dict[str, Any] = managed_options.options()


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        result = run(module.params, check_mode=module.check_mode, with_diff=module._diff)
    except ManagedFilesError as error:
        module.fail_json(msg=str(error), errors=error.errors)
    except OSError as error:
        module.fail_json(msg=str(error), errors=[str(error)])
    for said in result.pop("warnings", []):
        module.warn(said)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
