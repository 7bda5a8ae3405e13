# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account by which a host of the lab is reached: root, or as on a real site somebody who has to become root."""

from __future__ import annotations

import shlex

from .spec import Login

# For root in a host, with the variables below and the public key in $key. The account is made once: what a role or a
# test changed of it stays as it is.
SETTLE = """\
if [ "$user" = root ]; then
  home=/root
elif id "$user" >/dev/null 2>&1; then
  home=$(getent passwd "$user" | cut -d: -f6)
else
  useradd --create-home --shell "$shell" "$user"
  home=/home/$user
  case $become in
    sudo) usermod --append --groups sudo "$user"; printf '%s:%s\\n' "$user" "$password" | chpasswd ;;
    su) printf 'root:%s\\n' "$password" | chpasswd; dpkg --purge sudo >/dev/null ;;
    nopasswd) (umask 337; printf '%s ALL=(ALL:ALL) NOPASSWD: ALL\\n' "$user" > "/etc/sudoers.d/$user") ;;
  esac
  printf 'PermitRootLogin no\\n' > /etc/ssh/sshd_config.d/00-root.conf
  [ "$port" = 22 ] || sed -i "1i Port $port" /etc/ssh/sshd_config
  systemctl restart ssh.service
fi
[ -d "$home/.ssh" ] || install -d -m 700 -o "$user" -g "$user" "$home/.ssh"
grep -qxF "$key" "$home/.ssh/authorized_keys" 2>/dev/null || echo "$key" >> "$home/.ssh/authorized_keys"
chown "$user:" "$home/.ssh/authorized_keys"
chmod 600 "$home/.ssh/authorized_keys"
"""


def variables(login: Login, password: str) -> str:
    """Return the shell lines that SETTLE builds upon; they come by standard input, as a password must in no argv.

    :param password: what becoming root takes, '' where it takes none.
    """
    values = {
        "user": login.user,
        "shell": login.shell,
        "port": str(login.port),
        "become": login.become,
        "password": password,
    }
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
