# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a host image. A change here is a new recipe: the next call builds the images again."""

from __future__ import annotations

# What the image tells podman.
CHANGES = ('CMD ["/sbin/init"]', "STOPSIGNAL SIGRTMIN+3")

# What every image has.
CORE = (
    "ca-certificates",
    "curl",
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
    "openssl",
    "passwd",
    "procps",
    "python3",
    "python3-apt",
    "sudo",
    "systemd",
    "systemd-sysv",
    "util-linux",
)

# What the minimal images have in place of all that: a server as Debian's installer leaves it, without any package that
# a role installs. A second login shell is there because people have one.
MINIMAL = (
    "cron",
    "dbus",
    "init-system-helpers",
    "iproute2",
    "iputils-ping",
    "libpam-modules",
    "libpam-runtime",
    "libpam-systemd",
    "login",
    "netbase",
    "openssh-client",
    "openssh-server",
    "passwd",
    "procps",
    "python3",
    "sudo",
    "systemd",
    "systemd-sysv",
    "tcsh",
    "util-linux",
)

# What the plain images have besides: the programs of the roles, of those that a site of any size can do with.
ROLES = (
    "bind9-dnsutils",
    "clamav",
    "clamav-daemon",
    "clamav-freshclam",
    "clamav-milter",
    "clamdscan",
    "cracklib-runtime",
    "dconf-cli",
    "dns-root-data",
    "dnsmasq-base",
    "fail2ban",
    "libpam-pwquality",
    "logrotate",
    "postfix",
    "python3-systemd",
    "rkhunter",
    "snmpd",
    "squid-openssl",
    "udhcpc",
    "unbound",
    "wamerican",
)

# What an image RELEASE-FLAVOUR has in place of that. It is built only where a lab names it, for most labs do without.
FLAVOURS = {
    "browsers": ("chromium", "chromium-driver", "firefox-esr"),
    # Databases, and other products that are delivered with a well-known login.
    "databases": (
        "mariadb-server",
        "postgresql",
        "rabbitmq-server",
        "redis-server",
        "snmpd",
        "zabbix-frontend-php",
        "zabbix-server-pgsql",
    ),
    "directory": (
        "fail2ban",
        "ldap-utils",
        "libnss-sss",
        "libpam-sss",
        "postgresql",
        "python3-systemd",
        "slapd",
        "sssd-ldap",
    ),
    "desktops": (
        "dbus-x11",
        "dconf-cli",
        "libkf5config-bin",
        "libglib2.0-bin",
        "mate-screensaver",
        "mate-session-manager",
        "xdotool",
        "xvfb",
    ),
    # Names, time, packages and definitions for hosts that reach nothing else.
    "infrastructure": ("chrony", "clamav", "dns-root-data", "unbound"),
    # See MINIMAL, which takes the place of CORE too.
    "minimal": (),
}

# The packages of all roles, those that every Debian system has left out: the lab's mirror has them with all that they
# depend on, and nothing else.
MIRROR = (
    "ca-certificates",
    "clamav",
    "clamav-daemon",
    "clamav-freshclam",
    "clamav-milter",
    "clamdscan",
    "cracklib-runtime",
    "dconf-cli",
    "dns-root-data",
    "dnsmasq-base",
    "fail2ban",
    "libpam-pwquality",
    "logrotate",
    "nftables",
    "openssl",
    "postfix",
    "python3-apt",
    "python3-systemd",
    "rkhunter",
    "squid-openssl",
    "sudo",
    "unbound",
    "wamerican",
)

# What one release has of a flavour and the other has not.
ONLY_HERE = {
    "debian13-desktops": ("libkf6config-bin", "xfce4-screensaver", "xfce4-session"),
}

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
    "logrotate.timer",
    "systemd-firstboot.service",
    "systemd-networkd-wait-online.service",
)

# Installed for the roles that run them, or for their tests; a host without such a role has them lie still.
_STILL = (
    "clamav-daemon.service",
    "clamav-daemon.socket",
    "clamav-freshclam.service",
    "clamav-milter.service",
    "fail2ban.service",
    "mariadb.service",
    "postfix.service",
    "postgresql.service",
    "rabbitmq-server.service",
    "redis-server.service",
    "snmpd.service",
    "squid.service",
    "unbound.service",
    "zabbix-server.service",
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

# Nobody can fetch real virus definitions in a test: these know the EICAR test file and an unwanted program of our own,
# and are as young as the boot of the host. The numbers are MD5 sums; the test file itself is assembled by the tests.
_DEFINITIONS_SCRIPT = """\
#!/bin/sh
set -eu
test -x /usr/bin/sigtool || exit 0
mkdir -p /srv/ringfence-lab
folder=$(mktemp -d)
cd "$folder"
: > COPYING
echo 44d88612fea8a8f36de82e1278abb02f:68:Ringfence.Test.Eicar > ringfence-lab.hdb
echo "$(printf 'unwanted program of the lab' | md5sum | cut -c 1-32):27:PUA.Ringfence.Test.Program" > ringfence-lab.hdu
export SIGNDUSER=lab
sigtool --build=ringfence-lab.cud --unsigned --cvd-version="$(date +%Y%j)" --no-cdiff </dev/null >/dev/null 2>&1
mv ringfence-lab.cud /srv/ringfence-lab/
rm -r "$folder"
"""
_DEFINITIONS_UNIT = """\
[Unit]
Description=Make virus definitions for the lab at every boot

[Service]
Type=oneshot
ExecStart=/usr/lib/ringfence-lab/definitions

[Install]
WantedBy=multi-user.target
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
mkdir -p "$1"/usr/lib/ringfence-lab "$1"/usr/lib/systemd/system/multi-user.target.wants
cat > "$1"/usr/lib/ringfence-lab/definitions <<'SCRIPT'
{_DEFINITIONS_SCRIPT}SCRIPT
chmod 0755 "$1"/usr/lib/ringfence-lab/definitions
cat > "$1"/usr/lib/systemd/system/ringfence-lab-definitions.service <<'UNIT'
{_DEFINITIONS_UNIT}UNIT
ln -s ../ringfence-lab-definitions.service "$1"/usr/lib/systemd/system/multi-user.target.wants/
for unit in {" ".join(_STILL)}; do
  if test -e "$1/usr/lib/systemd/system/$unit" || test -e "$1/etc/init.d/${{unit%.service}}"; then
    chroot "$1" systemctl --quiet disable "$unit" 2>/dev/null
  fi
done
for unit in {" ".join(_MASKED)}; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done
find "$1"/var/log "$1"/var/cache -type f -delete
touch "$1"/etc/.updated "$1"/var/.updated
"""

# The same for a minimal image, which has nothing of the lab in it.
CUSTOMIZE_MINIMAL = f"""\
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
