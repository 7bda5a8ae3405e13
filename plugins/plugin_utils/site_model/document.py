# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a site model's YAML: plain data, and the line of every key for the messages.

The loader is libyaml's where PyYAML has it. It differs from plain YAML 1.1 in four ways that matter for a file full of
dates and addresses: dates stay text, ``10:20:30`` is text and not a number of base 60, and a key that is there twice
is a problem, as is a number in other than decimal digits (``010`` would be eight).
"""

from __future__ import annotations

from typing import Any

import yaml

from .numbers import INT_TAG, ambiguous
from .problems import Path, Problem, Problems, SiteModelError

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_FLOAT_TAG, _MERGE_TAG = "tag:yaml.org,2002:float", "tag:yaml.org,2002:merge"
_TIMESTAMP_TAG = "tag:yaml.org,2002:timestamp"


class _Loader(_Base):  # type: ignore[misc]  # the base is chosen at run time
    """PyYAML's safe loader with dates and base 60 left as text.

    It notes keys that are there twice, and numbers that are not what they look like.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.noted: list[Problem] = []
        # Children are built at once and not later: so a value that contains itself is refused instead of built.
        self.deep_construct = True

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        written = [key for key, _value in node.value if key.tag != _MERGE_TAG]
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        if len({key.value for key in written}) < len(written):
            self._note_repeated(written)
        return mapping

    def construct_number(self, node: yaml.ScalarNode) -> int:
        """An integer; one that YAML reads as another than people mean is noted."""
        message = ambiguous(node.value)
        if message:
            self.noted.append(Problem((), message, node.start_mark.line + 1))
        number: int = self.construct_yaml_int(node)
        return number

    def _note_repeated(self, keys: list[yaml.Node]) -> None:
        first: dict[Any, int] = {}
        for key in keys:
            name = self.construct_object(key, deep=True)
            line = key.start_mark.line + 1
            if name in first:
                message = f"the key {name!r} is there twice, first on line {first[name]}; only one of them can count"
                self.noted.append(Problem((), message, line))
            else:
                first[name] = line


def _without_surprises(resolvers: dict[str, list[tuple[str, Any]]]) -> dict[str, list[tuple[str, Any]]]:
    """PyYAML's implicit resolvers without timestamps, and without numbers that contain a colon."""
    kept: dict[str, list[tuple[str, Any]]] = {}
    for first, entries in resolvers.items():
        kept[first] = [
            (tag, _NoColon(expression) if tag in (INT_TAG, _FLOAT_TAG) else expression)
            for tag, expression in entries
            if tag != _TIMESTAMP_TAG
        ]
    return kept


class _NoColon:
    """A resolver's expression that takes no text with a colon in it (1:20 would be eighty, not an address)."""

    def __init__(self, expression: Any) -> None:
        self._expression = expression

    def match(self, text: str) -> Any:
        return None if ":" in text else self._expression.match(text)


_Loader.add_constructor(INT_TAG, _Loader.construct_number)
_Loader.yaml_implicit_resolvers = _without_surprises(_Base.yaml_implicit_resolvers)


class Document:
    """A parsed file: ``data`` (dicts, lists, scalars), ``file`` for messages, ``line_of`` a key path."""

    def __init__(self, text: str, file: str) -> None:
        """Parse. Raises SiteModelError when the text is not YAML that can be read at all."""
        self.file = file
        self._indexes: dict[int, dict[Any, tuple[yaml.Node, yaml.Node]]] = {}
        try:
            loader = _Loader(text)
            try:
                self._root: yaml.Node | None = loader.get_single_node()
                self.data: Any = None if self._root is None else loader.construct_document(self._root)
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            raise SiteModelError(file, [_unreadable(error)]) from error
        except RecursionError as error:
            raise SiteModelError(file, [Problem((), "is nested too deeply to be a site model")]) from error
        self._noted = loader.noted

    def located(self, problems: Problems) -> list[Problem]:
        """The problems with their lines, the keys that are there twice, and the numbers not as written."""
        return self._noted + [
            Problem(problem.path, problem.message, self.line_of(problem.path, problem.at_key), problem.at_key)
            for problem in problems.found
        ]

    def warned(self, problems: Problems) -> list[Problem]:
        """The warnings with their lines."""
        return [Problem(one.path, one.message, self.line_of(one.path)) for one in problems.warnings]

    def line_of(self, path: Path, at_key: bool = False) -> int:
        """The line of a value (or of its key); of the nearest thing around it when it isn't there."""
        node = self._root
        line = 1 if node is None else node.start_mark.line + 1
        for depth, step in enumerate(path):
            found = self._child(node, step)
            if found is None:
                break
            key, node = found
            last = depth == len(path) - 1
            # A scalar is shown where it stands, a mapping or list at the key that opens it.
            line = (node if isinstance(node, yaml.ScalarNode) and not (last and at_key) else key).start_mark.line + 1
        return line

    def _child(self, node: yaml.Node | None, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            item: yaml.Node = node.value[step]
            return item, item
        if isinstance(node, yaml.MappingNode):
            index = self._indexes.get(id(node))
            if index is None:
                # construct_document has merged `<<` into node.value: later entries win, as in the data.
                index = {key.value: (key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
                self._indexes[id(node)] = index
            return index.get(step)
        return None


def _unreadable(error: yaml.YAMLError) -> Problem:
    """Why a text is no YAML, with the line when the parser knows it."""
    if isinstance(error, yaml.constructor.ConstructorError) and "could not determine a constructor" in str(error):
        message = (
            f"{error.problem}; a site model has no tags, secrets belong into group_vars or host_vars (ansible-vault)"
        )
    elif isinstance(error, yaml.MarkedYAMLError):
        message = f"is not readable as YAML: {' '.join(part for part in (error.context, error.problem) if part)}"
    else:
        message = f"is not readable as YAML: {' '.join(str(error).split())}"
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return Problem((), message, None if mark is None else mark.line + 1)
