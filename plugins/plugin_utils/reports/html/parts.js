// The pieces that several views are built of.

function mark(status) {
  return el("span", { class: `mark ${status}`, "aria-hidden": "true" }, GLYPHS[status] || "");
}

function badge(status, label) {
  return el("span", { class: `badge ${status}` }, mark(status), label || words(status));
}

/** An id that may break after its dots and underlines. */
function breakable(text) {
  return text.split(/(?<=[._])/).flatMap((part, place) => (place ? [el("wbr"), part] : [part]));
}

/** The counts of some findings as small badges, those that are not zero. */
function tally(findings) {
  const counts = count(findings);
  return el("span", { class: "tally" }, STATUSES.filter((status) => counts[status]).map((status) =>
    el("span", { class: `count ${status}`, title: words(status) }, mark(status), String(counts[status]),
      el("span", { class: "sr" }, ` ${words(status)} `))));
}

function chips(items, kind) {
  return items.map((item) => (kind
    ? el("a", { class: "chip", href: `#${kind}/${item}` }, item)
    : el("span", { class: "chip" }, item)));
}

function say(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return value === "" ? "(empty)" : value;
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return value.length ? value.join(", ") : "(none)";
  return JSON.stringify(value);
}

const MATCHERS = {
  min: (bound) => `at least ${bound}`,
  max: (bound) => `at most ${bound}`,
  in: (bound) => `one of ${say(bound)}`,
  contains: (bound) => `contains ${say(bound)}`,
  contains_none: (bound) => `contains none of ${say(bound)}`,
  subset_of: (bound) => `only of ${say(bound)}`,
  each_min: (bound) => Object.entries(bound).map(([key, least]) => `${key} at least ${least}`).join(", "),
  matches: (bound) => `matches ${bound}`,
};

function sayExpected(value) {
  const matcher = value && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0
    && Object.keys(value).every((key) => key in MATCHERS);
  return matcher ? Object.entries(value).map(([key, bound]) => MATCHERS[key](bound)).join(", ") : say(value);
}

function pairs(entries, toText, wrong = []) {
  return el("dl", { class: "pairs" }, entries.map(([key, value]) =>
    el("div", { class: wrong.includes(key) ? "wrong" : null }, el("dt", {}, breakable(key)), " ", el("dd", {}, toText(value)))));
}

/** What was seen: the expected keys first, the others on demand. */
function observedCell(one) {
  if (!one.observed) return el("td", {}, one.reason ? el("p", { class: "reason" }, one.reason) : "—");
  const wanted = Object.keys(one.expected || {});
  const first = wanted.filter((key) => key in one.observed).map((key) => [key, one.observed[key]]);
  const missing = wanted.filter((key) => !(key in one.observed)).map((key) => [key, "(not there)"]);
  const rest = Object.entries(one.observed).filter(([key]) => !wanted.includes(key));
  return el("td", {}, pairs([...first, ...missing], say, one.wrong), rest.length
    ? disclosure({ class: "rest" }, `${rest.length} more`, (body) => body.append(pairs(rest, say))) : null);
}

function findingRow(one, columns) {
  const cells = {
    status: () => el("td", { class: "status" }, badge(one.status)),
    host: () => el("td", {}, one.host.site ? "the site" : el("a", { href: `#hosts/${one.host.host}` }, one.host.host)),
    check: () => el("td", { class: "check" }, el("code", {}, breakable(one.id)), el("small", {}, words(one.aspect)), proofOf(one.id)),
    expected: () => el("td", {}, one.expected && Object.keys(one.expected).length
      ? pairs(Object.entries(one.expected), sayExpected) : "—"),
    observed: () => observedCell(one),
    source: () => el("td", { class: "source" }, one.source ? el("code", {}, one.source) : "—",
      one.time ? el("small", {}, el("time", { datetime: one.time }, one.time.replace("T", " ").replace("Z", " UTC"))) : null),
  };
  return wideRow(headsOf(columns), columns.map((name) => cells[name]()));
}

const HEADS = { status: "Status", host: "Host", check: "Check", expected: "Expected", observed: "Observed", source: "Source and time" };
const headsOf = (columns) => columns.map((name) => [HEADS[name], name]);

function findingTable(findings, { host = true, check = true, caption } = {}) {
  const columns = Object.keys(HEADS).filter((name) => (name !== "host" || host) && (name !== "check" || check));
  const table = wideTable("findings", caption, headsOf(columns));
  const list = lazily(table, findings, (one) => findingRow(one, columns), 50);
  return { node: el("div", { class: "scroll" }, table), start: list.start };
}

function addFindings(body, findings, options) {
  if (!findings.length) {
    body.append(el("p", { class: "empty" }, "No finding."));
    return;
  }
  const table = findingTable(findings, options);
  body.append(table.node);
  table.start();
}

/** A control as a disclosure over its findings, of all hosts or of one. */
function controlBox(place, findings, host) {
  const control = DATA.controls[place];
  const status = worst(findings);
  return disclosure({ class: "control" }, [
    status ? mark(status) : el("span", { class: "mark" }),
    el("span", { class: "name" }, control.title, el("code", {}, control.id)), tally(findings),
  ], (body) => {
    const served = [
      ...(control.pci_dss.length ? [el("span", { class: "label" }, "Requirements"), ...chips(control.pci_dss, "requirements")] : []),
      ...(control.claims.length ? [el("span", { class: "label" }, "Claims"), ...chips(control.claims, "claims")] : []),
    ];
    if (served.length) body.append(el("p", { class: "served" }, served));
    addFindings(body, byAttention(findings), { host: !host, caption: `Findings of ${control.id}` });
  });
}

function bar(counts) {
  const total = STATUSES.reduce((sum, status) => sum + counts[status], 0) || 1;
  const label = STATUSES.filter((status) => counts[status]).map((status) => `${counts[status]} ${words(status)}`).join(", ");
  return el("div", { class: "bar", role: "img", "aria-label": label || "no findings" },
    STATUSES.filter((status) => counts[status]).map((status) =>
      el("span", { class: status, style: `flex-grow:${Math.max(counts[status] / total, 0.006)}`, title: `${counts[status]} ${words(status)}` })));
}

/** Every requirement as a square with its id, a row a chapter. */
function strip() {
  const square = (row) => {
    const { word, label } = EVIDENCE[row.evidence];
    return el("a", { href: `#requirements/${row.id}`, class: `square ${word}`, title: `${row.id}: ${label}. ${row.title}` },
      GLYPHS[word] ? el("span", { "aria-hidden": "true" }, GLYPHS[word]) : "", row.id, el("span", { class: "sr" }, ` ${label}`));
  };
  return el("div", { class: "strip" }, Object.keys(CHAPTERS).map((key) => el("div", { class: "chapter" }, el("span", { class: "label" }, `${key} ${CHAPTERS[key]}`),
    el("span", { class: "squares" }, DATA.requirements.filter((row) => chapter(row.id) === key).map(square)))));
}

function legend(entries) {
  return el("ul", { class: "legend" }, entries.map(([word, label, number]) =>
    el("li", {}, el("span", { class: `mark ${word}`, "aria-hidden": "true" }, GLYPHS[word]), `${label} `, el("b", {}, number.toLocaleString("en")))));
}
