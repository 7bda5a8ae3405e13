# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Begins and seals evidence bundles, on the controller."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import (
    bundle,
    canonical,
    catalog,
    chain,
    controls,
    findings,
    population,
    provenance,
    redaction,
    role_source,
    sampling,
    signing,
    summary,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import PreparedCheck, bare_checks, plain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram import of_sites
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.diagram.graphviz import DrawingError
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store import schema
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports import FORMATS
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import periods
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers import reading
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation import model
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import did_you_mean, listed
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import (
    NO_SITE,
    SiteVariables,
    sites_of,
)

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["open", "sealed"], "required": True},
    "directory": {"type": "path"},
    "path": {"type": "path"},
    "roles": {"type": "list", "elements": "str"},
    "roles_path": {"type": "path"},
    "registers": {"type": "path"},
    "signing_key": {"type": "path", "no_log": False},
    "periods": {"type": "dict"},
    "sample": {"type": "dict"},
    "compare_with": {"type": "str"},
    "exports": {"type": "list", "elements": "str", "choices": list(FORMATS)},
    "store": {"type": "str"},
    "fail_on": {"type": "list", "elements": "str", "choices": list(STATUSES), "default": list(summary.RED)},
}
_REFUSED = (
    bundle.BundleError,
    catalog.CatalogError,
    reading.RegistersError,
    periods.PeriodsError,
    sampling.SampleError,
    schema.StoreError,
    signing.SigningError,
)


class ActionModule(ActionBase):
    """Open or seal one bundle."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Bring the bundle into the wanted state; the result is as the module documents it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(
            argument_spec=ARGUMENT_SPEC, required_if=[("state", "open", ["directory"]), ("state", "sealed", ["path"])]
        )
        roles = role_source.load_roles(self._loader, arguments["roles_path"], arguments["roles"])
        try:
            step = self._open if arguments["state"] == "open" else self._seal
            result.update(step(arguments, roles, task_vars or {}))
        except _REFUSED as problem:
            raise AnsibleActionFail(str(problem)) from problem
        return result

    def _open(
        self, arguments: Mapping[str, Any], _roles: list[controls.RoleControls], variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Begin a bundle."""
        # What is wrong with the registers, the key and the rest is said before any host is asked.
        reading.read(self._registers(arguments, variables))
        periods.check(arguments["periods"], catalog.load().activities)
        sampling.check(arguments["sample"])
        wanted, there = arguments["compare_with"], chain.sealed(arguments["directory"])
        if wanted and wanted not in there:
            valid = f"{listed(there)}{did_you_mean(wanted, there)}"
            raise bundle.BundleError(f"audit_compare_with: there is no bundle {wanted}. {valid}")
        if arguments["signing_key"]:
            signing.sign(b"", arguments["signing_key"], signing.MANIFEST_NAMESPACE)
        if arguments["store"]:
            self._see_that_it_opens(arguments["store"], arguments["directory"])
        inventory = str(variables.get("inventory_dir") or os.getcwd())
        known = {key: self._filled(variables, key) for key in ("ringfence_site",)}
        path = bundle.open_run(arguments["directory"], population.site(known, os.path.basename(inventory) or "site"))
        return {"changed": True, "path": path, "run": os.path.basename(path).removesuffix(chain.PARTIAL)}

    def _see_that_it_opens(self, store: str, directory: str) -> None:
        """Refuse a store that could not be filled after the audit."""
        url = schema.url_of(store, directory)
        if not self._task.check_mode:
            try:
                os.makedirs(directory, mode=canonical.DIRECTORY_MODE, exist_ok=True)
            except OSError as problem:
                raise bundle.BundleError(f"{directory} cannot be made: {problem.strerror}") from problem
            schema.open_engine(url).dispose()

    def _registers(self, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> str:
        """The folder of the site's registers."""
        if arguments["registers"]:
            return str(arguments["registers"])
        return os.path.join(str(variables.get("inventory_dir") or os.getcwd()), "registers")

    def _seal(
        self, arguments: Mapping[str, Any], roles: list[controls.RoleControls], variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Complete a bundle, show the summary and judge the exit status."""
        records = [self._record(arguments["path"], host, roles, variables) for host in variables["groups"]["all"]]
        known = catalog.load()
        everything = role_source.load_roles(self._loader, arguments["roles_path"], None)
        secrets = self._secrets(variables)
        sites, no_sites = self._sites(variables)
        pictures, no_pictures = ({}, no_sites) if no_sites else self._pictures(sites, secrets)
        material = Material(
            records=records,
            controls=controls.as_data(roles),
            catalog=known,
            about={
                "collection": provenance.collection(),
                "ansible": ansible_version,
                "python": platform.python_version(),
                "controller": provenance.controller(),
            },
            registers=reading.read(self._registers(arguments, variables)),
            known_controls=controls.as_data(everything),
            signing_key=arguments["signing_key"],
            periods=periods.check(arguments["periods"], known.activities),
            sample=sampling.check(arguments["sample"]),
            compare_with=arguments["compare_with"],
            pictures=pictures,
            no_pictures=no_pictures,
            secrets=secrets,
            models=model.of_sites(sites),
        )
        sealed = bundle.seal(arguments["path"], material)
        self._display.display(f"\n{summary.text(sealed.judged, sealed.report)}\n")
        result = {
            "changed": True,
            "path": sealed.path,
            "run": sealed.run["run"],
            "report": sealed.report,
            "manifest_sha256": sealed.manifest_sha256,
            "counts": sealed.run["counts"],
            "population": {key: sealed.run["population"][key] for key in ("hosts", "observed")},
        }
        red = summary.sentence(sealed.run["counts"], arguments["fail_on"], sealed.report)
        return {**result, "failed": True, "msg": red} if red else result

    def _record(
        self, path: str, host: str, roles: list[controls.RoleControls], variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A host's record: the one that the audit wrote, or one that says by name why there is none."""
        try:
            found = bundle.read_record(path, host)
        except ValueError as problem:
            found, reason = None, f"the record of this host cannot be read: {problem}"
        else:
            reason = "the audit of this host ended without a result"
            if host not in variables.get("ansible_play_hosts_all", []):
                reason = "not among the hosts that this run was limited to"
        if found is not None:
            return found
        hostvars = variables["hostvars"][host]
        known = {key: self._filled(hostvars, key) for key in ("ringfence_host", "ansible_host")}
        place = population.attributes(known, hostvars.get("group_names", []))
        place = redaction.redact(place, self._secrets_of(host, variables))
        checks = [
            PreparedCheck(check)
            for role in roles
            if role.applies_to(place["kinds"])
            for control in role.controls
            for check in bare_checks(control)
        ]
        missing = findings.without_answer(checks, "not_observed", reason)
        return findings.record(host, attributes=place, findings=missing, reason=reason)

    def _secrets_of(self, host: str, variables: Mapping[str, Any]) -> list[str]:
        """The secret texts among a host's variables."""
        raw = variables["hostvars"].raw_get(host)
        own = self._templar.copy_with_new_env(available_variables=raw)
        return redaction.secrets_of(raw, own.template)

    def _secrets(self, variables: Mapping[str, Any]) -> list[str]:
        """Those of all hosts, the longest first: what is shown of the whole site must hold none of them."""
        found = {text for host in variables["groups"]["all"] for text in self._secrets_of(host, variables)}
        return sorted(found, key=len, reverse=True)

    def _sites(self, variables: Mapping[str, Any]) -> tuple[list[SiteVariables], str | None]:
        """Every site of the inventory, as it is all its hosts that are audited, or why there is none."""
        try:
            sites = sites_of(variables["groups"], variables["hostvars"])
        except (AnsibleError, ValueError, KeyError, TypeError) as problem:
            return [], self._warned(f"The network was not drawn, as the site model cannot be used: {problem}")
        return sites, None if sites else NO_SITE

    def _pictures(self, sites: Sequence[SiteVariables], secrets: Sequence[str]) -> tuple[dict[str, str], str | None]:
        """The pictures of every site, or why there are none: an audit is worth no less without them."""
        try:
            return of_sites.pictures(sites, secrets), None
        except (DrawingError, ValueError, KeyError, TypeError, AttributeError) as problem:
            return {}, self._warned(f"The network was not drawn: {problem}")

    def _warned(self, text: str) -> str:
        """The text, of which a person is warned."""
        self._display.warning(text)
        return text

    def _filled(self, variables: Mapping[str, Any], key: str) -> Any:
        """A variable with its templates filled in, None when there is none or they are broken."""
        try:
            return plain(self._templar.template(variables.get(key)))
        except AnsibleError as problem:
            self._display.warning(f"{key} cannot be used: {problem}")
            return None
