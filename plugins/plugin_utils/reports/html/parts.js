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
    el("div", { class: wrong.includes(key) ? "wrong" : null }, el("dt", {}, key), el("dd", {}, toText(value)))));
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
  return el("tr", {}, columns.map((name) => cells[name]()));
}

const HEADS = { status: "Status", host: "Host", check: "Check", expected: "Expected", observed: "Observed", source: "Source and time" };

function findingTable(findings, { host = true, check = true, caption } = {}) {
  const columns = Object.keys(HEADS).filter((name) => (name !== "host" || host) && (name !== "check" || check));
  const table = el("table", { class: "findings" }, caption ? el("caption", { class: "sr" }, caption) : null,
    el("thead", {}, el("tr", {}, columns.map((name) => el("th", { scope: "col" }, HEADS[name])))), el("tbody"));
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

/** Every requirement as one cell, a row a chapter. */
function strip() {
  const rows = Object.keys(CHAPTERS).map((key) => [key, DATA.requirements.filter((row) => chapter(row.id) === key)]);
  const cell = 17, gap = 3, left = 178, most = Math.max(...rows.map(([, list]) => list.length));
  const width = left + most * (cell + gap), height = rows.length * (cell + gap + 4);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "strip", role: "img",
    "aria-label": "Requirements at a glance; the same is in the view Requirements as a list" });
  rows.forEach(([key, list], line) => {
    const y = line * (cell + gap + 4);
    picture.append(svg("text", { x: 0, y: y + 13, class: "chapter" }, `${key}  ${CHAPTERS[key]}`));
    list.forEach((row, column) => {
      const word = EVIDENCE[row.evidence].word, x = left + column * (cell + gap);
      picture.append(svg("a", { href: `#requirements/${row.id}`, tabindex: "-1", class: `cell ${word}` },
        svg("title", {}, `${row.id}: ${EVIDENCE[row.evidence].label}. ${row.title}`),
        svg("rect", { x: x + 0.5, y: y + 0.5, width: cell - 1, height: cell - 1, rx: 3.5 }),
        svg("text", { x: x + cell / 2, y: y + 12, "text-anchor": "middle" }, GLYPHS[word])));
    });
  });
  return picture;
}

function legend(entries) {
  return el("ul", { class: "legend" }, entries.map(([word, label, number]) =>
    el("li", {}, el("span", { class: `mark ${word}`, "aria-hidden": "true" }, GLYPHS[word]), `${label} `, el("b", {}, number.toLocaleString("en")))));
}
