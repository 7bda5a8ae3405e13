# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacked bars over time as SVG, with a text for whoever cannot see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 150
_LEFT, _TOP, _BOTTOM = 40, 8, 22
#: More runs than that make bars that nobody can tell apart: the newest are shown.
MOST_BARS = 90


def bars(
    rows: Sequence[tuple[str, Mapping[str, int]]], kinds: Mapping[str, str], *, title: str, description: str
) -> str:
    """One bar for each row, a label and how many there are of each kind, the first kind at the bottom.

    kinds: name to class of the style sheet, in the order of the stack.
    """
    shown = rows[-MOST_BARS:]
    totals = [sum(numbers[kind] for kind in kinds) for _label, numbers in shown]
    top = max([*totals, 1])
    step = (WIDTH - _LEFT) / max(len(shown), 12)
    drawn = [_axis(top)]
    for place, (label, numbers) in enumerate(shown):
        level = 0.0
        for kind, style in kinds.items():
            if not numbers[kind]:
                continue
            height = numbers[kind] / top * (HEIGHT - _TOP - _BOTTOM)
            level += height
            words = f"{label}: {numbers[kind]} {kind.replace('_', ' ')}"
            drawn.append(
                f'<rect class="{style}" x="{_LEFT + place * step + 1:.1f}" y="{HEIGHT - _BOTTOM - level:.1f}" '
                f'width="{max(step - 2, 1):.1f}" height="{max(height, 1):.1f}"><title>{escape(words)}</title></rect>'
            )
    if shown:
        drawn.append(_label(_LEFT, "start", shown[0][0]))
    if len(shown) > 1:
        drawn.append(_label(_LEFT + len(shown) * step, "end", shown[-1][0]))
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {HEIGHT}" xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>'
        f"<desc>{escape(description)}</desc>{''.join(drawn)}</svg>"
    )


def _axis(top: int) -> str:
    base = HEIGHT - _BOTTOM
    return (
        f'<path class="axis" d="M{_LEFT} {_TOP}V{base}H{WIDTH}"/>'
        f'<text x="{_LEFT - 5}" y="{_TOP + 9}" text-anchor="end">{top}</text>'
        f'<text x="{_LEFT - 5}" y="{base}" text-anchor="end">0</text>'
    )


def _label(x: float, anchor: str, text: str) -> str:
    return f'<text x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{escape(text)}</text>'
