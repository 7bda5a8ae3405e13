#!/bin/sh
# A mirror of two packages on this host itself: rf-plain, and rf-daemon with a unit that fails as long as it is not configured.
set -eu
root=/srv/rf-mirror
mkdir -p "$root" /etc/apt/rf-before
build() {
    name=$1
    made=$(mktemp -d)
    mkdir -p "$made/DEBIAN" "$made/usr/lib/systemd/system"
    printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: Lab <lab@example.com>\nDescription: of the lab\n' \
        "$name" > "$made/DEBIAN/control"
    if [ "$name" = rf-daemon ]; then
        printf '[Service]\nExecStart=/usr/bin/test -e /run/rf-configured\n[Install]\nWantedBy=multi-user.target\n' \
            > "$made/usr/lib/systemd/system/rf-daemon.service"
        printf '#!/bin/sh\nsystemctl daemon-reload\nsystemctl enable -q rf-daemon.service\n%s\n' \
            'deb-systemd-invoke start rf-daemon.service || true' > "$made/DEBIAN/postinst"
        chmod 0755 "$made/DEBIAN/postinst"
    fi
    file=${name}_1_all.deb
    dpkg-deb --root-owner-group -b "$made" "$root/$file" > /dev/null
    dpkg-deb -f "$root/$file"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$root/$file")" \
        "$(sha256sum "$root/$file" | cut -d ' ' -f 1)"
    rm -rf "$made"
}
{ build rf-plain; build rf-daemon; } > "$root/Packages"
for path in /etc/apt/sources.list /etc/apt/sources.list.d; do
    if [ -e "$path" ]; then mv "$path" /etc/apt/rf-before/; fi
done
mkdir -p /etc/apt/sources.list.d
echo 'deb [trusted=yes] http://127.0.0.1:8099/ ./' > /etc/apt/sources.list.d/rf.list
systemd-run -q --unit=rf-mirror /usr/bin/python3 -m http.server 8099 --bind 127.0.0.1 --directory "$root"
