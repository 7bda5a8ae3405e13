# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site model: one ``site.yml`` that says which segments, clients, hosts and flows a site has.

The way of the data, one file a step:

    document   text -> plain data, and the line of every key
    schema     plain data -> well-shaped data (names, types, choices)
    build      well-shaped data -> model objects, checked against each other (addresses, references, flows)
    groups     model -> groups and variables;  rules: model -> firewall rules of every host

Standard library and PyYAML only. Callers need two names: :func:`.build.load_site` (raises
:class:`.problems.SiteModelError` with every problem found) and :func:`.groups.inventory_of`.
"""

from __future__ import annotations
