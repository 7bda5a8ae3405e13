# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of the reports that are one HTML page, need nothing else and run no script."""

from __future__ import annotations

from html import escape

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --red: #c22f2a; --amber: #a9520c; --grey: #5d6878; }
body { font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; margin: 0 auto;
  max-width: 90rem; padding: 1rem 1.25rem 3rem; }
h1 { font-size: 1.6rem; margin: .3rem 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .2rem; }
p { margin: .2rem 0 .8rem; } .soft { opacity: .75; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .35rem .6rem;
  border-bottom: 1px solid var(--line); } th { background: var(--soft); white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .82em ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere;
  display: block; }
.mark { color: #fff; background: var(--grey); border-radius: 4px; padding: .05rem .4rem; font-size: .8rem;
  white-space: nowrap; display: inline-block; margin: 0 .2rem .15rem 0; }
.scroll { overflow-x: auto; }
@media print { body { max-width: none; font-size: 11px; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""


def page(title: str, body: str, style: str = "") -> str:
    """A page. ``body`` and ``style`` are HTML and CSS already; ``title`` is text and becomes the heading too."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_STYLE}{style.lstrip()}</style>
</head>
<body>
<h1>{escape(title)}</h1>
{body}
</body>
</html>
"""
