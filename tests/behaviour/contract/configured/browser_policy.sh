#!/bin/sh
# Browsers with policies of the site's: some contradict the role's, most have nothing to do with it.
# warning: /etc/firefox/policies/policies.json has settings of this host that the role's own replace: policies.DisablePrivateBrowsing. They come back
# warning: /etc/chromium/policies/managed/site.json has settings of this host that the role's own replace: URLBlocklist. They come back
set -eu

configure() {
  mkdir -p /etc/firefox/policies /etc/chromium/policies/managed
  # With the form and the order of a person.
  printf '{ "policies": {\n  "OfferToSaveLogins": false, "Homepage": {"URL": "https://crm.acme.test/"},\n' \
    > /etc/firefox/policies/policies.json
  printf '  "DisablePrivateBrowsing": false,  "DisablePocket": true } }\n' >> /etc/firefox/policies/policies.json
  printf '{"HomepageLocation": "https://crm.acme.test/",  "URLBlocklist": ["ads.example"]}' \
    > /etc/chromium/policies/managed/site.json
  printf '{"BookmarkBarEnabled": true}' > /etc/chromium/policies/managed/bookmarks.json
}

works() {
  python3 - << 'END'
import json

firefox = json.load(open("/etc/firefox/policies/policies.json"))["policies"]
assert firefox["Homepage"] == {"URL": "https://crm.acme.test/"}, firefox
assert firefox["DisablePrivateBrowsing"] is True, firefox
chromium = json.load(open("/etc/chromium/policies/managed/site.json"))
assert chromium == {"HomepageLocation": "https://crm.acme.test/"}, chromium
assert open("/etc/chromium/policies/managed/bookmarks.json").read() == '{"BookmarkBarEnabled": true}'
END
}

restore() {
  rm -f /etc/firefox/policies/policies.json /etc/chromium/policies/managed/site.json \
    /etc/chromium/policies/managed/bookmarks.json
  rmdir --parents --ignore-fail-on-non-empty /etc/firefox/policies /etc/chromium/policies/managed
}

"$1"
