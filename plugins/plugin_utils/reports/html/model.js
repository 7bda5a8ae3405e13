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

/** One check on one host: a row of numbers, and what they stand for when it is asked. There may be some 100,000. */
class Finding {
  constructor(row, host) { this.row = row; this.host = host; }
  get id() { return DATA.checks[this.row[0]][0]; }
  get control() { return DATA.checks[this.row[0]][1]; }
  get aspect() { return DATA.checks[this.row[0]][2]; }
  get probe() { return DATA.checks[this.row[0]][3]; }
  get rank() { return this.row[1]; }
  get status() { return STATUSES[this.row[1]]; }
  get expected() { return DATA.pool[this.row[2]]; }
  get observed() { return DATA.pool[this.row[3]]; }
  get source() { return DATA.pool[this.row[4]]; }
  get time() { return DATA.pool[this.row[5]]; }
  get reason() { return DATA.pool[this.row[6]]; }
  get wrong() { return DATA.pool[this.row[7]] || []; }
}

const FINDINGS = [];
const BY_CONTROL = DATA.controls.map(() => []);
DATA.hosts.forEach((host, place) => {
  host.place = place;
  host.mine = host.findings.map((row) => new Finding(row, host));
  host.mine.forEach((one) => { FINDINGS.push(one); BY_CONTROL[one.control].push(one); });
  delete host.findings;
});

/** The hosts of the inventory; what is found about the site as a whole has a row of its own in DATA.hosts. */
const HOSTS = DATA.hosts.filter((host) => !host.site);
const SITE = DATA.hosts.find((host) => host.site);

function count(findings) {
  const numbers = STATUSES.map(() => 0);
  findings.forEach((one) => { numbers[one.row[1]] += 1; });
  return Object.fromEntries(STATUSES.map((status, place) => [status, numbers[place]]));
}

/** The status that deserves attention most. */
function worst(findings) {
  return findings.length ? STATUSES[findings.reduce((low, one) => Math.min(low, one.rank), STATUSES.length)] : null;
}

/** The place of each check when they are sorted by their ids. */
const CHECK_ORDER = [];
DATA.checks.map(([id], place) => [id, place]).sort(([a], [b]) => a.localeCompare(b)).forEach(([, place], order) => { CHECK_ORDER[place] = order; });

function byAttention(findings) {
  return [...findings].sort((a, b) => a.row[1] - b.row[1] || a.host.place - b.host.place || CHECK_ORDER[a.row[0]] - CHECK_ORDER[b.row[0]]);
}

/** All findings like that, sorted when first asked for. */
function allByAttention() {
  allByAttention.made ??= byAttention(FINDINGS);
  return allByAttention.made;
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

/** What a reader may look for in a control besides its checks: the requirements and claims that it serves. */
const SERVED = DATA.controls.map((control) => [...control.pci_dss, ...control.claims].map((id) => id.toLowerCase()));
const IS_REQUIREMENT = /^a?\d+(\.\d+)+$/;

/** Whether a control serves what a word names: a requirement with all below it, or a claim. */
function serves(place, word) {
  return SERVED[place].some((id) => (IS_REQUIREMENT.test(word) ? id === word || id.startsWith(`${word}.`) : id.includes(word)));
}

/** Whether findings have all words of a text, each in any of their parts. Every part is looked through once, not once a finding. */
function findingSearch(text) {
  const low = (value) => String(value).toLowerCase();
  findingSearch.pool ??= DATA.pool.map((value) => (typeof value === "string" ? low(value) : ""));
  const tests = text.split(/\s+/).filter(Boolean).map((word) => {
    const checks = DATA.checks.map(([id, control, aspect]) => low(`${id} ${aspect} ${DATA.controls[control].title}`).includes(word) || serves(control, word));
    const statuses = STATUSES.map((status) => status.includes(word) || words(status).includes(word)), pool = findingSearch.pool.map((value) => value.includes(word));
    const hosts = DATA.hosts.map(({ host, attributes }) => low([host, attributes.class, attributes.segment, attributes.client, (attributes.kinds || []).join(" ")].join(" ")).includes(word));
    return ({ row, host }) => checks[row[0]] || statuses[row[1]] || pool[row[4]] || pool[row[6]] || hosts[host.place];
  });
  return (one) => tests.every((test) => test(one));
}
