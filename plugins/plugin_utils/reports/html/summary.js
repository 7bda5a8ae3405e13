// The first page: how many, where, and what needs attention; and the last one: where it all comes from.

function redControls() {
  return BY_CONTROL.map((findings, place) => ({ place, findings, red: findings.filter((one) => RED.includes(one.status)) }))
    .filter((row) => row.red.length)
    .sort((a, b) => STATUSES.indexOf(worst(a.red)) - STATUSES.indexOf(worst(b.red)) || b.red.length - a.red.length);
}

function headline() {
  const red = FINDINGS.filter((one) => RED.includes(one.status)), unseen = HOSTS.filter((host) => !host.observed);
  const hosts = new Set(red.filter((one) => !one.host.site).map((one) => one.host)).size;
  const places = [hosts ? plural(hosts, "host") : "", red.some((one) => one.host.site) ? "the site as a whole" : ""].filter(Boolean).join(" and ");
  const first = red.length
    ? `${red.length.toLocaleString("en")} of ${plural(FINDINGS.length, "finding")} on ${places} ${red.length === 1 ? "needs" : "need"} attention.`
    : FINDINGS.length ? `None of the ${plural(FINDINGS.length, "finding")} needs attention.` : "No check was made.";
  const second = unseen.length ? ` ${plural(unseen.length, "host was", "hosts were")} not observed.` : ` All ${plural(HOSTS.length, "host")} of ${DATA.run.pack ? "this pack" : "the inventory"} observed.`;
  return el("p", { class: `headline ${red.length || unseen.length || !FINDINGS.length ? "bad" : "good"}` }, first + second);
}

function tile(number, label, href, status, of) {
  return el("a", { class: `tile ${status || ""}`, href },
    el("b", {}, number.toLocaleString("en"), of === undefined ? null : el("span", {}, ` / ${of.toLocaleString("en")}`)), el("span", {}, label));
}

function attention(rows, limit = 12) {
  if (!rows.length) return el("p", { class: "empty" }, "Nothing does.");
  const list = el("ul", { class: "attention" }, rows.slice(0, limit).map(({ place, red }) => {
    const control = DATA.controls[place], hosts = [...new Set(red.map((one) => (one.host.site ? "the site" : one.host.host)))], status = worst(red);
    return el("li", {}, badge(status), el("span", { class: "name" }, el("a", { href: `#roles/${control.id}` }, control.title), el("code", {}, control.id)),
      el("span", { class: "where" }, hosts.slice(0, 5).join(", ") + (hosts.length > 5 ? ` and ${hosts.length - 5} more` : "")));
  }));
  return el("div", {}, list, rows.length > limit ? el("p", {}, el("a", { href: "#roles" }, `${rows.length - limit} more controls`)) : null);
}

/** The roles that any host has findings of. */
const HOST_ROLES = ROLES.filter((one) => !one.findings.length || one.findings.some((found) => !found.host.site));

/** Hosts down, roles across, in as many tables as the columns need; with many hosts those that need attention most. */
function matrix(columns = HOST_ROLES.length, limit = 40) {
  const score = new Map(HOSTS.map((host) => [host, host.mine.reduce((low, one) => Math.min(low, one.rank), STATUSES.length)]));
  const hosts = HOSTS.length > limit ? [...HOSTS].sort((a, b) => score.get(a) - score.get(b)).slice(0, limit) : HOSTS;
  const cell = (host, role) => {
    const mine = host.mine.filter((one) => DATA.controls[one.control].role === role);
    const status = worst(mine);
    if (!status) return el("td", { class: "none" }, el("span", { class: "sr" }, "no checks"));
    const counts = count(mine), told = STATUSES.filter((word) => counts[word]).map((word) => `${counts[word]} ${words(word)}`).join(", ");
    const number = status === "pass" ? counts.pass : `${counts[status]}/${mine.length}`;
    return el("td", { class: status, title: told }, el("a", { href: `#hosts/${host.host}` }, mark(status), String(number), el("span", { class: "sr" }, ` ${told}`)));
  };
  const slices = [];
  for (let first = 0; first < HOST_ROLES.length; first += columns) slices.push(HOST_ROLES.slice(first, first + columns));
  return [...slices.map((roles) => el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Hosts and roles" }, el("table", { class: "matrix roles" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Host"), roles.map(({ role }) => el("th", { scope: "col" }, breakable(role))))),
    el("tbody", {}, hosts.map((host) => el("tr", {}, el("th", { scope: "row" }, el("a", { href: `#hosts/${host.host}` }, host.host),
      el("small", {}, (host.attributes.kinds || []).join(", "))), roles.map(({ role }) => cell(host, role)))))))),
  hosts.length < HOSTS.length ? el("p", { class: "info" }, `The ${limit} of ${HOSTS.length} hosts that need attention most.`) : ""];
}

function card(title, ...content) {
  return el("section", { class: "card" }, el("h3", {}, title), content.flat());
}

function summaryParts(columns) {
  const counts = count(FINDINGS);
  return [
    headline(),
    el("div", { class: "tiles" },
      tile(DATA.run.population.observed, "hosts observed", "#hosts", DATA.run.population.not_observed.length ? "not_observed" : "", DATA.run.population.hosts),
      ...STATUSES.filter((status) => counts[status] || ["fail", "error", "not_observed", "pass"].includes(status))
        .map((status) => tile(counts[status], words(status), `#findings/${status}`, counts[status] ? status : "zero"))),
    el("div", { class: "barbox" }, bar(counts)),
    card("Requirements at a glance", strip(), legend(EVIDENCE.map(({ word, label }, number) =>
      [word, label, DATA.requirements.filter((row) => row.evidence === number).length]))),
    card("Segments at a glance", segmentsSummary()),
    card("What needs attention", attention(redControls())),
    card("What changed", changesSummary()),
    DATA.scope.classes.length ? card("Scope by class", scopeSummary()) : "",
    SAMPLED.size ? card("The auditor's sample", sampleSummary()) : "",
    REGISTERS.length ? card("Exceptions and attestations", registerSummary()) : "",
    LEDGER.length ? card("Recurring activities", ledgerSummary()) : "",
    card("Hosts and roles", matrix(columns)),
  ];
}

function viewSummary(view) {
  view.append(el("h2", { class: "sr" }, "Summary"), ...summaryParts());
}

function aboutFacts() {
  const run = DATA.run, commit = run.collection.commit;
  return [
    ["Site", `${run.site.title} (${run.site.name})`], ["Run", run.run], ["Began", run.started_at], ["Ended", run.finished_at],
    ["Collection", `${run.collection.name} ${run.collection.version}`],
    ["Commit", commit ? `${commit.id}${commit.modified ? ", with local changes" : ""}` : null],
    ["Run by", run.controller ? `${run.controller.user}${run.controller.sudo_user ? ` (${run.controller.sudo_user} by sudo)` : ""} on ${run.controller.host}` : null],
    ["Ansible", run.ansible], ["Measured against", run.standard],
    ["Controls and checks", `${plural(DATA.controls.length, "control")}, ${plural(DATA.checks.length, "check")}`],
  ].filter(([, value]) => value);
}

const MEANINGS = [
  ["pass", "The check was made and found what is expected."],
  ["fail", "The check was made and found something else."],
  ["error", "The check could not be decided: a variable or an answer was not valid."],
  ["not_observed", "The check was not made: the host or what is needed to look was not there."],
  ["excepted", "The check failed and an exception in force accepts that."],
  ["not_applicable", "The check has no meaning on this host."],
  ["attested", "No check observes it: a person states it, signed, with evidence and an end."],
  ["expired", "What a person stated about it is out of date."],
];

function viewAbout(view) {
  view.append(el("h2", {}, "About this report"),
    card("The audit", el("dl", { class: "facts wide-facts" }, aboutFacts().map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))))),
    DATA.proof.notes.length ? card("The negative control", warnings(DATA.proof.notes)) : "",
    card("What the words mean", el("dl", { class: "meanings" }, MEANINGS.map(([status, text]) => el("div", {}, el("dt", {}, badge(status)), el("dd", {}, text))))),
    card("Is it as it was sealed?", el("p", {}, "The folder that this file came in holds the same data as JSON, the hash of every file in manifest.json, "
      + "and the hash of the manifest of the bundle before it. In that folder, either of these finds every altered or missing file; the first looks at the "
      + "other bundles and the signature too:"), el("pre", {}, "python3 verify.py\nsha256sum -c SHA256SUMS")));
  if (DATA.run.population.not_observed.length) {
    view.append(card("Hosts not observed", el("ul", {}, DATA.run.population.not_observed.map(({ host, reason }) => el("li", {}, el("b", {}, host), `: ${reason}`)))));
  }
}
