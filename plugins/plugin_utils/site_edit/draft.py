# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site model's text while it is changed: every change is made to the text and to the data, which must agree."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.document import Document
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import path_text

from . import splice

Path = tuple[Any, ...]


class EditError(ValueError):
    """A change that can't be made, in words for people. Nothing has been written."""


class Draft:
    """The text of a model and its data. Change it by the methods, then take ``text``."""

    def __init__(self, text: str, file: str) -> None:
        """Raises SiteModelError for a text that is no YAML."""
        self.file = file
        self.text = text
        self.data: Any = _unshared(Document(text, file).data)

    def get(self, path: Path, otherwise: Any = None) -> Any:
        """The value at a path."""
        value = self.data
        for step in path:
            inside = step < len(value) if isinstance(value, list) and isinstance(step, int) else False
            if not inside and not (isinstance(value, dict) and step in value):
                return otherwise
            value = value[step]
        return value

    def insert(self, path: Path, key: str, value: Any, after: str | None = None) -> None:
        """One more key in a mapping, which is made when it is not there."""
        if path and not self.get(path):
            self._make(path, {key: value})
            return
        inserted = {key: value}

        def on_data(mapping: Any) -> None:
            mapping.update(copy.deepcopy(inserted))

        self._change(path, lambda text: splice.insert_entry(text, path, key, value, after), on_data)

    def append(self, path: Path, value: Any) -> None:
        """One more item in a list; a single value becomes a list, a missing list is made."""
        present = self.get(path)
        if not present:
            self._make(path, [value])
            return
        *way, step = path
        items = [*(present if isinstance(present, list) else [present]), value]

        def on_data(around: Any) -> None:
            around[step] = copy.deepcopy(items)

        self._change(tuple(way), lambda text: splice.append_item(text, path, value), on_data)

    def remove(self, path: Path) -> None:
        """A key of a mapping or an item of a list taken out."""
        *way, step = path
        self._change(tuple(way), lambda text: splice.remove(text, path), lambda around: around.pop(step))

    def _make(self, path: Path, value: Any) -> None:
        """A part that is missing, empty or without a value."""
        *way, step = path
        around = self.get(tuple(way)) if way else self.data
        if isinstance(around, list):
            raise EditError(self._by_hand(path))
        if isinstance(around, dict) and step in around:
            self._change(
                tuple(way),
                lambda text: splice.fill(text, path, value),
                lambda mapping: mapping.update({step: copy.deepcopy(value)}),
            )
        else:
            self.insert(tuple(way), step, value)

    def _change(self, path: Path, on_text: Callable[[str], str], on_data: Callable[[Any], Any]) -> None:
        wanted = copy.deepcopy(self.data)
        place = wanted
        for step in path:
            place = place[step]
        on_data(place)
        try:
            text = on_text(self.text)
            found = _unshared(Document(text, self.file).data)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError) as error:
            raise EditError(self._by_hand(path)) from error
        if found != wanted:
            raise EditError(self._by_hand(path))
        self.text, self.data = text, found

    def _by_hand(self, path: Path) -> str:
        return (
            f"{self.file}: {path_text(path) or 'the file'} is written in a way that a program can't change safely (an "
            "anchor, perhaps); change it by hand. Nothing has been touched"
        )


def _unshared(value: Any) -> Any:
    """A copy in which nothing is there twice: a change of what has an alias in the text shows in both."""
    if isinstance(value, dict):
        return {key: _unshared(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_unshared(entry) for entry in value]
    return value
