# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the virtual machines. A change here is a new recipe: the next call builds the images again.

The guests of the releases are alike in all but their name and addresses, by which they can be hosts of one lab.
"""

from __future__ import annotations

from .. import recipe

#: Each guest's own administrators' network; QEMU stands at the other end of it, where this machine is.
NETWORK = "management"
SUBNETS = ("10.63.99.0/24", "fd63:0:0:99::/64")
DISK = "3G"

PACKAGES = (
    *recipe.CORE,
    "dnsmasq-base",
    "initramfs-tools",
    "kmod",
    "linux-image-cloud-amd64",
    "udev",
    "udhcpc",
)

# Timers and consoles would only take time from the emulated processor.
_MASKED = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty.target",
    "serial-getty@ttyS0.service",
    "systemd-firstboot.service",
    "systemd-networkd-wait-online.service",
    "systemd-pstore.service",
)

# A small initial file system: under emulation half a minute of each boot is the unpacking of the usual one.
_INITRAMFS = """\
MODULES=list
COMPRESS=gzip
"""
_INITRAMFS_HOOK = """\
#!/bin/sh
if [ "$1" = prereqs ]; then exit 0; fi
. /usr/share/initramfs-tools/hook-functions
for module in virtio_pci virtio_blk ext4; do force_load "$module"; done
"""

# eth1 and eth2 are the ends of one cable: the first is the guest's trunk, the other is for whoever plays the switch.
_MANAGEMENT = """\
[Match]
Name=eth0

[Network]
Address={address}/24
Address={address6}/64
LinkLocalAddressing=ipv6
IPv6AcceptRA=no
"""

# Before the kernel's package is unpacked, with the new system's root folder as $1.
PREPARE = f"""\
set -eu
mkdir -p "$1"/etc/initramfs-tools/conf.d "$1"/etc/initramfs-tools/hooks
cat > "$1"/etc/initramfs-tools/conf.d/ringfence-lab <<'CONF'
{_INITRAMFS}CONF
cat > "$1"/etc/initramfs-tools/hooks/ringfence-lab <<'HOOK'
{_INITRAMFS_HOOK}HOOK
chmod 0755 "$1"/etc/initramfs-tools/hooks/ringfence-lab
"""

# At the end. The host keys stay: the guest is known by them from its first boot on.
_CUSTOMIZE = f"""\
set -eu
chroot "$1" ssh-keygen -A >/dev/null
echo {{host}} > "$1"/etc/hostname
printf '127.0.0.1 localhost\\n::1 localhost\\n127.0.1.1 {{host}}\\n' > "$1"/etc/hosts
: > "$1"/etc/machine-id
: > "$1"/etc/resolv.conf
cat > "$1"/etc/systemd/network/50-ringfence-lab.network <<'NETWORK'
{_MANAGEMENT}NETWORK
chroot "$1" systemctl --quiet enable systemd-networkd.service
for unit in {" ".join(_MASKED)}; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done
find "$1"/var/log "$1"/var/cache -type f -delete
touch "$1"/etc/.updated "$1"/var/.updated
"""

# Runs as root with the new system as $1, the folder for the results as $2 and the key that may log in as $3.
PACK = f"""\
set -eu
umask 022
mkdir -p "$1/root/.ssh"
chmod 0700 "$1/root/.ssh"
printf '%s\\n' "$3" > "$1/root/.ssh/authorized_keys"
cat "$1"/etc/ssh/ssh_host_*_key.pub > "$2/host_keys"
cp "$1"/boot/vmlinuz-* "$2/vmlinuz"
cp "$1"/boot/initrd.img-* "$2/initrd"
mke2fs -q -t ext4 -L ringfence-lab -E lazy_itable_init=1,lazy_journal_init=1 -d "$1" "$2/root.img" {DISK}
chmod 0644 "$2"/*
"""


def host(release: str) -> str:
    """Return the name of a release's guest: gw-13 of debian13."""
    return f"gw-{_number(release)}"


def addresses(release: str) -> tuple[str, str]:
    """Return the IPv4 and IPv6 address of a release's guest on the administrators' network."""
    return f"10.63.99.{_number(release)}", f"fd63:0:0:99::{_number(release)}"


def customize(release: str) -> str:
    """Return what is done at the end of making a release's file system, with its root folder as $1."""
    address, address6 = addresses(release)
    return _CUSTOMIZE.format(host=host(release), address=address, address6=address6)


def _number(release: str) -> str:
    return release.removeprefix("debian")
