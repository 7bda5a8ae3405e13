# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the client_pack action, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: client_pack
short_description: Draw from an evidence bundle what one client may see
version_added: 0.1.0
description:
  - Reads a sealed bundle, refuses it when any of its files is not as it was sealed, and makes a bundle of its own that
    holds what one client of the call centre may see. C(docs/client_pack.md) has the rules.
  - The client's own hosts are there in full, shared hosts by kind and status alone, and nothing of other clients.
    Requirements and claims are judged anew over what is shown.
  - Before the pack is there, every byte of it is searched for what names other clients. A hit refuses the pack, and
    nothing of it is kept.
  - Runs on the controller and contacts no host. Use it with C(run_once).
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
    details: The pack is made and searched as well, and then thrown away.
  diff_mode:
    support: none
    details: A pack is for other people.
  idempotent:
    support: full
    details: A pack that is there with the same content stays. One that would differ is refused, not replaced.
options:
  client:
    description: The client's name in the site model.
    type: str
    required: true
  bundle:
    description: Folder of a sealed bundle, or the link C(latest) of an evidence folder.
    type: path
    required: true
  directory:
    description:
      - Where packs go; the pack is the folder C(CLIENT/RUN) in it. By default C(packs) in the evidence folder of the
        bundle.
    type: path
  signing_key:
    description:
      - Path of the SSH private key that signs the pack, or of a public one whose other half is in the agent. Without
        it the pack is not signed.
    type: path
author:
  - The ringfence.callcenter developers (@ringfence)
seealso:
  - module: ringfence.callcenter.evidence_bundle
  - module: ringfence.callcenter.evidence_export
"""

EXAMPLES = r"""
- name: Draw a signed pack for one client from the last audit
  ringfence.callcenter.client_pack:
    client: acme
    bundle: "{{ inventory_dir }}/evidence/latest"
    signing_key: ~/.ssh/id_ed25519
  run_once: true
"""

RETURN = r"""
path:
  description: The folder of the pack.
  returned: always
  type: str
  sample: /srv/site/evidence/packs/acme/20261121T214100Z-3f9a1c
run:
  description: The run whose bundle it was drawn from.
  returned: always
  type: str
  sample: 20261121T214100Z-3f9a1c
manifest_sha256:
  description: The hash of the pack's manifest.
  returned: always
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
own_hosts:
  description: How many hosts of the client it holds.
  returned: always
  type: int
  sample: 12
shared_hosts:
  description: How many shared hosts it holds by kind and status.
  returned: always
  type: int
  sample: 4
withheld:
  description: How many texts were withheld because they named somebody else, by where they stood.
  returned: always
  type: dict
  sample: {"records of own hosts": 1}
not_searched_alone:
  description: >-
    Words of other clients that are short or everyday words. They were searched for only where they follow C(client) or
    C(segment).
  returned: always
  type: list
  elements: str
  sample: [travel]
"""
