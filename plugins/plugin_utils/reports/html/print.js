// On paper there is nothing to open: the whole report is laid out, made just before printing.

const PAPER_ROLES = 6; // columns of hosts and roles that a page has room for
const PRINTED = 2000; // findings of a part; paper has an end, and it says what is left out

function paperRequirements() {
  return el("table", { class: "plain" }, el("thead", {}, el("tr", {}, ["Id", "Requirement, in our words", "Recurs", "Evidence", "Note"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, DATA.requirements.map((row) => el("tr", {}, el("td", {}, row.id), el("td", {}, row.title), el("td", {}, row.periodicity),
      el("td", {}, badge(EVIDENCE[row.evidence].word, EVIDENCE[row.evidence].label)), el("td", {}, row.note)))));
}

function paperClaims() {
  return el("table", { class: "plain" }, el("thead", {}, el("tr", {}, ["Claim", "Evidence", "Note"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, DATA.claims.map((row) => el("tr", {}, el("td", {}, row.says), el("td", {}, badge(EVIDENCE[row.evidence].word, EVIDENCE[row.evidence].label)), el("td", {}, row.note)))));
}

function paperRegisters() {
  if (!REGISTERS.length) return el("p", { class: "empty" }, "None.");
  return el("table", { class: "plain" }, el("thead", {}, el("tr", {}, ["Id", "What", "Owner", "Until", "State"].map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, REGISTERS.map((row) => el("tr", {}, el("td", {}, row.id), el("td", {}, registerTitle(row)), el("td", {}, row.entry.owner),
      el("td", {}, row.entry.expires), el("td", {}, registerBadge(row), row.reason ? el("small", {}, row.reason) : "")))));
}

function paperFindings(findings, columns) {
  if (!findings.length) return el("p", { class: "empty" }, "None.");
  const table = wideTable("findings", null, headsOf(columns));
  table.tBodies[0].append(...findings.map((one) => findingRow(one, columns)));
  return table;
}

/** A heading and the findings of some statuses, with a word on those that are left out. */
function paperPart(title, findings, columns) {
  const shown = findings.slice(0, PRINTED);
  return [el("h2", {}, title), shown.length < findings.length
    ? el("p", {}, `${shown.length} of ${findings.length} are printed. All are in the bundle.`) : "", paperFindings(shown, columns)];
}

function fillPaper() {
  const all = allByAttention(), good = (one) => one.status === "pass" || one.status === "not_applicable";
  const about = el("div");
  viewAbout(about);
  document.getElementById("paper").replaceChildren(...summaryParts(PAPER_ROLES), el("h2", {}, "Requirements"), paperRequirements(), el("h2", {}, "Claims"), paperClaims(),
    el("h2", {}, "Exceptions and attestations"), paperRegisters(), el("h2", {}, "What changed"), paperChanges(), el("h2", {}, "Recurring activities"), paperLedger(),
    el("h2", {}, "Segments"), ...paperSegments(), el("h2", {}, "Firewall rules"), ...paperRules(), ...paperDiagram(),
    ...paperPart("Findings that need attention", all.filter((one) => !good(one)), Object.keys(HEADS)),
    ...paperPart("Other findings", all.filter(good), ["status", "host", "check", "source"]), about);
}

addEventListener("beforeprint", fillPaper);
addEventListener("afterprint", () => document.getElementById("paper").replaceChildren());
