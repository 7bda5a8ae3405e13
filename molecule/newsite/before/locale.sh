#!/bin/sh
set -eu
# A language that is not installed, and a shell that talks whenever it starts.
echo 'LANG=de_DE.UTF-8' > /etc/default/locale
printf 'LC_ALL=de_DE.UTF-8\nLANGUAGE=de\n' >> /etc/environment
# shellcheck disable=SC2016
echo 'echo "Willkommen auf $HOST"' > /home/automation/.tcshrc
