# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the evidence_store action, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: evidence_store
short_description: Keep evidence of many runs and sites in an SQL database
version_added: 0.1.0
description:
  - Puts those bundles of an evidence folder into a store that are missing there or differ, for history and trends over
    many runs and sites. The bundles stay the source of truth, the store can be made from them again.
  - A bundle that is not as it was sealed is refused.
  - Runs on the controller and contacts no host. Needs the Python package C(SQLAlchemy), and C(psycopg) for PostgreSQL.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: partial
    details: The task is skipped.
  diff_mode:
    support: none
    details: The bundles are what there is to compare.
  idempotent:
    support: full
    details: Runs that are there stay as they are.
options:
  directory:
    description: The evidence folder with the bundles.
    type: path
    required: true
  store:
    description:
      - V(sqlite) is the file C(evidence.sqlite) in the evidence folder.
      - Or a URL, C(sqlite:///FILE) or C(postgresql://USER@HOST/DATABASE). One with a password is refused, libpq reads
        the file that C(PGPASSFILE) names.
    type: str
    default: sqlite
  rebuild:
    description: Forget first what the store has of the sites of this folder.
    type: bool
    default: false
  site:
    description: Name of the site that RV(trend) tells of. By default all of the store.
    type: str
author:
  - The ringfence.callcenter developers (@ringfence)
seealso:
  - module: ringfence.callcenter.evidence_bundle
"""

EXAMPLES = r"""
- name: Keep the history of this site in a file beside its bundles
  ringfence.callcenter.evidence_store:
    directory: "{{ inventory_dir }}/evidence"
  run_once: true
"""

RETURN = r"""
store:
  description: The store's URL.
  returned: when not in check mode
  type: str
  sample: sqlite:////srv/site/evidence/evidence.sqlite
runs:
  description: The runs that were put in.
  returned: when not in check mode
  type: list
  elements: str
  sample: [20261121T214100Z-3f9a1c]
trend:
  description: Every run of the site, or of all sites, oldest first, with the number of findings of each status.
  returned: when not in check mode
  type: list
  elements: dict
  sample:
    - site: demo
      title: Demo call centre
      run: 20261121T214100Z-3f9a1c
      started_at: '2026-11-21T21:41:00Z'
      hosts: 6
      observed: 6
      pass: 489
      fail: 0
      error: 0
      not_observed: 0
      excepted: 0
      not_applicable: 75
"""
