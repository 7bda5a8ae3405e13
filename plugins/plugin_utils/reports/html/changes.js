// What changed since another audit, the auditor's sample, and the scope by class.

const CHANGES = DATA.delta.words.map(([word, label, meaning]) => ({ word, label, meaning }));
const CHANGED = DATA.delta.rows.map(([change, host, check, before, now]) => ({
  word: CHANGES[change].word, label: CHANGES[change].label, host: DATA.pool[host], check: DATA.pool[check],
  before: STATUSES[before] || "not checked", now: STATUSES[now] || "not checked",
}));
const SAMPLED = new Set(DATA.sample.kinds.flatMap((row) => row.drawn));

function changeRow(one) {
  const known = HOSTS.some((host) => host.host === one.host);
  return el("tr", {}, el("td", { class: "status" }, badge(one.word, one.label)),
    el("td", {}, known ? el("a", { href: `#hosts/${one.host}` }, one.host) : SITE && one.host === SITE.host ? "the site" : one.host),
    el("td", { class: "check" }, el("code", {}, breakable(one.check))), el("td", {}, `${words(one.before)} → ${words(one.now)}`));
}

function changesSentence() {
  const { run, problem } = DATA.delta;
  if (!run) return "This is the first audit of this evidence folder: there is nothing to compare it with.";
  return problem ? `It cannot be compared with the audit ${run}: ${problem}.` : `Compared with the audit ${run}, finding by finding.`;
}

function changesTable(rows, lazy = true) {
  const table = el("table", { class: "findings" }, el("caption", { class: "sr" }, "Changes"),
    el("thead", {}, el("tr", {}, ["Change", "Host", "Check", "Status"].map((head) => el("th", { scope: "col" }, head)))), el("tbody"));
  const list = lazy ? lazily(table, rows, changeRow, 60) : { start: () => table.tBodies[0].append(...rows.map(changeRow)) };
  return { node: el("div", { class: "scroll" }, table), start: list.start };
}

function viewChanges(view, wanted) {
  const place = el("div", { class: "list" }), info = el("p", { class: "info" });
  function draw(state) {
    const shown = CHANGED.filter((one) => (!state.words.size || state.words.has(one.word)) && (!state.text || `${one.host} ${one.check}`.toLowerCase().includes(state.text)));
    info.textContent = shown.length === CHANGED.length ? plural(CHANGED.length, "change") : `${shown.length.toLocaleString("en")} of ${plural(CHANGED.length, "change")}`;
    announce(info.textContent);
    place.replaceChildren();
    if (!shown.length) return;
    const table = changesTable(shown);
    place.append(table.node);
    table.start();
  }
  const tools = toolbar("Search host or check", CHANGES.map(({ word, label }) => [word, label, CHANGED.filter((one) => one.word === word).length]), draw);
  view.append(el("h2", {}, "What changed"), el("p", { class: "intro" }, changesSentence()),
    DATA.delta.run ? tools.node : "", DATA.delta.run ? info : "", place,
    el("dl", { class: "meanings" }, CHANGES.map(({ word, label, meaning }) => el("div", {}, el("dt", {}, badge(word, label)), el("dd", {}, `${meaning}.`)))));
  draw(tools.state);
  const asked = wanted && view.querySelector(`.filter.${CHANGES.some(({ word }) => word === wanted) ? wanted : "none"}`);
  if (asked) asked.click();
}

function changesSummary() {
  const counts = CHANGES.map(({ word, label }) => [word, label, CHANGED.filter((one) => one.word === word).length]);
  return [el("p", {}, changesSentence(), " ", el("a", { href: "#changes" }, "See them all")), legend(counts.map(([word, label, number]) => [word, label, number]))];
}

function sampleSummary() {
  return [
    el("p", {}, `${plural(SAMPLED.size, "host")} drawn by the seed ${DATA.sample.seed}, up to ${DATA.sample.size} of each kind. Draw them again: `,
      el("code", {}, `python3 verify.py --sample ${DATA.sample.size} --seed '${DATA.sample.seed}'`)),
    el("table", { class: "plain" }, el("thead", {}, el("tr", {}, ["Kind", "Hosts", "In the sample"].map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, DATA.sample.kinds.map((row) => el("tr", {}, el("td", {}, row.kind), el("td", {}, `${row.drawn.length} of ${row.hosts}`), el("td", {}, chips(row.drawn, "hosts")))))),
  ];
}

function scopeSummary() {
  const cells = (row) => [words(row.class), row.hosts.length.toLocaleString("en"), row.segments.join(", "), row.kinds.join(", "), row.clients.join(", ")];
  return [
    el("div", { class: "scroll" }, el("table", { class: "plain" }, el("thead", {}, el("tr", {}, ["Class", "Hosts", "Segments", "Kinds", "Clients", "Findings"].map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, DATA.scope.classes.map((row) => el("tr", {}, cells(row).map((text) => el("td", {}, text)),
        el("td", {}, tally(HOSTS.filter((host) => host.attributes.class === row.class).flatMap((host) => host.mine)))))))),
    DATA.scope.unclassified.length ? el("p", { class: "note" }, `Without a class: ${DATA.scope.unclassified.join(", ")}.`) : "",
  ];
}

function paperChanges() {
  const shown = CHANGED.slice(0, PRINTED), table = changesTable(shown, false);
  table.start();
  return el("div", {}, el("p", {}, changesSentence(), shown.length < CHANGED.length ? ` ${shown.length} of ${CHANGED.length} changes are printed.` : ""), shown.length ? table.node : "");
}
