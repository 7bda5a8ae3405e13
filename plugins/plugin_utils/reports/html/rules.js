// The newest review of the firewall rules: host by host, with what a person has to look at.

const REVIEW = DATA.rules.review;
const RULE_MARKS = DATA.rules.marks.map(([word, label, meaning]) => ({ word, label, meaning }));

/** One rule: a row of numbers, as findings are. */
class Rule {
  constructor(row) { this.row = row; }
  get direction() { return DATA.pool[this.row[0]]; }
  get name() { return DATA.pool[this.row[1]]; }
  get permits() { return DATA.pool[this.row[2]]; }
  get reason() { return DATA.pool[this.row[3]]; }
  get owner() { return DATA.pool[this.row[4]]; }
  get change() { return DATA.pool[this.row[5]]; }
  get mitigation() { return DATA.pool[this.row[6]]; }
  get review() { return DATA.pool[this.row[7]]; }
  get packets() { return DATA.pool[this.row[8]]; }
  get bytes() { return DATA.pool[this.row[9]]; }
  get marks() { return DATA.pool[this.row[10]].map((place) => RULE_MARKS[place]); }
  get own() { return this.row[11] === 1; }
}

const RULE_HOSTS = (DATA.rules.hosts || []).map((host) => ({ ...host, rules: host.rules.map((row) => new Rule(row)) }));
const RULE_HELP = "ansible-playbook ringfence.callcenter.firewall_review -i SITE\nansible-playbook ringfence.callcenter.audit -i SITE";
Object.assign(GLYPHS, { not_declared: "✕", altered: "≠", not_loaded: "○", overdue: "⊘", never_hit: "0", undated: "?" });

function ruleText(rule) {
  return haystack(rule, () => [rule.direction, rule.name, rule.permits, rule.reason, rule.owner, rule.change, rule.mitigation, rule.review, rule.marks.map(({ label }) => label)]);
}

function amount(value) {
  return typeof value === "number" ? value.toLocaleString("en") : "–";
}

function ruleRow(rule) {
  const small = [rule.change ? `Change ${rule.change}` : "", rule.mitigation ? `Safe by: ${rule.mitigation}` : ""].filter(Boolean).join(". ");
  return wideRow(RULE_HEADS, [el("th", { scope: "row" }, rule.name || "(no name)", el("small", {}, rule.direction, rule.own ? ", of the role itself" : ""), rule.marks.map(({ word, label, meaning }) =>
    el("span", { title: meaning }, badge(word, label)))), el("td", { class: "permits" }, rule.permits.map((text) => el("code", {}, text))),
  el("td", {}, rule.reason, small ? el("small", {}, small) : ""), el("td", {}, rule.owner), el("td", { class: "day" }, rule.review || "–"),
  el("td", { class: "amount" }, amount(rule.packets), el("small", {}, typeof rule.bytes === "number" ? `${amount(rule.bytes)} bytes` : ""))], { class: rule.own ? "own" : null });
}

const RULE_HEADS = [["Rule", "rule"], ["What it permits", "permits"], ["Reason"], ["Owner", "owner"], ["Review by", "day"], ["Packets", "amount"]];

function ruleTable(host, rules, lazy = true) {
  const table = wideTable("findings rules", `Firewall rules of ${host.name}`, RULE_HEADS);
  const list = lazy ? lazily(table, rules, ruleRow, 50) : { start: () => table.tBodies[0].append(...rules.map(ruleRow)) };
  return { node: el("div", { class: "scroll" }, table), start: list.start };
}

const markTally = (rules) => el("span", { class: "tally" }, RULE_MARKS.map(({ word, label }) => [word, label, rules.filter((rule) => rule.marks.some((one) => one.word === word)).length])
  .filter(([, , number]) => number).map(([word, label, number]) => el("span", { class: `count ${word}`, title: label }, mark(word), String(number), el("span", { class: "sr" }, ` ${label} `))));

function hostSaid(host) {
  if (host.status === "not_observed") return `Not observed: ${host.reason}`;
  if (host.status === "no_firewall") return "No rules of the role firewall here.";
  return `Seen ${host.observed_at || "at an unknown time"}; packets counted since ${host.counting_since || "an unknown time"}. The rules of the role itself stand last.`;
}

function ruleBox({ host, rules, open }) {
  const declared = rules.filter((rule) => !rule.own).length;
  const box = disclosure({ class: "item host" }, [
    mark(host.status === "observed" ? (rules.some((rule) => rule.marks.length) ? "error" : "pass") : "not_observed"),
    el("span", { class: "name" }, host.name, el("small", {}, host.status === "observed" ? `${plural(declared, "rule")}${rules.length > declared ? ` and ${rules.length - declared} of the role` : ""}` : words(host.status))),
    el("span", { class: "end" }, markTally(rules)),
  ], (body) => {
    body.append(el("p", { class: "note" }, hostSaid(host)), HOSTS.some((one) => one.host === host.name) ? el("p", {}, el("a", { href: `#hosts/${encodeURIComponent(host.name)}` }, "Findings of this host")) : "");
    if (!rules.length) return;
    const table = ruleTable(host, rules);
    body.append(table.node);
    table.start();
  });
  box.open = open;
  return box;
}

function reviewFacts() {
  const { totals } = REVIEW, { path, sha256 } = DATA.rules, due = LEDGER.find((row) => row.activity === "firewall_review");
  return [["Site", REVIEW.site], ["Made", utc(REVIEW.made_at)], ["Rules", `${plural(totals.rules, "rule")} on ${totals.observed} of ${plural(totals.hosts, "host")}`], ["Next due", due && due.next_due],
    ["Record", el("code", {}, breakable(path))], ["Its SHA-256", el("code", {}, sha256)]].filter(([, value]) => value);
}

const markMeanings = () => el("dl", { class: "meanings" }, RULE_MARKS.map(({ word, label, meaning }) => el("div", {}, el("dt", {}, badge(word, label)), el("dd", {}, `${meaning}.`))));

function viewRules(view, wanted) {
  view.append(el("h2", {}, "Firewall rules"), el("p", { class: "intro" }, "The newest rule review: every rule that the kernels run or should run, with what a person has to look at."), warnings(DATA.rules.notes));
  if (!REVIEW) {
    view.append(noRecord("rule review", RULE_HELP));
    return;
  }
  const list = el("div", { class: "items" }), info = el("p", { class: "info" }), total = RULE_HOSTS.reduce((sum, host) => sum + host.rules.length, 0);
  function draw(state) {
    const asked = state.words.size > 0 || state.text !== "", marked = (rule) => !state.words.size || rule.marks.some(({ word }) => state.words.has(word));
    const shown = RULE_HOSTS.map((host) => {
      const named = !state.text || host.name.toLowerCase().includes(state.text);
      return { host, named, rules: asked ? host.rules.filter((rule) => marked(rule) && (named || ruleText(rule).includes(state.text))) : host.rules, open: host.name === wanted };
    }).filter(({ rules, named }) => !asked || rules.length || (named && state.text && !state.words.size));
    const number = shown.reduce((sum, { rules }) => sum + rules.length, 0);
    if (asked && shown.length <= 12) shown.forEach((one) => { one.open = true; });
    list.replaceChildren();
    list.parentNode.querySelectorAll(":scope > .more").forEach((button) => button.remove());
    info.textContent = asked ? `${number.toLocaleString("en")} of ${plural(total, "rule")} on ${plural(shown.length, "host")}` : `${plural(total, "rule")} on ${plural(RULE_HOSTS.length, "host")}`;
    announce(info.textContent);
    const lazy = lazily(list, shown, ruleBox);
    lazy.start();
    return { shown, lazy };
  }
  const tools = toolbar("Search rule, host, owner or reason", RULE_MARKS.map(({ word, label }) => [word, label, REVIEW.totals[word]]), draw);
  view.append(el("dl", { class: "facts" }, reviewFacts().map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))), tools.node, info, el("section", {}, list), markMeanings(),
    el("p", { class: "note" }, "A rule counts the packets that open a connection. Counters start anew with each load of the rules and each boot: a rule for a yearly task may be needed and never hit."));
  const { shown, lazy } = draw(tools.state), index = wanted ? shown.findIndex(({ host }) => host.name === wanted) : -1;
  if (index >= 0) {
    lazy.upTo(index);
    requestAnimationFrame(() => { list.children[index].scrollIntoView({ block: "start" }); list.children[index].querySelector("summary").focus({ preventScroll: true }); });
  }
}

function paperRules() {
  if (!REVIEW) return [el("p", { class: "empty" }, `No rule review can be shown. ${DATA.rules.notes.join(" ")}`)];
  let left = PRINTED;
  const shown = RULE_HOSTS.filter((host) => { left -= host.rules.length; return left + host.rules.length > 0; }), others = RULE_HOSTS.length - shown.length;
  const parts = shown.flatMap((host) => {
    const table = ruleTable(host, host.rules, false);
    table.start();
    return [el("h3", {}, host.name), el("p", { class: "note" }, hostSaid(host)), host.rules.length ? table.node : ""];
  });
  if (others) parts.push(el("p", {}, `The rules of ${plural(others, "more host")} are not printed. All are in the bundle.`));
  return [warnings(DATA.rules.notes), el("dl", { class: "facts" }, reviewFacts().map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))), markMeanings(), ...parts];
}
