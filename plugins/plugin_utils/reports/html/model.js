// The data of the page, decoded once, and the questions that the views ask of it.

const DATA = JSON.parse(document.getElementById("data").textContent);
const STATUSES = DATA.statuses;
const EVIDENCE = DATA.evidence.map(([word, label]) => ({ word, label }));
const RED = ["fail", "error", "not_observed"];
const GLYPHS = {
  fail: "✕", error: "!", not_observed: "?", excepted: "◇", drifted: "↘", new: "+", still_open: "=", fixed: "✓", no_longer_checked: "–", attested: "✎", expired: "⊘", pass: "✓", not_applicable: "–",
  does_not_support: "✕", partly_observed: "◐", supports: "✓", not_covered: "",
};
const CHAPTERS = {
  1: "Network controls", 2: "Secure settings", 3: "Stored account data", 4: "Data on the way", 5: "Malware",
  6: "Software and patches", 7: "Access by need", 8: "Users and logins", 9: "Physical access", 10: "Logs",
  11: "Testing", 12: "Policies", A1: "Shared providers", A2: "Old TLS",
};

const FINDINGS = [];
const BY_CONTROL = DATA.controls.map(() => []);
DATA.hosts.forEach((host, place) => {
  host.place = place;
  host.mine = host.findings.map(([check, status, expected, observed, source, time, reason, wrong]) => {
    const [id, control, aspect, probe] = DATA.checks[check];
    const value = (number) => DATA.pool[number];
    const one = {
      id, control, aspect, probe, host, status: STATUSES[status], rank: status,
      get expected() { return value(expected); },
      get observed() { return value(observed); },
      get source() { return value(source); },
      get time() { return value(time); },
      get reason() { return value(reason); },
      get wrong() { return value(wrong) || []; },
    };
    FINDINGS.push(one);
    BY_CONTROL[control].push(one);
    return one;
  });
  delete host.findings;
});

/** The hosts of the inventory; what is found about the site as a whole has a row of its own in DATA.hosts. */
const HOSTS = DATA.hosts.filter((host) => !host.site);
const SITE = DATA.hosts.find((host) => host.site);

function count(findings) {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
  findings.forEach((one) => { counts[one.status] += 1; });
  return counts;
}

/** The status that deserves attention most. */
function worst(findings) {
  return findings.length ? STATUSES[findings.reduce((low, one) => Math.min(low, one.rank), STATUSES.length)] : null;
}

function byAttention(findings) {
  return [...findings].sort((a, b) => a.rank - b.rank || a.host.place - b.host.place || a.id.localeCompare(b.id));
}

const ROLES = [...new Set(DATA.controls.map((control) => control.role))].map((role) => {
  const controls = DATA.controls.map((control, place) => place).filter((place) => DATA.controls[place].role === role);
  return { role, controls, findings: controls.flatMap((place) => BY_CONTROL[place]) };
});

function chapter(id) {
  return id.split(".")[0];
}

/** What a search looks through, in small letters, made when first asked for. */
function haystack(thing, parts) {
  thing.hay ??= parts().flat().filter(Boolean).join(" ").toLowerCase();
  return thing.hay;
}

function findingText(one) {
  return haystack(one, () => [
    one.id, one.host.host, one.aspect, one.status, one.reason, one.source, DATA.controls[one.control].title,
  ]);
}
