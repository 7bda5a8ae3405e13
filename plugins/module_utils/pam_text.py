# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts that pam-auth-update reads and writes, compared line by line.

Three texts matter for each type of stack: the profiles (``/usr/share/pam-configs/NAME``), what was generated last
(``/var/lib/pam/TYPE``: ``Module: NAME`` and its lines) and what is live (``/etc/pam.d/common-TYPE``, where two marked
blocks hold the generated lines). A *stack line* is ``CONTROL MODULE ARGUMENTS`` without the type in front; ``end`` in a
control stands for a jump to the end of the block and is a number in the live file.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

TYPES = ("auth", "account", "password", "session", "session-noninteractive")

PRIMARY = '# here are the per-package modules (the "Primary" block)'
FALLBACK = "# here's the fallback if no module succeeds"
ADDITIONAL = '# and here are more per-package modules (the "Additional" block)'
END = "# end of pam-auth-update config"

_STACK_LINE = re.compile(r"^(?P<control>\[[^]]+\]|\w+)\s+(?P<module>\S+)\s*(?P<args>.*)$")


@dataclass(frozen=True)
class Live:
    """A line inside one of the two blocks of a live file: its index in the file and how many follow in its block."""

    index: int
    text: str
    jump_to_end: int


@dataclass
class Alignment:
    """How a live file and the lines generated last belong together.

    matched: live index -> the profile whose line it is. foreign: live lines that no profile wrote. missing: (profile,
    line) that are not live, or whose jump does not end where it should.
    """

    matched: dict[int, str] = field(default_factory=dict)
    foreign: list[Live] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)


def parse_profile(text: str) -> dict[str, str]:
    """The fields of a profile; continued lines are joined by newlines, as pam-auth-update does."""
    fields: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        start = re.match(r"^(\S+):\s+(.*?)\s*$", line)
        bare = re.match(r"^(\S+):$", line)
        if start:
            name = re.sub(r"-Final$", "", start[1])
            fields[name] = start[2]
        elif bare:
            name = re.sub(r"-Final$", "", bare[1])
            fields[name] = ""
        elif name and line.strip():
            fields[name] = f"{fields[name]}\n{line.strip()}".lstrip("\n")
    if fields.get("Session-Interactive-Only") != "yes":
        for suffix in ("-Type", "", "-Initial"):
            if f"Session{suffix}" in fields:
                fields[f"Session-noninteractive{suffix}"] = fields[f"Session{suffix}"]
    return fields


def profile_lines(fields: Mapping[str, str], kind: str) -> list[list[str]]:
    """The lines that a profile may put into a stack of this type: its usual ones and those for the first place."""
    name = kind.capitalize()
    variants = [fields[key].split("\n") for key in (name, f"{name}-Initial") if fields.get(key)]
    return variants if fields.get(f"{name}-Type") else []


def parse_saved(text: str) -> list[tuple[str, str]]:
    """(profile, line) of what was generated last, in order."""
    found: list[tuple[str, str]] = []
    module = ""
    for line in text.splitlines():
        if line.startswith("Module: "):
            module = line[len("Module: ") :]
        elif line.strip():
            found.append((module, line))
    return found


def parse_live(text: str, kind: str) -> list[Live] | None:
    """The lines inside the two blocks of a live file, None when its markers are not all there."""
    prefix = re.compile(rf"^{kind.replace('-noninteractive', '')}\s+")
    blocks: list[list[tuple[int, str]]] = [[], []]
    markers = [PRIMARY, FALLBACK, ADDITIONAL, END]
    state = 0
    for index, line in enumerate(text.splitlines()):
        if state < 4 and line.startswith(markers[state]):
            state += 1
        elif state in (1, 3):
            blocks[state // 2].append((index, prefix.sub("", line)))
    if state < 4:
        return None
    found = []
    for additional, block in enumerate(blocks):
        for position, (index, line) in enumerate(block):
            # pam-auth-update counts one less in the second block, so that nothing jumps off the stack.
            found.append(Live(index, line, len(block) - position - additional))
    return found


def key(line: str) -> str:
    """What pam-auth-update recognises a line by: control without its jump, and module."""
    match = _STACK_LINE.match(line.strip())
    if match is None:
        return line.strip()
    control = re.sub(r"(\[[^0-9]*)[0-9]+(.*\])", r"\1\2", match["control"])
    control = re.sub(r"(\[.*)end(.*\])", r"\1\2", control)
    return f"{control} {match['module']}"


def module_of(line: str) -> str:
    """The module of a stack line, such as pam_unix.so; empty when it is none."""
    match = _STACK_LINE.match(line.strip())
    return match["module"].rsplit("/", 1)[-1] if match else ""


def plain(line: str, jump_to_end: int | None = None) -> str:
    """A line with single spaces, and with its jump to the end as a number if that is given."""
    match = _STACK_LINE.match(line.strip())
    if match is None:
        return " ".join(line.split())
    control = match["control"]
    if jump_to_end is not None:
        control = re.sub(r"\bend\b", str(jump_to_end), control)
    return " ".join(f"{control} {match['module']} {match['args']}".split())


def align(
    live: Sequence[Live],
    saved: Sequence[tuple[str, str]],
    ours: Iterable[str],
    same_as_ours: Callable[[str, str], bool] = operator.eq,
) -> Alignment:
    """Find for each live line the generated one it is: ours must be the same, others may carry edited options."""
    own = set(ours)
    result = Alignment()
    used: set[int] = set()
    start = 0
    for line in live:
        for position in range(start, len(saved)):
            profile, wanted = saved[position]
            if profile in own:
                same = same_as_ours(plain(wanted, line.jump_to_end), plain(line.text))
            else:
                same = key(wanted) == key(line.text)
            if same:
                result.matched[line.index] = profile
                used.add(position)
                start = position + 1
                break
        else:
            result.foreign.append(line)
    result.missing = [entry for position, entry in enumerate(saved) if position not in used]
    return result


def _bare(line: str) -> str:
    """A line as it is compared when its jump may point anywhere."""
    match = _STACK_LINE.match(line.strip())
    return " ".join(f"{key(line)} {match['args'] if match else ''}".split())


def without(
    live_text: str, saved_text: str, kind: str, ours: Iterable[str], lines_of_ours: Iterable[str]
) -> tuple[str, str, list[Live]]:
    """Both texts without any line of ours, so that pam-auth-update can add them anew; and lines that no profile wrote.

    An edited line of ours counts as ours: it takes the place of one that is missing and names the same module, or it is
    one turned into a comment. Lines of others stay as they are, edited options included.
    """
    own = set(ours)
    saved = parse_saved(saved_text)
    live = parse_live(live_text, kind)
    new_saved = "".join(_section(name, lines) for name, lines in _sections(saved) if name not in own)
    if live is None:
        return live_text, new_saved, []
    found = align(live, saved, own)
    exact = {_bare(line) for line in lines_of_ours} | {_bare(line) for name, line in saved if name in own}
    gone = {index for index, profile in found.matched.items() if profile in own}
    gone |= {line.index for line in found.foreign if _bare(_uncommented(line.text)) in exact}
    missing = Counter(module_of(line) for name, line in found.missing if name in own)
    missing.subtract(Counter(module_of(_uncommented(line.text)) for line in found.foreign if line.index in gone))
    foreign = []
    for line in found.foreign:
        if line.index in gone:
            continue
        if missing[module_of(line.text)] > 0:
            missing[module_of(line.text)] -= 1
            gone.add(line.index)
        else:
            foreign.append(line)
    kept = [line for index, line in enumerate(live_text.splitlines(keepends=True)) if index not in gone]
    return "".join(kept), new_saved, foreign


def _uncommented(text: str) -> str:
    return re.sub(r"^#+\s*(?:(?:auth|account|password|session)\s+)?", "", text)


def _sections(saved: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    sections: list[tuple[str, list[str]]] = []
    for name, line in saved:
        if not sections or sections[-1][0] != name:
            sections.append((name, []))
        sections[-1][1].append(line)
    return sections


def _section(name: str, lines: Sequence[str]) -> str:
    return "".join([f"Module: {name}\n", *(f"{line}\n" for line in lines)])


def is_enabled(
    live_text: str,
    saved_text: str,
    kind: str,
    profiles: Mapping[str, Mapping[str, str]],
    *,
    same: Callable[[str, str], bool] = operator.eq,
    as_edited: Iterable[str] = (),
) -> bool:
    """Whether these profiles (name -> fields) are generated and live, each line of theirs exactly so and in order.

    same: what counts as the same line. as_edited: those of the profiles whose lines may carry edited options.
    """
    saved = parse_saved(saved_text)
    live = parse_live(live_text, kind)
    if live is None:
        return False
    sections = dict(_sections(saved))
    for name, fields in profiles.items():
        variants = profile_lines(fields, kind)
        wanted = [[" ".join(line.split()) for line in lines] for lines in variants]
        seen = [" ".join(line.split()) for line in sections.get(name, [])]
        if (wanted or seen) and seen not in wanted:
            return False
    strict = set(profiles) - set(as_edited)
    return not [name for name, _line in align(live, saved, strict, same).missing if name in profiles]


def is_disabled(live_text: str, saved_text: str, kind: str, profiles: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether none of these profiles is generated or has a line in the live blocks.

    A line that some other profile wrote as well does not count.
    """
    saved = parse_saved(saved_text)
    if any(name in profiles for name, _line in saved):
        return False
    live = parse_live(live_text, kind) or []
    exact = {_bare(line) for fields in profiles.values() for lines in profile_lines(fields, kind) for line in lines}
    matched = align(live, saved, profiles).matched
    return not any(_bare(line.text) in exact for line in live if line.index not in matched)
