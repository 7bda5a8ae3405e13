# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the static page to the PDF: tagged, without anything from outside, the same bytes every time."""

from __future__ import annotations

from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.optional_library import MissingLibrary, library

_PACKAGE = "WeasyPrint"
_SYSTEM = "Pango and HarfBuzz, in Debian libpangoft2-1.0-0 and libharfbuzz-subset0"
#: PDF/UA: tagged, with a title and a language, for readers who do not see it.
_VARIANT = "pdf/ua-1"


def _has_fonts() -> bool:
    """Whether the system has any font: without one there would be pages, and nothing on them."""
    fontconfig = library("weasyprint.text.ffi", _PACKAGE, _SYSTEM).fontconfig
    config = fontconfig.FcInitLoadConfigAndFonts()
    try:
        return bool(fontconfig.FcConfigGetFonts(config, fontconfig.FcSetSystem).nfont)
    finally:
        fontconfig.FcConfigDestroy(config)


def render(page: str, identifier: str) -> bytes:
    """The PDF of a page that needs nothing else.

    identifier: a text that is the same for the same content; it becomes the document's id.
    """
    weasyprint = library("weasyprint", _PACKAGE, _SYSTEM)
    if not _has_fonts():
        raise MissingLibrary("no font is installed on the controller, in Debian for example fonts-dejavu-core")
    fonts = library("weasyprint.text.fonts", _PACKAGE, _SYSTEM)
    fetcher = library("weasyprint.urls", _PACKAGE, _SYSTEM).URLFetcher
    # A picture may refer to something outside, whoever drew it: nothing is fetched but what the page carries.
    inside = fetcher(allowed_protocols=("data",), allow_redirects=False)
    options: dict[str, Any] = {"pdf_variant": _VARIANT, "pdf_identifier": identifier[:32].encode("ascii")}
    source = weasyprint.HTML(string=page, url_fetcher=inside)
    content: bytes = source.write_pdf(font_config=fonts.FontConfiguration(), **options)
    return content
