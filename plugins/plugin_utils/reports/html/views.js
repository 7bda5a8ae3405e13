// One function a view; each gets the node to fill and the item that a link asked for.

function toolbar(place, options, redraw) {
  const state = { text: "", words: new Set() };
  const search = el("input", { type: "search", placeholder: place, "aria-label": place, class: "search",
    on: { input: () => { state.text = search.value.trim().toLowerCase(); later(); } } });
  let timer = 0;
  function later() { clearTimeout(timer); timer = setTimeout(() => redraw(state), 120); }
  const filters = options.map(([word, label, number, look = word]) => el("button", { type: "button", class: `filter ${look}`,
    "aria-pressed": "false", disabled: number === 0, on: { click: (event) => {
      const button = event.currentTarget;
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      state.words[on ? "add" : "delete"](word);
      redraw(state);
    } } }, mark(look), label, el("b", {}, number.toLocaleString("en"))));
  return { node: el("div", { class: "toolbar" }, search, el("div", { class: "filters", role: "group", "aria-label": "Filter" }, filters)), state };
}

/** A list of disclosures with search and filter; `wordsOf` gives the words an item can be filtered by. */
function listView(view, { title, intro, place, options, items, text, wordsOf, box, key, wanted }) {
  const list = el("div", { class: "items" }), info = el("p", { class: "info" });
  function draw(state) {
    const shown = items.filter((item) => (!state.text || text(item).includes(state.text))
      && (!state.words.size || wordsOf(item).some((word) => state.words.has(word))));
    list.replaceChildren();
    list.parentNode.querySelectorAll(":scope > .more").forEach((button) => button.remove());
    info.textContent = shown.length === items.length ? plural(items.length, "entry", "entries")
      : `${shown.length.toLocaleString("en")} of ${plural(items.length, "entry", "entries")}`;
    announce(info.textContent);
    const lazy = lazily(list, shown, box);
    lazy.start();
    return { shown, lazy };
  }
  const bar_ = toolbar(place, options, draw);
  view.append(el("h2", {}, title), intro ? el("p", { class: "intro" }, intro) : "", bar_.node, info, el("section", {}, list));
  const { shown, lazy } = draw(bar_.state);
  const index = wanted ? shown.findIndex((item) => key(item) === wanted) : -1;
  if (index >= 0) {
    lazy.upTo(index);
    const target = list.children[index];
    target.open = true;
    requestAnimationFrame(() => { target.scrollIntoView({ block: "start" }); target.querySelector("summary").focus({ preventScroll: true }); });
  }
}

function statusOptions(findings) {
  const counts = count(findings);
  return STATUSES.map((status) => [status, words(status), counts[status]]);
}

function evidenceOptions(rows) {
  return EVIDENCE.map(({ word, label }, number) => [word, label, rows.filter((row) => row.evidence === number).length]);
}

const statusesOf = (findings) => [...new Set(findings.map((one) => one.status))];

function judgedBox(kind, row, head, facts) {
  const evidence = EVIDENCE[row.evidence];
  return disclosure({ class: `item ${kind}` }, [...head, el("span", { class: "end" }, badge(evidence.word, evidence.label))], (body) => {
    if (facts.length) body.append(el("dl", { class: "facts" }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
    if (row.attestations.length) body.append(el("p", { class: "served" }, el("span", { class: "label" }, "Attestations"), chips(row.attestations, "registers")));
    if (row.note) body.append(el("p", { class: "note" }, row.note));
    if (kind === "requirement" && row.controls.length) body.append(el("p", {}, el("a", { href: `#findings/${row.id}` }, `All findings about ${row.id}`)));
    row.controls.forEach((control) => body.append(controlBox(control, BY_CONTROL[control])));
    if (row.controls.length === 1) body.lastElementChild.open = true;
  });
}

function requirementBox(row) {
  return judgedBox("requirement", row, [el("span", { class: "id" }, row.id), el("span", { class: "name" }, row.title)], [
    ["Recurs", row.periodicity], ["Observable by software", row.technical],
    ...(row.applies_to ? [["Applies to", say(row.applies_to)]] : []),
    ...(row.cis_v8 ? [["Related in CIS Controls v8", row.cis_v8.join(", ")]] : []),
    ...(row.nist_800_53_r5 ? [["Related in NIST SP 800-53 r5", row.nist_800_53_r5.join(", ")]] : []),
  ]);
}

function viewRequirements(view, wanted) {
  listView(view, {
    title: "Requirements",
    intro: `All ${DATA.requirements.length} requirement ids of ${DATA.run.standard}, in our own words.`,
    place: "Search id or text", options: evidenceOptions(DATA.requirements), items: DATA.requirements,
    text: (row) => haystack(row, () => [row.id, row.title, row.periodicity, row.cis_v8, row.nist_800_53_r5, row.controls.map((place) => DATA.controls[place].id)]),
    wordsOf: (row) => [EVIDENCE[row.evidence].word], box: requirementBox, key: (row) => row.id, wanted,
  });
}

function viewClaims(view, wanted) {
  listView(view, {
    title: "Claims", intro: "What call centres promise in public, and what this audit saw of it.",
    place: "Search claim or text", options: evidenceOptions(DATA.claims), items: DATA.claims,
    text: (row) => haystack(row, () => [row.id, row.says, row.kind, row.pci]),
    wordsOf: (row) => [EVIDENCE[row.evidence].word],
    box: (row) => judgedBox("claim", row, [el("span", { class: "name" }, row.says, el("code", {}, row.id))], [
      ["Kind", row.kind], ["Requirements", el("span", {}, chips(row.pci || [], "requirements"))], ...(row.proof ? [["Proof asked for", row.proof]] : []),
    ]),
    key: (row) => row.id, wanted,
  });
}

/** By which account the audit came in, from where, and what it became. */
function cameInAs(account) {
  if (!account) return null;
  return `${account.user} (uid ${account.uid})${account.source ? `, over ssh from ${account.source}` : ""}${account.became ? `, then as ${account.became}` : ""}`;
}

const ACCOUNT_HEADS = [["Account", "host"], ["Uid"], ["Shell"], ["Groups"], ["Password"], ["Changed"], ["Expires"]];

function accountRow(one) {
  const age = [one.changed, one.maximum_days === null ? "" : `at most ${plural(one.maximum_days, "day")}`].filter(Boolean).join(", ");
  return wideRow(ACCOUNT_HEADS, [one.name, String(one.uid), one.shell, one.groups.join(", "), one.password, age || "–", one.expires || "never"].map((text) => el("td", {}, text)));
}

/** What the audit took of a host besides its findings: its accounts, and its ruleset as text. */
function hostState(host) {
  const state = host.state;
  if (!state) return [];
  const accounts = state.accounts && state.accounts.map((place) => DATA.pool[place]), ruleset = state.ruleset && state.ruleset.map((place) => DATA.pool[place]);
  return [el("h3", {}, "As it was seen"),
    accounts ? disclosure({ class: "control" }, [el("span", { class: "name" }, plural(accounts.length, "account"), el("small", {}, `${accounts.filter((one) => one.password === "set").length} with a password, ${accounts.filter((one) => one.password === "none").length} without any that is asked for`))], (body) => {
      const table = wideTable("findings accounts", `Accounts of ${host.host}`, ACCOUNT_HEADS);
      table.tBodies[0].append(...accounts.map(accountRow));
      body.append(el("div", { class: "scroll" }, table));
    }) : el("p", { class: "note" }, `Accounts not seen: ${state.problems.accounts || "no answer"}`),
    ruleset ? disclosure({ class: "control" }, [el("span", { class: "name" }, "Ruleset of the kernel", el("small", {}, ruleset.length ? plural(ruleset.length, "line") : "empty"))],
      (body) => body.append(el("pre", { class: "ruleset", tabindex: "0" }, ruleset.join("\n") || "(empty)"))) : el("p", { class: "note" }, `Ruleset not seen: ${state.problems.ruleset || "no answer"}`)];
}

function hostFacts(host) {
  const a = host.attributes, l = host.look || {};
  const clock = typeof l.clock_offset_seconds === "number"
    ? `${l.clock_offset_seconds >= 0 ? "+" : ""}${l.clock_offset_seconds} s (to within ${l.clock_uncertainty_seconds} s)` : null;
  return [
    ["System", l.os], ["Kernel", l.kernel], ["Address", a.address || (a.addresses || []).join(", ")], ["Segment", a.segment],
    ["Class", a.class], ["Client", a.client], ["Kinds", (a.kinds || []).join(", ")], ["Clock against controller", clock],
    ["Looked as", host.look ? (l.root ? "root" : "ordinary user, so not all could be seen") : null], ["Came in as", cameInAs(l.account)],
    ["Not observed because", host.reason],
  ].filter(([, value]) => value);
}

function hostBox(host) {
  const kinds = [...(host.attributes.kinds || []), host.attributes.segment].filter(Boolean);
  return disclosure({ class: "item host" }, [
    mark(worst(host.mine) || (host.observed ? "not_applicable" : "not_observed")), el("span", { class: "name" }, host.host),
    el("span", { class: "chips" }, SAMPLED.has(host.host) ? el("span", { class: "chip sampled" }, "in the sample") : null, chips(kinds)), el("span", { class: "end" }, tally(host.mine)),
  ], (body) => {
    body.append(el("dl", { class: "facts" }, hostFacts(host).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
    body.append(...hostState(host));
    ROLES.forEach(({ role, controls }) => {
      const boxes = controls.map((place) => [place, host.mine.filter((one) => one.control === place)]).filter(([, mine]) => mine.length);
      if (boxes.length) body.append(el("h3", {}, role), ...boxes.map(([place, mine]) => controlBox(place, mine, host)));
    });
  });
}

function viewHosts(view, wanted) {
  listView(view, {
    title: "Hosts",
    intro: `${DATA.run.population.observed} of ${plural(DATA.run.population.hosts, "host")} of ${DATA.run.pack ? "this pack" : "the inventory"} observed.`,
    place: "Search host, kind, segment or sample", options: statusOptions(FINDINGS), items: HOSTS,
    text: (host) => haystack(host, () => [host.host, Object.values(host.attributes).map(say), host.reason, SAMPLED.has(host.host) ? "in the sample" : ""]),
    wordsOf: (host) => statusesOf(host.mine), box: hostBox, key: (host) => host.host, wanted,
  });
}

function viewRoles(view, wanted) {
  const role = wanted && wanted.includes(".") ? wanted.split(".")[0] : wanted;
  listView(view, {
    title: "Roles and controls", intro: "Each role keeps controls; each control is decided by its checks.",
    place: "Search role or control", options: statusOptions(FINDINGS), items: ROLES,
    text: (one) => haystack(one, () => [one.role, one.controls.map((place) => [DATA.controls[place].id, DATA.controls[place].title])]).replaceAll(",", " "),
    wordsOf: (one) => statusesOf(one.findings), key: (one) => one.role, wanted: role,
    box: (one) => disclosure({ class: "item role" }, [
      mark(worst(one.findings) || "not_applicable"), el("span", { class: "name" }, one.role, el("small", {}, plural(one.controls.length, "control"))),
      el("span", { class: "end" }, tally(one.findings)),
    ], (body) => one.controls.forEach((place) => {
      const made = controlBox(place, BY_CONTROL[place]);
      made.open = DATA.controls[place].id === wanted;
      body.append(made);
    })),
  });
}

/** A list to choose one value from; the first entry chooses none. */
function chooser(label, values, choose) {
  if (values.length < 2) return "";
  return el("select", { class: "chooser", "aria-label": label, on: { change: (event) => choose(event.currentTarget.value) } },
    el("option", { value: "" }, label), values.map((value) => el("option", { value }, value)));
}

function viewFindings(view, wanted) {
  const table = el("div", { class: "list" }), info = el("p", { class: "info" }), all = allByAttention();
  const chosen = { requirement: "", class: "", sample: false };
  const fits = (one) => (!chosen.requirement || DATA.controls[one.control].pci_dss.includes(chosen.requirement))
    && (!chosen.class || one.host.attributes.class === chosen.class) && (!chosen.sample || SAMPLED.has(one.host.host));
  function draw(state) {
    const found = findingSearch(state.text), shown = all.filter((one) => (!state.words.size || state.words.has(one.status)) && fits(one) && found(one));
    info.textContent = shown.length === all.length ? plural(all.length, "finding") : `${shown.length.toLocaleString("en")} of ${plural(all.length, "finding")}`;
    announce(info.textContent);
    table.replaceChildren();
    addFindings(table, shown, { caption: "Findings" });
  }
  const tools = toolbar("Search requirement, check, host, class, reason or source", statusOptions(FINDINGS), draw);
  const served = new Set(DATA.controls.flatMap((control) => control.pci_dss));
  const choose = (name) => (value) => { chosen[name] = value; draw(tools.state); };
  tools.node.append(el("div", { class: "filters", role: "group", "aria-label": "Choose" },
    chooser("Any requirement", DATA.requirements.map((row) => row.id).filter((id) => served.has(id)), choose("requirement")),
    chooser("Any class", [...new Set(HOSTS.map((host) => host.attributes.class).filter(Boolean))].sort(), choose("class")),
    SAMPLED.size ? el("button", { type: "button", class: "filter zoom", "aria-pressed": "false", on: { click: (event) => {
      chosen.sample = !chosen.sample;
      event.currentTarget.setAttribute("aria-pressed", String(chosen.sample));
      draw(tools.state);
    } } }, "In the sample") : ""));
  view.append(el("h2", {}, "Findings"), el("p", { class: "intro" }, "Every check on every host, what needs attention first."), tools.node, info, table);
  if (wanted && !STATUSES.includes(wanted)) {
    tools.node.querySelector(".search").value = wanted;
    tools.state.text = wanted.toLowerCase();
  }
  draw(tools.state);
}
