# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the evidence_trends action, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: evidence_trends
short_description: Write the history of one or many sites from an evidence store
version_added: 0.1.0
description:
  - Writes what M(ringfence.callcenter.evidence_store) keeps, as a page to read, as CSV and as JSON. It tells how many
    findings were open in each run, since when each of those that are open now has been, and at which run the evidence
    of a requirement changed.
  - Runs on the controller and contacts no host. Needs the Python package C(SQLAlchemy), and C(psycopg) for PostgreSQL.
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: The files are for people and other programs to read.
  idempotent:
    support: full
options:
  directory:
    description: Where the files go. It is made where there is none.
    type: path
    required: true
  evidence:
    description: The evidence folder, in which the store V(sqlite) is.
    type: path
    required: true
  store:
    description: As of M(ringfence.callcenter.evidence_store).
    type: str
    default: sqlite
  site:
    description: Name of the site to tell of. By default all of the store.
    type: str
  since:
    description: The first day whose runs are shown, such as V(2026-01-31). What is open is counted from its own begin.
    type: str
author:
  - The ringfence.callcenter developers (@ringfence)
seealso:
  - module: ringfence.callcenter.evidence_store
"""

EXAMPLES = r"""
- name: Write the history of every site that shares a database
  ringfence.callcenter.evidence_trends:
    directory: "{{ inventory_dir }}/evidence/trends"
    evidence: "{{ inventory_dir }}/evidence"
    store: postgresql://auditor@db1/evidence
  run_once: true
"""

RETURN = r"""
files:
  description: The files.
  returned: success
  type: list
  elements: str
  sample:
    - /srv/site/evidence/trends/trends.html
    - /srv/site/evidence/trends/trends.csv
    - /srv/site/evidence/trends/trends.json
sites:
  description: Each site with its newest run, how many runs are shown, and how many findings are open in the newest.
  returned: success
  type: list
  elements: dict
  sample:
    - site: demo
      runs: 12
      run: 20261121T214100Z-3f9a1c
      started_at: '2026-11-21T21:41:00Z'
      open: 2
"""
