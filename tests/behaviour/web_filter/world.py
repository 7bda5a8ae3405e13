# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run on a lab host: makes it the gateway of a world in network namespaces, or removes that world.

usage: python3 world.py up WORLD OUTSIDE | down WORLD

WORLD is JSON: {"networks": {name: [[IPv4, IPv6] of this host, [[IPv4, IPv6], ...] in the namespace]},
"sites": {host name: [address, ...]}, "servers": [name of a network, ...]}. In each of the servers' namespaces runs the
program OUTSIDE.
"""

import json
import os
import subprocess
import sys
import time

FOLDER = "/run/ringfence-world"


def do(line, check=True):
    """Run a command."""
    return subprocess.run(line.split(), check=check, capture_output=not check)


def network(name, here, there):
    """A namespace of its own with a wire to this host, which routes for it."""
    do(f"ip netns add {name}")
    do(f"ip link add w-{name} type veth peer name eth0 netns {name}")
    for address, prefix in zip(here, (24, 64)):
        do(f"ip addr add {address}/{prefix} dev w-{name}" + (" nodad" if ":" in address else ""))
    do(f"ip link set w-{name} up")
    do(f"ip -n {name} link set lo up")
    for pair in there:
        for address, prefix in zip(pair, (24, 64)):
            do(f"ip -n {name} addr add {address}/{prefix} dev eth0" + (" nodad" if ":" in address else ""))
    do(f"ip -n {name} link set eth0 up")
    for address in here:
        do(f"ip -n {name} route add default via {address}")


def certificate(sites):
    """A certificate authority and a certificate for every site and whatever is below it."""
    names = ",".join(f"DNS:{name},DNS:*.{name}" for name in sites)
    new = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30"
    do(f"{new} -subj /CN=authority -keyout {FOLDER}/ca.key -out {FOLDER}/ca.pem")
    signed = (
        f"-CA {FOLDER}/ca.pem -CAkey {FOLDER}/ca.key -addext subjectAltName={names} -addext basicConstraints=CA:FALSE"
    )
    do(f"{new} {signed} -subj /CN=sites -keyout {FOLDER}/site.key -out {FOLDER}/site.pem")


def up(world, program):
    """Make the world."""
    os.makedirs(FOLDER, exist_ok=True)
    with open(f"{FOLDER}/outside.py", "w", encoding="utf-8") as file:
        file.write(program)
    certificate(world["sites"])
    for name, (here, there) in world["networks"].items():
        network(name, here, there)
    for name in world["servers"]:
        addresses = [address for pair in world["networks"][name][1] for address in pair]
        command = [
            "systemd-run",
            "-q",
            "--unit",
            f"ringfence-world-{name}",
            "ip",
            "netns",
            "exec",
            name,
            "/usr/bin/python3",
        ]
        command += [f"{FOLDER}/outside.py", f"{FOLDER}/site.pem", f"{FOLDER}/site.key", json.dumps(world["sites"])]
        subprocess.run([*command, json.dumps(addresses), f"{FOLDER}/{name}.dns"], check=True)
    for _try in range(100):
        if all(
            do(f"ip netns exec {name} nc -z 127.0.0.1 853", check=False).returncode == 0 for name in world["servers"]
        ):
            return
        time.sleep(0.1)
    raise SystemExit("the servers of the world do not answer")


def down(world):
    """Remove the world."""
    for name in world["networks"]:
        do(f"systemctl stop ringfence-world-{name}", check=False)
        do(f"ip netns del {name}", check=False)
    do(f"rm -rf {FOLDER}")


def main():
    """Do as told."""
    world = json.loads(sys.argv[2])
    down(world)
    if sys.argv[1] == "up":
        up(world, sys.stdin.read() if len(sys.argv) < 4 else sys.argv[3])


main()
