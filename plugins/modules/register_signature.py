# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the register_signature action, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: register_signature
short_description: Sign an entry of a site's registers with an SSH key
version_added: 0.1.0
description:
  - Signs one exception or attestation of the site's registers, so that the audit takes it into account.
  - The signature is made and checked by C(ssh-keygen -Y). It goes into C(signatures/KIND/ID.sig) beside the registers.
    The registers themselves are not touched.
  - Nothing is signed when a register is malformed, when the evidence file has another hash than the entry says, or when
    the file C(signers) does not list the key for the person who is said to sign.
  - Runs on the controller and contacts no host.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
    details: The key is tried in check mode too; no signature is left behind.
  diff_mode:
    support: none
    details: A signature says nothing to a reader.
  idempotent:
    support: full
options:
  entry:
    description: Id of the entry.
    type: str
    required: true
  key:
    description:
      - Path of the private key, of which only ssh-keygen reads the content. It is asked for no passphrase.
      - With the path of the public half, the key is taken from the agent.
    type: path
    required: true
  registers:
    description: Folder with the registers.
    type: path
    required: true
author:
  - The ringfence.callcenter developers (@ringfence)
seealso:
  - module: ringfence.callcenter.evidence_bundle
"""

EXAMPLES = r"""
- name: Sign the attestation about the shredder
  ringfence.callcenter.register_signature:
    entry: AT-2026-004
    key: ~/.ssh/id_ed25519
    registers: "{{ inventory_dir }}/registers"
"""

RETURN = r"""
path:
  description: The file with the signature.
  returned: success
  type: str
  sample: /srv/site/registers/signatures/attestation/AT-2026-004.sig
kind:
  description: Which register the entry belongs to, V(exception) or V(attestation).
  returned: success
  type: str
signed_by:
  description: The person whose signature it is.
  returned: success
  type: str
expires:
  description: The last day on which the entry counts.
  returned: success
  type: str
  sample: '2027-11-20'
"""
