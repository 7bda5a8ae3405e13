# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of YAML text that leave every other byte alone.

Libraries that load and dump a file keep most comments, but hang each on the key before it: when that key goes, the
comment of its neighbour goes with it, and what is appended lands behind the heading of the next part. So nothing is
dumped here: PyYAML says where a value begins and ends, and lines are cut and put in between.

The functions trust that the path exists. What a text can't take (an alias, say) shows in :mod:`.draft`, which compares
the data before and after every change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

Path = tuple[Any, ...]

# libyaml's, where PyYAML has it: ten times as fast, with the same marks.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDE = 10_000
_COMMENT = re.compile(r"\s*#")
# Text that YAML 1.1 reads as something else is quoted by the dumper; times of day and IPv6 for readers, too.
_QUOTED = re.compile(r"\d{1,2}:\d{2}|[0-9a-f:]*::.*", re.ASCII)


class _Dumper(yaml.SafeDumper):
    """Lists in one line inside of block mappings, as in the files that people write."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # its signature is PyYAML's
        return True


def _mapping(dumper: yaml.SafeDumper, data: Mapping[str, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=None)


def _sequence(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flat = all(not isinstance(entry, (Mapping, list)) for entry in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True if flat else None)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="'" if _QUOTED.fullmatch(data) else None)


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)
_Dumper.add_representer(str, _text)


def flow_text(value: Any) -> str:
    """A value in one line: ``[a, b]``, ``{a: 1}``, ``text``."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, sort_keys=False, width=_WIDE, allow_unicode=True
    )
    # One scalar alone ends with the marker of a document's end.
    return re.sub(r"\n\.\.\.\n?\Z", "", text).strip()


def block_text(value: Any, indent: int) -> list[str]:
    """A value as indented lines."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=False, sort_keys=False, width=_WIDE, allow_unicode=True
    )
    return [f"{' ' * indent}{line}" if line else line for line in text.splitlines()]


def _root(text: str) -> yaml.Node:
    node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    if node is None:
        raise LookupError("a text without a value has no paths")
    return node


def _child(node: yaml.Node, step: Any) -> tuple[yaml.Node, yaml.Node]:
    """The key (of a list: the item itself) and the value of a step."""
    if isinstance(node, yaml.SequenceNode):
        return node.value[step], node.value[step]
    for key, value in node.value:
        if key.value == step:
            return key, value
    raise KeyError(step)


def _at(text: str, path: Path) -> yaml.Node:
    node = _root(text)
    for step in path:
        node = _child(node, step)[1]
    return node


def _in_one_piece(node: yaml.Node) -> bool:
    """Whether a collection is written with brackets."""
    return bool(getattr(node, "flow_style", False))


def _last_line(node: yaml.Node, lines: list[str]) -> int:
    """The line on which a value really ends: PyYAML lets blocks reach to whatever comes next, comments included."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last, lines)
    line: int = node.end_mark.line
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        line -= 1
        while line > node.start_mark.line and not lines[line].strip():
            line -= 1
    return line


def _lines(text: str) -> list[str]:
    return text.split("\n")


def insert_entry(text: str, path: Path, key: str, value: Any, after: str | None = None) -> str:
    """A mapping with one more key: after another one, or at its end."""
    node = _at(text, path)
    if _in_one_piece(node) or not node.value:
        return _into_flow(text, node, f"{flow_text(key)}: {flow_text(value)}")
    lines = _lines(text)
    keys = [one for one, _value in node.value]
    _key, before = _child(node, after) if after is not None else node.value[-1]
    at = _last_line(before, lines) + 1
    new = block_text({key: value}, keys[0].start_mark.column)
    return "\n".join(_with_room(lines, at, new))


def append_item(text: str, path: Path, value: Any) -> str:
    """A list with one more item; a value that stands for a list of one becomes a list."""
    node = _at(text, path)
    if isinstance(node, yaml.ScalarNode):
        start, end = node.start_mark.index, node.end_mark.index
        return f"{text[:start]}[{text[start:end]}, {flow_text(value)}]{text[end:]}"
    if _in_one_piece(node) or not node.value:
        return _into_flow(text, node, flow_text(value))
    lines = _lines(text)
    at = _last_line(node, lines) + 1
    column = node.start_mark.column
    new = block_text([value], column) if isinstance(value, (dict, list)) else [f"{' ' * column}- {flow_text(value)}"]
    return "\n".join(_with_room(lines, at, new))


def remove(text: str, path: Path) -> str:
    """A text without one key of a mapping or one item of a list, and without the comment right above it."""
    *way, step = path
    around = _at(text, tuple(way))
    key, value = _child(around, step)
    starts = [(entry[0] if isinstance(entry, tuple) else entry).start_mark for entry in around.value]
    position = next(at for at, mark in enumerate(starts) if mark.index == key.start_mark.index)
    if _in_one_piece(around):
        return _out_of_flow(text, around, position)
    lines = _lines(text)
    first, last = key.start_mark.line, _last_line(value, lines)
    column = around.start_mark.column
    if isinstance(around, yaml.SequenceNode):
        while lines[first][column : column + 1] != "-":
            first -= 1
    if len(starts) == 1:
        return _emptied(lines, around, first, last)
    # The comment above the first entry speaks of all of them as often as not: it stays.
    while position and _COMMENT.match(lines[first - 1]) and _indent(lines[first - 1]) == column:
        first -= 1
    return "\n".join(lines[:first] + lines[last + 1 :])


def fill(text: str, path: Path, value: Any) -> str:
    """A text with a value in the place of an empty collection, or of nothing, in a mapping."""
    around = _at(text, path[:-1])
    key, old = _child(around, path[-1])
    if _in_one_piece(around):
        return f"{text[: old.start_mark.index]}{flow_text(value)}{text[old.end_mark.index :]}"
    lines = _lines(text)
    at = key.end_mark.line
    if old.end_mark.line != at and not isinstance(old, yaml.ScalarNode):
        raise ValueError("an empty collection on several lines")
    head, rest = lines[at][: key.end_mark.column + 1], lines[at][key.end_mark.column + 1 :]
    if isinstance(old, yaml.CollectionNode):
        rest = lines[at][old.end_mark.column :]
    return "\n".join(
        [
            *lines[:at],
            head + rest.rstrip(),
            *block_text({path[-1]: value}, around.start_mark.column)[1:],
            *lines[at + 1 :],
        ]
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _with_room(lines: list[str], at: int, new: list[str]) -> list[str]:
    """Lines with new ones in between; at the end of a file that does not end its last line, that line is ended."""
    return lines[:at] + new + (lines[at:] or [""])


def _into_flow(text: str, node: yaml.Node, entry: str) -> str:
    """``{a: 1}`` with one more entry; nothing at all (a key without a value) becomes a collection first."""
    if not node.value and isinstance(node, yaml.ScalarNode):
        raise ValueError("a key without a value is no mapping or list")
    if not node.value:
        at = node.start_mark.index + 1
        return f"{text[:at]}{entry}{text[at:]}"
    last = node.value[-1]
    at = (last[1] if isinstance(last, tuple) else last).end_mark.index
    return f"{text[:at]}, {entry}{text[at:]}"


def _out_of_flow(text: str, node: yaml.Node, position: int) -> str:
    """``[a, b]`` without one of its entries and one of the commas around it."""
    bounds = []
    for entry in node.value:
        first, last = entry if isinstance(entry, tuple) else (entry, entry)
        bounds.append((first.start_mark.index, last.end_mark.index))
    if position:
        start, end = bounds[position - 1][1], bounds[position][1]
    elif len(bounds) > 1:
        start, end = bounds[0][0], bounds[1][0]
    else:
        start, end = node.start_mark.index + 1, node.end_mark.index - 1
    return text[:start] + text[end:]


def _emptied(lines: list[str], node: yaml.Node, first: int, last: int) -> str:
    """The only entry of a block gone: its key keeps an empty collection, on its own line."""
    empty = "[]" if isinstance(node, yaml.SequenceNode) else "{}"
    kept = lines[:first] + lines[last + 1 :]
    at = first - 1
    while not kept[at].strip() or _COMMENT.match(kept[at]):
        at -= 1
    found = re.match(r"(.*?:)(\s+#.*|\s*)$", kept[at])
    if found is None:
        raise ValueError("the only entry of something that has no key of its own")
    kept[at] = f"{found[1]} {empty}{found[2].rstrip()}"
    return "\n".join(kept)
