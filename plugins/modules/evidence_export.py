# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the evidence_export action, which runs on the controller alone."""

from __future__ import annotations

DOCUMENTATION = r"""
module: evidence_export
short_description: Write an evidence bundle in the formats of other programs, and as a PDF
version_added: 0.1.0
description:
  - Reads a sealed bundle, refuses it when any of its files is not as it was sealed, and writes what other programs
    import.
  - The bundle is not changed. The same bundle gives the same files, which can be made again at any time.
  - A format whose Python package is not installed on the controller makes the task fail after all other formats were
    written; a warning says what to install.
  - Runs on the controller and contacts no host. Use it with C(run_once).
extends_documentation_fragment:
  - ringfence.callcenter.attributes
attributes:
  check_mode:
    support: full
    details: Says which files would be written.
  diff_mode:
    support: none
    details: The files are for other programs.
  idempotent:
    support: full
    details: Files that are there with the same content stay.
options:
  bundle:
    description: Folder of a sealed bundle, or the link C(latest) of an evidence folder.
    type: path
    required: true
  formats:
    description:
      - V(csv), a table each of findings, requirements, claims, hosts and accounts.
      - V(xlsx), the same tables in one workbook. Needs the Python package C(openpyxl) on the controller.
      - V(junit), for CI servers.
      - V(xccdf), XCCDF 1.2 with a test result a host.
      - V(oscal), OSCAL assessment results and a component definition.
      - V(hdf), the Heimdall Data Format, a file a host.
      - V(pdf), the report to file, to sign and to print. Needs the Python package C(WeasyPrint) on the controller, and
        of the system the libraries Pango and HarfBuzz and a font.
    type: list
    elements: str
    choices: [csv, xlsx, junit, xccdf, oscal, hdf, pdf]
    required: true
  directory:
    description: Where the files go. By default C(exports/RUN) in the evidence folder of the bundle.
    type: path
author:
  - The ringfence.callcenter developers (@ringfence)
seealso:
  - module: ringfence.callcenter.evidence_bundle
"""

EXAMPLES = r"""
- name: Export the last audit for a CI server and for a spreadsheet
  ringfence.callcenter.evidence_export:
    bundle: "{{ inventory_dir }}/evidence/latest"
    formats: [junit, csv]
  run_once: true
"""

RETURN = r"""
run:
  description: The name of the run that was exported.
  returned: always
  type: str
  sample: 20261121T214100Z-3f9a1c
directory:
  description: Where the files are.
  returned: always
  type: str
  sample: /srv/site/evidence/exports/20261121T214100Z-3f9a1c
missing:
  description: The formats that could not be written. A warning says what they need.
  returned: always
  type: list
  elements: str
  sample: [xlsx]
files:
  description: Every file of the formats asked for.
  returned: always
  type: list
  elements: str
  sample: [/srv/site/evidence/exports/20261121T214100Z-3f9a1c/junit.xml]
"""
