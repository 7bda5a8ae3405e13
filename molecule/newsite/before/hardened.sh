#!/bin/sh
set -eu
# Hardened by others: sshd's file without Include, nftables as CIS has it enabled, which flushes everything, umask 077, TMOUT.
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nftables
cat > /etc/nftables.conf <<'NFT'
#!/usr/sbin/nft -f
flush ruleset

table inet filter {
	chain input {
		type filter hook input priority filter;
	}
	chain forward {
		type filter hook forward priority filter;
	}
	chain output {
		type filter hook output priority filter;
	}
}
NFT
systemctl --quiet enable --now nftables.service
rm -f /etc/ssh/sshd_config.d/*
cat > /etc/ssh/sshd_config <<'SSHD'
# Managed by others.
Port 22
AddressFamily any
Protocol 2
HostKey /etc/ssh/ssh_host_ed25519_key
HostKey /etc/ssh/ssh_host_rsa_key
LogLevel VERBOSE
LoginGraceTime 30s
MaxAuthTries 2
MaxSessions 10
MaxStartups 10:30:60
PermitRootLogin no
StrictModes yes
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
AllowAgentForwarding no
AllowTcpForwarding no
X11Forwarding no
PrintMotd no
TCPKeepAlive no
ClientAliveInterval 300
ClientAliveCountMax 3
AllowGroups sudo
Subsystem sftp internal-sftp -l INFO -f LOCAL6 -u 0027
SSHD
chmod 0600 /etc/ssh/sshd_config
systemctl restart ssh.service
sed -i 's/^UMASK.*/UMASK 077/' /etc/login.defs
grep -q pam_umask /etc/pam.d/common-session || echo 'session optional pam_umask.so' >> /etc/pam.d/common-session
echo 'Defaults umask=0077, umask_override' > /etc/sudoers.d/umask
chmod 0440 /etc/sudoers.d/umask
echo 'declare -xr TMOUT=600' > /etc/profile.d/tmout.sh
printf 'umask 077\n' >> /etc/bash.bashrc
printf '# M\374ller war hier\n' >> /etc/bash.bashrc
