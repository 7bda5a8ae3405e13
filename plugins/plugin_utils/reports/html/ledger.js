// Recurring activities: when it took place, what was missed, what is due next.

const LEDGER = DATA.ledger.activities;
const LEDGER_WORDS = { overdue: ["fail", "Overdue"], changed: ["fail", "Changed since"], due: ["error", "Due today"], no_record: ["not_covered", "No record"], on_time: ["pass", "On time"] };

function ledgerBadge(row) {
  return row.last_failed && row.status !== "overdue" ? badge("fail", "Ended badly") : badge(...LEDGER_WORDS[row.status]);
}

/** The last year as a line: what took place, what was missed, what is due. */
function timeline(row) {
  const day = (text) => Date.parse(`${text}T00:00:00Z`) / 864e5;
  const today = day(DATA.ledger.day), first = today - 366, last = today + 92, width = 420, height = 26;
  const x = (text) => 6 + ((day(text) - first) / (last - first)) * (width - 12);
  const within = (text) => day(text) >= first && day(text) <= last;
  const label = `${row.title}: ${plural(row.occurred, "occurrence")}, ${row.missed_in_a_year} missed within a year, ${row.next_due ? `next due ${row.next_due}` : "none due"}`;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "timeline", role: "img", "aria-label": label },
    svg("line", { x1: 6, x2: width - 6, y1: 13, y2: 13, class: "axis" }), svg("line", { x1: x(DATA.ledger.day), x2: x(DATA.ledger.day), y1: 3, y2: 23, class: "today" }));
  row.days_in_a_year.forEach((on) => picture.append(svg("circle", { cx: x(on), cy: 13, r: row.days_in_a_year.length > 40 ? 2.5 : 4.5, class: "done" }, svg("title", {}, on))));
  row.missed.filter((one) => within(one.due)).forEach((one) => picture.append(svg("text", { x: x(one.due), y: 17, "text-anchor": "middle", class: "missed" }, "✕",
    svg("title", {}, `Due ${one.due}, ${one.done ? `done ${one.done}` : "not done since"}`))));
  if (row.next_due && within(row.next_due)) {
    picture.append(svg("circle", { cx: x(row.next_due), cy: 13, r: 4.5, class: row.status === "overdue" ? "late" : "next" }, svg("title", {}, `Due ${row.next_due}`)));
  }
  return picture;
}

function ledgerFacts(row) {
  return [
    ["At least every", row.at_least_every || "as its records say"], ["Here every", row.every !== row.at_least_every ? row.every : null], ["Asked for since", row.since],
    ["Took place", row.occurred ? plural(row.occurred, "time") : "never, as far as is known"], ["Last", row.last], ["Next due", row.next_due],
    ["Changed since", (row.changed || []).join(", ")], ["Missed within a year", row.missed_in_a_year ? String(row.missed_in_a_year) : "none"],
    ["Requirements", row.pci.length ? el("span", {}, chips(row.pci, "requirements")) : null], ["Claims", row.claims.length ? el("span", {}, chips(row.claims, "claims")) : null],
  ].filter(([, value]) => value);
}

function ledgerBox(row) {
  return disclosure({ class: "item activity" }, [
    el("span", { class: "name" }, row.title, el("small", {}, row.every ? `every ${row.every}` : "")), el("span", { class: "end line" }, timeline(row), ledgerBadge(row)),
  ], (body) => {
    body.append(el("dl", { class: "facts" }, ledgerFacts(row).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
    if (row.occurrences.length) {
      body.append(el("div", { class: "scroll" }, el("table", { class: "plain" }, el("caption", { class: "sr" }, `Occurrences of ${row.title}`),
        el("thead", {}, el("tr", {}, ["Day", "Outcome", "Known from", "In short"].map((head) => el("th", { scope: "col" }, head)))),
        el("tbody", {}, row.occurrences.map((one) => el("tr", {}, el("td", {}, one.on), el("td", {}, words(one.outcome)), el("td", {}, one.path || one.source), el("td", {}, one.summary)))))));
    }
    if (row.missed.length) {
      body.append(disclosure({ class: "rest" }, `${row.missed.length} missed`, (list) => list.append(el("ul", {}, row.missed.map((one) =>
        el("li", {}, `Due ${one.due}, ${one.done ? `done on ${one.done}` : "not done since"}`))))));
    }
  });
}

function viewLedger(view, wanted) {
  listView(view, {
    title: "Recurring activities", place: "Search activity or requirement", items: LEDGER,
    intro: "Known from the bundles of this site, from the records that activities leave, and from attestations. The line is the last year; the upright is the day of this audit.",
    options: Object.entries(LEDGER_WORDS).map(([status, [look, label]]) => [status, label, LEDGER.filter((row) => row.status === status).length, look]),
    text: (row) => haystack(row, () => [row.activity, row.title, row.pci, row.claims]), wordsOf: (row) => [row.status],
    box: ledgerBox, key: (row) => row.activity, wanted,
  });
}

function ledgerSummary() {
  const late = LEDGER.filter((row) => ["overdue", "changed"].includes(row.status) || row.last_failed), none = LEDGER.filter((row) => row.status === "no_record").length;
  const coming = LEDGER.filter((row) => row.next_due && row.status !== "overdue").sort((a, b) => a.next_due.localeCompare(b.next_due));
  return [
    late.length ? el("ul", { class: "attention" }, late.map((row) => el("li", {}, ledgerBadge(row),
      el("span", { class: "name" }, el("a", { href: `#ledger/${row.activity}` }, row.title)), el("span", { class: "where" }, row.status === "changed" ? row.changed.join(", ") : `due ${row.next_due}`)))) : "",
    el("p", {}, coming.length ? `Next due: ${coming.slice(0, 4).map((row) => `${row.title} (${row.next_due})`).join(", ")}. ` : "",
      none ? `${plural(none, "activity has", "activities have")} no record yet. ` : "", el("a", { href: "#ledger" }, "The whole ledger")),
  ];
}

function paperLedger() {
  return el("table", { class: "plain" }, el("thead", {}, el("tr", {}, ["Activity", "Every", "Last", "Missed within a year", "Next due", "State"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, LEDGER.map((row) => el("tr", {}, el("td", {}, row.title), el("td", {}, row.every || ""), el("td", {}, row.last || ""),
      el("td", {}, String(row.missed_in_a_year)), el("td", {}, row.next_due || ""), el("td", {}, ledgerBadge(row))))));
}
