#!/bin/sh
set -eu
# sudo has something to say whenever it asks for a password.
echo 'Defaults lecture=always, insults' > /etc/sudoers.d/lecture
chmod 0440 /etc/sudoers.d/lecture
