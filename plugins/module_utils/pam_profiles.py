# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enables and disables pam-auth-update profiles, and repairs their lines when somebody edited them by hand.

pam-auth-update itself never undoes an edited option and refuses to work at all beside an added line, with exit status 0
both times. So the work is first done by pam-auth-update in a scratch root with a debconf database of its own, where our
lines are taken out before it puts them in anew. What comes out is looked at before anything goes live; check mode ends
there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.ringfence.callcenter.plugins.module_utils import (
    file_diff,
    pam_options,
    pam_replaced,
    pam_text,
    path_state,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import FILE, PathState

PROFILES = "/usr/share/pam-configs"
LIVE = "/etc/pam.d/common-"
SAVED = "/var/lib/pam/"
#: The profiles that pam-auth-update offered before: one that is not among them is enabled when that is its default.
SEEN = "/var/lib/pam/seen"
TOOL = "/usr/sbin/pam-auth-update"
DEBCONF = "/var/cache/debconf"

_DEBCONF_CONFIG = """\
Config: configdb
Templates: templatedb

Name: configdb
Driver: File
Filename: {folder}/config.dat

Name: templatedb
Driver: File
Filename: {folder}/templates.dat
"""


class PamProfilesError(Exception):
    """The profiles cannot be as asked for: one sentence with the way out."""


@dataclass
class Outcome:
    """What the work comes to: path -> (before, after) of the live and the saved texts that change."""

    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    carried: list[str] = field(default_factory=list)
    whole: dict[str, str] = field(default_factory=dict)  # every file that PAM reads, as it shall be

    @property
    def live(self) -> dict[str, tuple[str, str]]:
        """Only the files that PAM reads."""
        return {path: pair for path, pair in self.texts.items() if path.startswith(LIVE)}


class PamProfiles:
    """One call's work. root: where the host is (tests have one of their own).

    enable, disable: names of profiles. pending: name -> content of profiles that an earlier task would have written,
    for check mode. replaces: the profile in whose place those of enable stand, or stood until now when it is itself
    among those to enable.
    """

    def __init__(
        self,
        enable: Sequence[str],
        disable: Sequence[str] = (),
        *,
        pending: Mapping[str, str] | None = None,
        replaces: str = "",
        root: str = "/",
    ) -> None:
        self.root = root
        self.replaced = pam_replaced.ReplacedLines(replaces, self._at(pam_replaced.FOLDER))
        self.enable, self.disable = list(enable), list(disable)
        if replaces:
            self.replaced.load()
            if replaces in self.enable and not self.replaced.enabled:
                self.enable.remove(replaces)
        self.own = [name for name in [*self.enable, *self.disable] if not (name == replaces and name in self.enable)]
        self.pending = dict(pending or {})
        self.profiles = {name: pam_text.parse_profile(self._profile(name)) for name in self.enable + self.disable}

    def _at(self, path: str) -> str:
        return path if self.root == "/" else os.path.join(self.root, path.lstrip("/"))

    def _read(self, path: str) -> str:
        content = path_state.observe(self._at(path)).content
        return "" if content is None else content.decode("utf-8", errors="surrogateescape")

    def _profile(self, name: str) -> str:
        return self.pending.get(name) or self._read(f"{PROFILES}/{name}")

    def check(self) -> None:
        """Refuse what cannot work, before anything is touched."""
        if not os.path.exists(TOOL):
            raise PamProfilesError(f"{TOOL} is not installed: this module works on Debian and its kin only")
        both = sorted(set(self.enable) & set(self.disable))
        if both:
            raise PamProfilesError(f"{', '.join(both)}: to be enabled and disabled at once")
        missing = [name for name in self.enable if not self.profiles[name].get("Name")]
        if missing:
            raise PamProfilesError(
                f"there is no profile {', '.join(missing)} in {PROFILES}: write it before this task, "
                "or give its content in 'pending' for check mode"
            )

    def is_done(self, place: PamProfiles | None = None) -> bool:
        """Whether every profile is as asked for."""
        here = place or self
        enabled = {name: self.profiles[name] for name in self.enable}
        disabled = {name: self.profiles[name] for name in self.disable}
        for kind in pam_text.TYPES:
            live, saved = here._read(LIVE + kind), here._read(SAVED + kind)
            returned = set(self.enable) - set(self.own)
            if not pam_text.is_enabled(live, saved, kind, enabled, same=pam_options.is_same, as_edited=returned):
                return False
            if not pam_text.is_disabled(live, saved, kind, disabled):
                return False
        seen = here._read(SEEN).split()
        return all(name in seen for name in self._would_return())

    def _would_return(self) -> list[str]:
        """The disabled profiles that any run of pam-auth-update would enable, if it took them for new ones."""
        return [name for name in self.disable if self.profiles[name].get("Default") == "yes"]

    # -- the scratch root -------------------------------------------------------------------------------------------

    def plan(self, *, overwrite_local_edits: bool) -> Outcome:
        """What pam-auth-update makes of it, found out in a scratch root. Raises PamProfilesError."""
        folder = tempfile.mkdtemp(prefix="ringfence-pam-")  # made with mode 0700
        try:
            return self._plan(folder, overwrite_local_edits)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _plan(self, folder: str, overwrite: bool) -> Outcome:
        outcome = Outcome()
        refused = self._fill(folder)
        if refused and not overwrite:
            raise PamProfilesError(
                f"pam-auth-update works on no file with lines that no profile wrote: {'; '.join(refused)}. "
                f"Move them out of the marked block, or make a profile of them in {PROFILES}, "
                "or let overwrite_local_edits drop all edits inside the marked blocks"
            )
        words = run_tool(self._arguments(force=bool(refused)), root=folder, debconf=self._debconf(folder))
        scratch = PamProfiles([], root=folder)
        if not self.is_done(scratch):
            raise PamProfilesError(f"pam-auth-update did not do as asked: {words or 'it gave no reason'}")
        for kind in pam_text.TYPES:
            outcome.whole[LIVE + kind] = self._finished(kind, scratch, outcome)
            for path in (LIVE + kind, SAVED + kind):
                before, after = self._read(path), outcome.whole.get(path, scratch._read(path))
                if before != after:
                    outcome.texts[path] = (before, after)
        seen = self._read(SEEN)
        if any(name not in seen.split() for name in self._would_return()):
            outcome.texts[SEEN] = (seen, scratch._read(SEEN))
        outcome.dropped += refused
        return outcome

    def _finished(self, kind: str, scratch: PamProfiles, outcome: Outcome) -> str:
        """A live text of the scratch root with a site's options, and with the lines of others as they were written."""
        replaced = self.replaced.profile
        saved_before = pam_text.parse_saved(self._read(SAVED + kind))
        before = pam_options.written(self._read(LIVE + kind), saved_before, kind)
        saved = pam_text.parse_saved(scratch._read(SAVED + kind))
        heirs, given_up = self.enable, {*self.own, replaced}
        others = [one for one in before if one.profile not in given_up]
        text = pam_options.with_rows(scratch._read(LIVE + kind), saved, kind, others, exact=False)
        # What our own lines say, now or before, is no option of a site's.
        ours = [line for name in self.own if name != replaced for line in self._lines(name, kind)]
        ours += [line for name, line in saved_before if name in self.own and name != replaced]
        options = pam_options.site_options(pam_options.stack(one.row) for one in before if one.profile in given_up)
        options = pam_options.less(options, pam_options.site_options(ours))
        back = replaced in self.enable
        if back:
            heirs = [replaced]
            text = pam_options.with_rows(text, saved, kind, self.replaced.rows.get(kind, []), exact=True)
        text, stays, goes = pam_options.with_site_options(text, saved, kind, heirs, options)
        outcome.carried += [f"{LIVE}{kind}: {one}" for one in stays]
        outcome.dropped += [] if back else [f"{LIVE}{kind}: {one}" for one in goes]
        return text

    def _lines(self, name: str, kind: str) -> list[str]:
        return [line for variant in pam_text.profile_lines(self.profiles[name], kind) for line in variant]

    def _fill(self, folder: str) -> list[str]:
        """Copy what pam-auth-update reads, without our lines; the lines that it would refuse to work beside."""
        profiles = folder + PROFILES
        shutil.copytree(self._at(PROFILES), profiles)
        for name, text in self.pending.items():
            _write(os.path.join(profiles, name), text)
        os.makedirs(folder + os.path.dirname(LIVE))
        shutil.copytree(self._at(SAVED), folder + SAVED.rstrip("/"))
        refused = []
        for kind in pam_text.TYPES:
            lines = [line for name in self.own for line in self._lines(name, kind)]
            text = self._read(LIVE + kind)
            live, saved, foreign = pam_text.without(text, self._read(SAVED + kind), kind, self.own, lines)
            _write(folder + LIVE + kind, pam_options.as_generated(live, pam_text.parse_saved(saved), kind))
            _write(folder + SAVED + kind, saved)
            if pam_text.parse_live(text, kind) is None:
                refused.append(f"{LIVE}{kind}: the marks of pam-auth-update are gone")
            refused += [f"{LIVE}{kind} line {line.index + 1}: '{line.text.strip()}'" for line in foreign]
        return refused

    def _debconf(self, folder: str) -> str:
        """A debconf database of its own, so that a look ahead leaves no trace in the host's."""
        place = os.path.join(folder, "debconf")
        os.mkdir(place)
        for name in ("config.dat", "templates.dat"):
            if os.path.exists(f"{DEBCONF}/{name}"):
                shutil.copyfile(f"{DEBCONF}/{name}", f"{place}/{name}")
        config = os.path.join(place, "debconf.conf")
        _write(config, _DEBCONF_CONFIG.format(folder=place))
        return config

    def _arguments(self, *, force: bool) -> list[str]:
        arguments = ["--package"]
        if force:
            arguments.append("--force")
        if self.enable:
            arguments += ["--enable", *self.enable]
        # --remove is for packages that take their profile along: what stays would be new to the next run, of any
        # package, and be enabled again. --disable keeps it among those that were seen.
        stay = self._would_return()
        go = [name for name in self.disable if name not in stay]
        if stay:
            arguments += ["--disable", *stay]
        if go:
            arguments += ["--remove", *go]
        return arguments

    # -- the host ---------------------------------------------------------------------------------------------------

    def apply(self, outcome: Outcome) -> None:
        """Bring the outcome to the host, each file atomically, and let pam-auth-update's own records follow."""
        replaced = self.replaced.profile
        if replaced in self.disable:
            self._remember()
        for path, (_before, after) in outcome.texts.items():
            self._write_text(path, outcome.whole.get(path, after))
        for kind in pam_text.TYPES:
            # Beside a line with other spaces than its own pam-auth-update refuses to work.
            text = outcome.whole[LIVE + kind]
            self._write_text(
                LIVE + kind, pam_options.as_generated(text, pam_text.parse_saved(self._read(SAVED + kind)), kind)
            )
        words = run_tool(self._arguments(force=False))
        for path, text in outcome.whole.items():
            # It has sorted the options of others by now.
            self._write_text(path, text)
        if not self.is_done():
            raise PamProfilesError(f"pam-auth-update did not leave the profiles as asked: {words or 'no reason given'}")
        if replaced and replaced not in self.disable:
            self.replaced.forget()

    def _remember(self) -> None:
        """Save the lines of the profile that gives way, before the first change."""
        name, enabled = self.replaced.profile, False
        rows: dict[str, list[pam_options.Written]] = {}
        for kind in pam_text.TYPES:
            saved = pam_text.parse_saved(self._read(SAVED + kind))
            enabled = enabled or any(profile == name for profile, _line in saved)
            found = pam_options.written(self._read(LIVE + kind), saved, kind)
            rows[kind] = [one for one in found if one.profile == name]
        self.replaced.remember(enabled, rows)

    def _write_text(self, path: str, text: str) -> None:
        if self._read(path) == text:
            return
        now = path_state.observe(self._at(path))
        mode = now.mode if now.kind == FILE else 0o644
        content = text.encode("utf-8", errors="surrogateescape")
        path_state.establish(self._at(path), PathState(FILE, mode, now.uid or 0, now.gid or 0, content=content))

    @staticmethod
    def diff(outcome: Outcome) -> list[dict[str, str]]:
        """Ansible's list of differences, of the files that PAM reads and of what will not come back by itself."""
        entries: list[dict[str, str]] = []
        shown = {path: pair for path, pair in outcome.texts.items() if path in outcome.live or path == SEEN}
        for path, pair in shown.items():
            before, after = (PathState(FILE, content=text.encode(errors="surrogateescape")) for text in pair)
            entries += file_diff.entries(path, before, after)
        return entries


def run_tool(arguments: Sequence[str], *, root: str | None = None, debconf: str | None = None) -> str:
    """Run pam-auth-update without questions; what it said on its error output. Raises PamProfilesError."""
    argv = [TOOL, *(["--root", root] if root else []), *arguments]
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C",
        "HOME": "/root",
        "DEBIAN_FRONTEND": "noninteractive",
        "DEBCONF_NONINTERACTIVE_SEEN": "true",
        **({"DEBCONF_SYSTEMRC": debconf} if debconf else {}),
    }
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PamProfilesError(f"pam-auth-update could not be run: {error}") from error
    if done.returncode != 0:
        raise PamProfilesError(f"pam-auth-update failed (exit status {done.returncode}): {done.stderr.strip()}")
    return " ".join(done.stderr.split())


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(text)
