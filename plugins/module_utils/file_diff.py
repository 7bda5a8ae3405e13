# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The difference between two states of a path, in the shape that ``ansible-playbook --diff`` prints."""

from __future__ import annotations

from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    FILE,
    LINK,
    PathState,
    group_name,
    user_name,
)

#: Longer contents are named by their size: nobody reads them, and they would travel over every connection.
LONGEST = 200_000


def text_of(state: PathState, *, hidden: bool = False) -> str:
    """The content of a file or the target of a link, for a person; empty for everything else."""
    if state.kind == LINK:
        return f"link to {state.target}\n"
    content = state.content
    if state.kind != FILE or content is None:
        return ""
    if hidden:
        return "(the content is not shown)\n"
    if b"\0" in content:
        return f"({len(content)} bytes that are no text)\n"
    if len(content) > LONGEST:
        return f"({len(content)} bytes)\n"
    return content.decode("utf-8", errors="replace")


def _attributes(state: PathState, names: tuple[str, str] | None) -> str:
    if state.kind in (ABSENT, LINK):
        return ""
    owner = user_name(state.uid) if state.uid is not None else (names or ("?", "?"))[0]
    group = group_name(state.gid) if state.gid is not None else (names or ("?", "?"))[1]
    return f"type: {state.kind}\nmode: '{state.mode:04o}'\nowner: {owner}\ngroup: {group}\n"


def entries(
    path: str,
    before: PathState,
    after: PathState,
    *,
    hidden: bool = False,
    names: tuple[str, str] | None = None,
) -> list[dict[str, str]]:
    """One entry for the content and one for type, mode, owner and group, each only when it differs.

    hidden: the content is a secret, only that it changes is shown. names: what to call an owner and a group that this
    host does not know yet.
    """
    found = []
    old, new = text_of(before, hidden=hidden), text_of(after, hidden=hidden)
    if hidden and before.content != after.content and before.kind == after.kind:
        new = "(the content changes and is not shown)\n"
    if old != new:
        found.append({"before_header": path, "after_header": path, "before": old, "after": new})
    old, new = _attributes(before, names), _attributes(after, names)
    if old != new:
        header = f"{path} (attributes)"
        found.append({"before_header": header, "after_header": header, "before": old, "after": new})
    return found
