# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start, settle, restart and remove the containers and networks of a lab. Only what carries our label is touched."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import access, account, images, kernel, mirror, paths
from .account import SETTLE as ACCOUNT
from .engine import Engine, boot_options, ids
from .mark import WRITE as WRITE_MARK
from .plan import LabState, Plan, SeenHost, mark_host, mark_network, plan
from .run import LabError
from .spec import Host, Network, Spec, parse
from .state import write_atomically

LABEL_LAB = "ringfence.lab"
LABEL_NAME = "ringfence.name"
LABEL_MARK = "ringfence.mark"
BOOT_SECONDS = 60
AT_ONCE = 8
# Part of every host's mark: raise it when hosts are made or settled in another way.
LAYOUT = "3"

# Run in a host as `sh -s KEY GATEWAY…` after the lines of account.variables, as often as one likes. Prints the host's
# ssh keys, and `degraded` when it is.
_SETTLE = f"""\
set -eu
key=$1; shift
state=offline; tries=0
while [ "$tries" -lt {BOOT_SECONDS * 5} ]; do
  state=$(systemctl is-system-running 2>/dev/null || :)
  case $state in running | degraded) break ;; esac
  tries=$((tries + 1)); sleep 0.2
done
case $state in
  running) ;;
  degraded) echo "degraded: $(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 | tr '\\n' ' ')" ;;
  *) echo "systemd is still '$state' after {BOOT_SECONDS} s"; systemctl list-jobs --no-pager 2>&1 | head -n 8; exit 1 ;;
esac
for gateway in "$@"; do ip route replace default via "$gateway"; done
{ACCOUNT}
{WRITE_MARK}
tries=0
while ip -6 addr show tentative | grep -q inet6 && [ "$tries" -lt 30 ]; do tries=$((tries + 1)); sleep 0.1; done
tries=0
until ss -Hltn "sport = :$port" | grep -q . || [ "$tries" -ge 50 ]; do tries=$((tries + 1)); sleep 0.1; done
cat /etc/ssh/ssh_host_*_key.pub
"""


class Lab:
    """One lab on this machine.

    :param say: takes one line of progress.
    """

    def __init__(self, engine: Engine, name: str, say: Callable[[str], None] | None = None) -> None:
        self.engine = engine
        self.name = name
        self.say = say or (lambda _line: None)

    def container(self, host: str) -> str:
        """Return the name of a host's container."""
        return f"ringfence-{self.name}-{host}"

    def inside(self, host: str, *command: str) -> list[str]:
        """Return the command line that runs a command as root in a host, whatever its ssh and its accounts are like."""
        return self.engine.argv("exec", "-i", self.container(host), *command)

    def network(self, name: str) -> str:
        """Return podman's name of a network."""
        return f"ringfence-{self.name}-{name}"

    def seen(self) -> LabState:
        """Return what exists of this lab."""
        containers = _listed(self.engine, "ps", "-a", self.name)
        networks = _listed(self.engine, "network", "ls", self.name)
        hosts = {}
        for item in containers:
            labels = item["Labels"]
            boot = f"{item['Id'][:12]}-{item.get('StartedAt')}" if item.get("State") == "running" else ""
            hosts[labels[LABEL_NAME]] = SeenHost(labels.get(LABEL_MARK, ""), boot)
        return LabState({item["labels"][LABEL_NAME]: item["labels"].get(LABEL_MARK, "") for item in networks}, hosts)

    def up(self, spec: Spec) -> Plan:
        """Make what is missing or differs; returns what was done, which is falsy when nothing had to be.

        :raises LabError: when a network or a host can't be made or does not boot.
        """
        image_ids = self._image_ids(spec)
        options = boot_options()
        memory = self._memory()
        settled = memory.get("settled", {}) if self._complete() else {}
        todo = plan(spec, self.seen(), image_ids, [LAYOUT, *options], settled)
        wanted = json.loads(spec.as_json())
        if not todo and memory.get("spec") == wanted:
            return todo
        kernel.ensure()
        if any(host.mirror for host in spec.hosts):
            mirror.ensure(self.engine)
        self._remove(todo.remove_hosts, todo.remove_networks)
        networks = {network.name: network for network in spec.networks}
        for name in todo.create_networks:
            self._create_network(networks[name])
        hosts = {host.name: host for host in spec.hosts}
        made_from = {
            name: mark_host(host, networks, image_ids[host.image], [LAYOUT, *options]) for name, host in hosts.items()
        }
        self._each(todo.create_hosts, lambda name: self._create_host(hosts[name], options, made_from[name]))
        self._each(todo.start_hosts, self._start)
        public = access.key_pair(self.name)
        fresh = self._each(todo.settle_hosts, lambda name: self._settle(hosts[name], public))
        keys = {name: value for name, value in {**memory.get("keys", {}), **fresh}.items() if name in hosts}
        access.write(spec, keys)
        write_atomically(paths.lab_folder(self.name) / "spec.json", spec.as_json())
        self._remember({"spec": wanted, "keys": keys, "settled": self._boots()})
        return todo

    def restart(self, name: str) -> None:
        """Boot a host anew and wait until it answers; its keys and routes are as before.

        :raises LabError: when there is no such host or it does not come back.
        """
        memory = self._memory()
        spec = _spec_of(memory)
        host = next((host for host in spec.hosts if host.name == name), None) if spec else None
        if spec is None or host is None:
            known = ", ".join(host.name for host in spec.hosts) if spec else "none"
            raise LabError(f"The lab {self.name} has no host {name} (it has: {known}).")
        access.hang_up(self.name, name)
        self.engine.run("restart", "-t", "10", self.container(name), sentence=f"{name} could not be restarted.")
        memory["keys"][name] = self._settle(host, access.key_pair(self.name))
        memory["settled"] = {**memory["settled"], name: self._boots()[name]}
        access.write(spec, memory["keys"])
        self._remember(memory)

    def down(self) -> bool:
        """Remove the lab's hosts, networks, keys and files; returns whether there was anything."""
        seen = self.seen()
        self._remove(sorted(seen.hosts), sorted(seen.networks))
        folder, control = paths.lab_folder(self.name), paths.control_folder(self.name)
        there = bool(seen.hosts or seen.networks or folder.exists())
        shutil.rmtree(control, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        return there

    def _boots(self) -> dict[str, str]:
        return {name: host.boot for name, host in self.seen().hosts.items()}

    def _image_ids(self, spec: Spec) -> dict[str, str]:
        """Return the id behind each image of a specification.

        :raises LabError: when one is not there.
        """
        wanted = {host.image: images.reference(host.image) for host in spec.hosts}
        found = ids(self.engine, list(wanted.values()))
        missing = sorted(name for name, reference in wanted.items() if reference not in found)
        if missing:
            raise LabError(f"There is no image for {', '.join(missing)}: run `python3 -m tools.lab images` first.")
        return {name: found[reference] for name, reference in wanted.items()}

    def _complete(self) -> bool:
        """Tell whether all files by which the hosts are reached are there."""
        folder = paths.lab_folder(self.name)
        files = (access.KEY, f"{access.KEY}.pub", "known_hosts", "ssh_config", "inventory.yml", "spec.json")
        return all((folder / name).exists() for name in files) and paths.control_folder(self.name).is_dir()

    def _memory(self) -> dict[str, Any]:
        try:
            found = json.loads((paths.lab_folder(self.name) / "lab.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _remember(self, memory: dict[str, Any]) -> None:
        write_atomically(paths.lab_folder(self.name) / "lab.json", json.dumps(memory, indent=2, sort_keys=True) + "\n")

    def _each(self, names: Sequence[str], work: Callable[[str], Any]) -> dict[str, Any]:
        """Do something for each of several hosts at the same time; the first failure is raised after all have ended."""
        if not names:
            return {}
        with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(names))) as pool:
            futures = {name: pool.submit(work, name) for name in names}
        return {name: future.result() for name, future in futures.items()}

    def _remove(self, hosts: Sequence[str], networks: Sequence[str]) -> None:
        for name in hosts:
            access.hang_up(self.name, name)
        if hosts:
            names = [self.container(name) for name in hosts]
            self.engine.run("rm", "-f", "-t", "0", *names, sentence="The lab's hosts could not be removed.")
        if networks:
            names = [self.network(name) for name in networks]
            # Without -f, which would take along a container of somebody else's that hangs on one of them.
            self.engine.run("network", "rm", *names, sentence="The lab's networks could not be removed.")

    def _create_network(self, network: Network) -> None:
        self.say(f"network {network.name}")
        args = ["network", "create", "--internal", "--disable-dns", *self._labels(network.name, mark_network(network))]
        gateways = {ipaddress.ip_address(text).version: text for text in network.bridge}
        for subnet in network.subnets:
            version = ipaddress.ip_network(subnet).version
            args += ["--ipv6"] if version == 6 and "--ipv6" not in args else []
            args += [f"--subnet={subnet}", *([f"--gateway={gateways[version]}"] if version in gateways else [])]
        sentence = f"The network {network.name} ({', '.join(network.subnets)}) could not be made."
        self.engine.run(*args, self.network(network.name), sentence=sentence)

    def _create_host(self, host: Host, boot: Sequence[str], mark: str) -> None:
        self.say(f"host {host.name}")
        args = ["run", "-d", f"--name={self.container(host.name)}", f"--hostname={host.name}", *boot]
        args += self._labels(host.name, mark)
        for number, interface in enumerate(host.interfaces):
            addresses = "".join(f",ip={address}" for address in interface.addresses)
            options = f"interface_name=eth{number},mac={mac_address(interface.addresses[0])}{addresses}"
            args.append(f"--network={self.network(interface.network)}:{options}")
        if host.mirror:
            args.append(f"--volume={mirror.FOLDER}:{mirror.MOUNT}:ro")
        if host.forwarding:
            args += ["--sysctl=net.ipv4.ip_forward=1", "--sysctl=net.ipv6.conf.all.forwarding=1"]
        self.engine.run(*args, images.reference(host.image), sentence=f"The host {host.name} could not be started.")

    def _start(self, name: str) -> None:
        self.engine.run("start", self.container(name), sentence=f"The host {name} could not be started.")

    def _settle(self, host: Host, public: str) -> list[str]:
        """Wait for a host's boot, give it key and routes; returns its host keys without their comments."""
        args = ("exec", "-i", self.container(host.name), "sh", "-s", public, *host.default_gateway)
        sentence = f"The host {host.name} did not come up; its image must start systemd."
        script = account.variables(host.login, access.become_password(self.name, host)) + _SETTLE
        out = self.engine.run(*args, sentence=sentence, stdin=script, timeout=BOOT_SECONDS + 30)
        for line in out.splitlines():
            if line.startswith("degraded: "):
                self.say(f"host {host.name} runs, but not all of it: {line}")
        keys = [" ".join(line.split()[:2]) for line in out.splitlines() if line.startswith(("ssh-", "ecdsa-"))]
        if not keys:
            raise LabError(f"The host {host.name} has no ssh host key; does its image have openssh-server?", out)
        return keys

    def _labels(self, name: str, mark: str) -> list[str]:
        pairs = ((LABEL_LAB, self.name), (LABEL_NAME, name), (LABEL_MARK, mark))
        return [f"--label={key}={value}" for key, value in pairs]


def mac_address(address: str) -> str:
    """Return the MAC address of the interface with this IP address.

    Always the same one: with a new one after each boot nobody would reach the host until the old one's neighbour entry
    had run out, half a minute later.
    """
    digest = hashlib.sha256(ipaddress.ip_address(address).packed).digest()
    return ":".join(["02", *(f"{byte:02x}" for byte in digest[:5])])


def _spec_of(memory: dict[str, Any]) -> Spec | None:
    return parse(memory["spec"]) if "spec" in memory else None


def _listed(engine: Engine, *args: str) -> list[dict[str, Any]]:
    """Return podman's JSON list of what carries our label; the last argument is the lab's name, '' for all labs."""
    *command, lab = args
    label = f"label={LABEL_LAB}={lab}" if lab else f"label={LABEL_LAB}"
    out = engine.run(*command, "--filter", label, "--format=json", sentence="podman does not answer.")
    found = json.loads(out or "[]")
    return found if isinstance(found, list) else []


def labs(engine: Engine) -> dict[str, list[tuple[str, str]]]:
    """Return all labs that exist: {lab: [(host, podman's state of it), …]}."""
    found: dict[str, list[tuple[str, str]]] = {}
    for item in _listed(engine, "network", "ls", ""):
        found.setdefault(item["labels"][LABEL_LAB], [])
    for item in _listed(engine, "ps", "-a", ""):
        found.setdefault(item["Labels"][LABEL_LAB], []).append((item["Labels"][LABEL_NAME], item.get("State", "")))
    return {lab: sorted(hosts) for lab, hosts in sorted(found.items())}
