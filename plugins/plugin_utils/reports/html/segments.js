// The newest segmentation test: every segment against every other, what was found, and what it rests on.

const TEST = DATA.segmentation.test;
const VERDICTS = DATA.segmentation.verdicts.map(([word, look, meaning]) => ({ word, look, meaning }));
const CELLS = (DATA.segmentation.cells || []).map(([from, to, verdict, tries, needed, counts, note]) => ({
  from: DATA.pool[from], to: DATA.pool[to], ...VERDICTS[verdict], rank: verdict, tries, needed, counts, note: DATA.pool[note],
}));
const TRIED = (DATA.segmentation.findings || []).map(([from, to, verdict, ...rest]) => {
  const [host, address, target, targetAddress, protocol, flow, by, note, ports] = rest.map((place) => DATA.pool[place]);
  return { pair: [DATA.pool[from], DATA.pool[to]], ...VERDICTS[verdict], rank: verdict, host, address, target, targetAddress, protocol, flow, by, note, ports };
});
const TEST_HELP = "ansible-playbook ringfence.callcenter.segmentation_test -i SITE\nansible-playbook ringfence.callcenter.audit -i SITE";

const pairLink = (cell) => `#segments/${encodeURIComponent(cell.from)}/${encodeURIComponent(cell.to)}`;
const utc = (text) => el("time", { datetime: text }, text.replace("T", " ").replace("Z", " UTC"));
const unique = (items) => [...new Set(items)];

function warnings(notes) {
  return notes.length ? el("ul", { class: "warnings" }, notes.map((text) => el("li", {}, text))) : "";
}

function noRecord(what, help) {
  return el("div", { class: "card" }, el("p", {}, `There is no ${what} to show in the evidence folder of this audit. Make one, and audit again:`), el("pre", {}, help));
}

function testHeadline() {
  const good = TEST.outcome === "pass", { tries, pairs } = TEST.summary;
  return el("p", { class: `headline ${good ? "good" : "bad"}` },
    good ? `${plural(tries, "try", "tries")} between ${plural(pairs, "pair")} of segments ended as intended.`
      : `The test of ${TEST.finished_at.slice(0, 10)} did not pass.`,
    ` What was opened on purpose was ${TEST.negative_control.seen ? "seen" : "not seen, so the test proves nothing"}.`);
}

function cellText(cell) {
  if (!cell.tries) return cell.note || "no tries";
  const bad = VERDICTS.map(({ word }, place) => [word, cell.counts[place]]).filter(([word, number]) => number && word !== "as intended");
  return [plural(cell.tries, "try", "tries"), cell.needed ? `${cell.needed.toLocaleString("en")} needed` : "", ...bad.map(([word, number]) => `${number.toLocaleString("en")} ${word}`)].filter(Boolean).join(", ");
}

const COLUMNS = unique(CELLS.map((cell) => cell.to)), ROWS = unique(CELLS.map((cell) => cell.from));

/** Segments by segments. Each verdict stands there as sign, text and colour; in a small one the text is for screen readers and the pointer. */
function segmentMatrix({ small = false, wanted = null } = {}) {
  const columns = COLUMNS, found = new Map(CELLS.map((cell) => [`${cell.from}\n${cell.to}`, cell]));
  const box = (cell) => {
    if (!cell) return el("td", { class: "none" }, el("span", { class: "sr" }, "not in this test"));
    const label = `${cell.from} to ${cell.to}: ${cell.word}; ${cellText(cell)}`;
    return el("td", { class: cell.look, title: label }, el("a", { href: pairLink(cell), "aria-current": wanted === cell ? "true" : null }, mark(cell.look),
      el("span", { class: small ? "sr" : "verdict" }, ` ${cell.word}`)), small ? "" : el("small", {}, cellText(cell)));
  };
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Matrix of segments" }, el("table", { class: `matrix segments${small ? " small" : ""}${small && columns.length > 8 ? " many" : ""}` },
    el("caption", { class: small ? "sr" : null }, "From each segment of the left column to each of the head line"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "From ", el("span", { class: "arrow" }, "to")), columns.map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ROWS.map((name) => el("tr", {}, el("th", { scope: "row" }, name),
      columns.map((column) => box(found.get(`${name}\n${column}`))))))));
}

/** The segments, each with the worst of what it was tried from. */
function segmentStates() {
  const low = (name) => CELLS.filter((cell) => cell.from === name).reduce((one, cell) => (cell.rank < one.rank ? cell : one));
  return el("ul", { class: "states" }, ROWS.map((name) => { const { look, word } = low(name); return el("li", {}, badge(look, word), el("a", { href: `#segments/${encodeURIComponent(name)}` }, name)); }));
}

/** The pairs that are not as intended, in words, for those matrices that have room for signs only. */
function badPairs() {
  const bad = CELLS.filter((cell) => cell.look !== "pass").sort((a, b) => a.rank - b.rank);
  return bad.length ? el("ul", { class: "states pairs-of" }, bad.map((cell) => el("li", {}, badge(cell.look, cell.word), el("span", {}, el("a", { href: pairLink(cell) }, `${cell.from} → ${cell.to}`), el("small", {}, ` ${cellText(cell)}`)))))
    : el("p", {}, "Every pair is as intended.");
}

/** The matrix as far as there is room for it; of very many segments nothing but their states and the pairs. */
function matrixPart(wanted, roomy, most) {
  if (COLUMNS.length <= roomy) return [segmentMatrix({ wanted })];
  return [COLUMNS.length <= most ? segmentMatrix({ small: true, wanted }) : segmentStates(), el("h4", {}, "Pairs that are not as intended"), badPairs()];
}

function testFacts() {
  const { path, sha256 } = DATA.segmentation;
  return [["Site", TEST.title], ["Began", utc(TEST.started_at)], ["Ended", utc(TEST.finished_at)], ["Next due", TEST.due], ["Outcome", badge(TEST.outcome === "pass" ? "pass" : "fail", TEST.outcome)],
    ["Record", el("code", {}, breakable(path))], ["Its SHA-256", el("code", {}, sha256)]].filter(([, value]) => value);
}

const TRIED_HEADS = [["Verdict", "verdict"], ["Segments"], ["From"], ["To"], ["What"], ["Remarks"]];

function triedRow(one) {
  const ports = one.ports.filter(Boolean), remarks = [one.flow ? `flow ${one.flow}` : "", one.by ? `stopped by ${one.by}` : "", one.note || ""].filter(Boolean);
  return wideRow(TRIED_HEADS, [el("td", { class: "status" }, badge(one.look, one.word)), el("td", {}, `${one.pair[0]} → ${one.pair[1]}`), el("td", {}, one.host, el("small", { class: "address" }, one.address)),
    el("td", {}, one.target || "", el("small", { class: "address" }, one.targetAddress)), el("td", {}, el("code", {}, [one.protocol, ports.slice(0, 12).join(", ")].join(" ")), ports.length > 12 ? ` and ${ports.length - 12} more` : ""),
    el("td", {}, remarks.join("; "))]);
}

function triedTable(rows, lazy = true) {
  const table = wideTable("findings", "Tries that did not end as intended", TRIED_HEADS);
  const list = lazy ? lazily(table, rows, triedRow, 60) : { start: () => table.tBodies[0].append(...rows.map(triedRow)) };
  return { node: el("div", { class: "scroll" }, table), start: list.start };
}

function controlPart() {
  const control = TEST.negative_control, rows = control.tries;
  if (!rows.length) return [el("p", {}, `Not done: ${control.note}.`)];
  return [el("p", {}, control.gateway ? `For a moment the gateway ${control.gateway} let ${control.from} reach ${control.to} where no flow means it. ` : "",
    control.seen ? "It was seen open, and seen closed again: the test does see what is open." : "It was not seen as it should have been, so the test proves nothing.", control.note ? ` ${control.note}.` : ""),
  el("div", { class: "scroll" }, el("table", { class: "plain" }, el("caption", { class: "sr" }, "What was opened on purpose"),
    el("thead", {}, el("tr", {}, ["From", "To", "What", "While open", "After"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows.map((one) => el("tr", {}, el("td", {}, one.from_address), el("td", {}, one.to_address), el("td", {}, `${one.protocol} ${one.port || ""}`), el("td", {}, one.opened), el("td", {}, one.closed))))))];
}

function scopePart() {
  const scope = TEST.scope;
  return [el("p", {}, `${scope.targets.length} of ${plural(scope.hosts, "host")} were tried, at all their addresses: ${scope.targets.join(", ")}. ${plural(scope.watched.length, "host")} watched what arrived.`),
    el("p", {}, `TCP ports ${scope.tcp_ports.join(", ") || "none"}; UDP ports ${scope.udp_ports.join(", ") || "none"}; echo requests; IPv4 and IPv6.`),
    scope.flows_not_tried.length ? el("p", {}, `Not tried, because an end lies outside or is a gateway itself: ${scope.flows_not_tried.join(", ")}.`) : "",
    el("div", { class: "scroll" }, el("table", { class: "plain" }, el("caption", { class: "sr" }, "From where was tried"),
      el("thead", {}, el("tr", {}, ["Segment", "Tried from", "With the addresses"].map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, scope.from.map((seat) => el("tr", {}, el("td", {}, seat.segment), el("td", {}, `${seat.namespace ? "a namespace on " : ""}${seat.host}`), el("td", {}, el("code", {}, seat.addresses.join(", "))))))))];
}

const verdictMeanings = () => el("dl", { class: "meanings wide-term" }, VERDICTS.map(({ word, look, meaning }) => el("div", {}, el("dt", {}, badge(look, word)), el("dd", {}, `${meaning}.`))));

function viewSegments(view, wanted) {
  view.append(el("h2", {}, "Segments"), el("p", { class: "intro" }, "What the newest segmentation test saw: who reaches whom, against what the flows of the site model mean."), warnings(DATA.segmentation.notes));
  if (!TEST) {
    view.append(noRecord("segmentation test", TEST_HELP));
    return;
  }
  const asked = wanted ? CELLS.find((cell) => `${cell.from}/${cell.to}` === wanted || cell.from === wanted) : null;
  const mine = (one) => !wanted || wanted === one.pair.join("/") || wanted === one.pair[0];
  const table = el("div", { class: "list" }), info = el("p", { class: "info" }), all = TRIED.filter(mine);
  function draw(state) {
    const shown = all.filter((one) => (!state.words.size || state.words.has(one.look)) && (!state.text || haystack(one, () => [one.pair, one.host, one.address, one.target, one.targetAddress, one.protocol, one.ports.join(" "), one.flow, one.by, one.note]).includes(state.text)));
    info.textContent = all.length ? `${shown.length.toLocaleString("en")} of ${plural(all.length, "finding")}` : "None: every try ended as intended.";
    announce(info.textContent);
    table.replaceChildren();
    if (!shown.length) return;
    const made = triedTable(shown);
    table.append(made.node);
    made.start();
  }
  const tools = toolbar("Search host, address, port or flow", VERDICTS.filter(({ look }) => look !== "pass").map(({ word, look }) => [look, word, all.filter((one) => one.look === look).length]), draw);
  const title = el("h3", { tabindex: "-1" }, wanted ? `Findings: ${asked ? (wanted === asked.from ? `from ${asked.from}` : `${asked.from} to ${asked.to}`) : wanted}` : "Findings");
  view.append(testHeadline(), el("dl", { class: "facts" }, testFacts().map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    card("Matrix", matrixPart(asked, 10, 200)), verdictMeanings(), title,
    wanted ? el("p", {}, asked && wanted !== asked.from ? `${cellText(asked)}. ` : "", el("a", { href: "#segments" }, "Those of all pairs")) : "", TRIED.length ? tools.node : "", info, table,
    card("Opened on purpose", controlPart()), card("Scope of the test", scopePart()));
  draw(tools.state);
  if (wanted) requestAnimationFrame(() => { title.scrollIntoView({ block: "center" }); title.focus({ preventScroll: true }); });
}

/** A small matrix on the first page; of many segments a list of them, each with its worst. */
function segmentsSummary(most = 14) {
  if (!TEST) return [el("p", { class: "empty" }, "No segmentation test can be shown. ", el("a", { href: "#segments" }, "How to make one"))];
  const date = el("p", {}, `Tested ${TEST.finished_at.slice(0, 10)}${TEST.due ? `, next due ${TEST.due}` : ""}. `, el("a", { href: "#segments" }, "The whole test"));
  return [warnings(DATA.segmentation.notes), ROWS.length > most ? segmentStates() : segmentMatrix({ small: true }),
    legend(VERDICTS.map(({ word, look }, place) => [look, word, CELLS.filter((cell) => cell.rank === place).length])), date];
}

function paperSegments() {
  if (!TEST) return [el("p", { class: "empty" }, `No segmentation test can be shown. ${DATA.segmentation.notes.join(" ")}`)];
  const shown = TRIED.slice(0, PRINTED), table = triedTable(shown, false);
  table.start();
  return [warnings(DATA.segmentation.notes), testHeadline(), el("dl", { class: "facts" }, testFacts().map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))), ...matrixPart(null, 7, 24), verdictMeanings(),
    el("h3", {}, "Findings"), shown.length < TRIED.length ? el("p", {}, `${shown.length} of ${TRIED.length} are printed. All are in the bundle.`) : "", shown.length ? table.node : el("p", { class: "empty" }, "None: every try ended as intended."),
    el("h3", {}, "Opened on purpose"), ...controlPart(), el("h3", {}, "Scope of the test"), ...scopePart()];
}
