# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a host image. A change here is a new recipe: the next call builds the images again."""

from __future__ import annotations

# What the image tells podman.
CHANGES = ('CMD ["/sbin/init"]', "STOPSIGNAL SIGRTMIN+3")

PACKAGES = (
    "dbus",
    "iproute2",
    "iputils-ping",
    "libpam-modules",
    "libpam-runtime",
    "libpam-systemd",
    "login",
    "netbase",
    "netcat-openbsd",
    "nftables",
    "openssh-client",
    "openssh-server",
    "passwd",
    "procps",
    "python3",
    "python3-apt",
    "sudo",
    "systemd",
    "systemd-sysv",
    "util-linux",
)

DPKG_OPTIONS = (
    "force-unsafe-io",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/info/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/man/*",
)

# Timers that work on their own would disturb measurements and idempotence; consoles do not exist in a container.
_MASKED = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "console-getty.service",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty.target",
    "systemd-firstboot.service",
    "systemd-networkd-wait-online.service",
)

_SSH_KEYS_UNIT = """\
[Unit]
Description=Make the ssh host keys of this host at its first boot
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key

[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A
"""

# Runs outside the new system with its root folder as $1. Every host makes its own ssh keys and machine id.
CUSTOMIZE = f"""\
set -eu
rm -f "$1"/etc/ssh/ssh_host_*_key "$1"/etc/ssh/ssh_host_*_key.pub "$1"/etc/resolv.conf "$1"/etc/hostname
: > "$1"/etc/machine-id
cat > "$1"/usr/lib/systemd/system/ringfence-lab-ssh-keys.service <<'UNIT'
{_SSH_KEYS_UNIT}UNIT
mkdir -p "$1"/usr/lib/systemd/system/ssh.service.requires
ln -s ../ringfence-lab-ssh-keys.service "$1"/usr/lib/systemd/system/ssh.service.requires/
for unit in {" ".join(_MASKED)}; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done
find "$1"/var/log "$1"/var/cache -type f -delete
touch "$1"/etc/.updated "$1"/var/.updated
"""
