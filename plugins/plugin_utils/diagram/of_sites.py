# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of all sites of an inventory, for the bundle of an audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import redaction
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram import graphviz, picture
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.file_names import readable
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import SiteVariables


def pictures(
    sites: Sequence[SiteVariables], secrets: Sequence[str] = (), draw: Callable[[str], str] = graphviz.draw
) -> dict[str, str]:
    """SVG texts by name: ``network`` and ``data-flow``, with the site's name before them when there are several.

    Raises graphviz.DrawingError.
    """
    made = {}
    for site in sites:
        prefix = f"{readable(site.name)}-" if len(sites) > 1 else ""
        said = [site.about, site.segments, site.flows, site.hosts, site.administration]
        about, segments, flows, hosts, administration = redaction.redact(redaction.mask(said), secrets)
        for view in picture.VIEWS:
            made[f"{prefix}{view}"] = picture.render(
                about, segments, flows, hosts, view=view, administration=administration, draw=draw
            )
    return made
