// What people answer for: exceptions that are accepted and attestations about procedures.

const REGISTERS = [...DATA.exceptions, ...DATA.attestations];

function registerTitle(row) {
  return row.entry.kind === "exception" ? `${row.entry.control || row.entry.check}: ${row.entry.reason}` : row.entry.statement;
}

function registerBadge(row) {
  const good = row.entry.kind === "exception" ? "excepted" : "attested";
  return badge(row.state === "in_force" ? good : row.state === "expired" ? "expired" : "fail", words(row.state));
}

function registerFacts(row) {
  const entry = row.entry;
  const links = (names, kind) => (names && names.length ? el("span", {}, chips(names, kind)) : null);
  return [
    ["Control", entry.control ? links([entry.control], "roles") : null], ["Check", entry.check],
    ["Hosts", entry.hosts ? entry.hosts.join(", ") : null], ["Findings it accepts", row.accepted_findings === undefined ? null : String(row.accepted_findings)],
    ["Claims", links(entry.claims, "claims")], ["Requirements", links(entry.requirements, "requirements")],
    ["Activities", links(entry.activities, "ledger")],
    ["Owner", entry.owner], ["Signed by", entry.signed_by], ["Made on", entry.made_on], ["Counts until", entry.expires],
    ["Evidence", entry.evidence], ["Its SHA-256", el("code", {}, entry.sha256)], ["Stands in", row.source],
  ].filter(([, value]) => value);
}

function registerBox(row) {
  return disclosure({ class: "item register" }, [
    el("span", { class: "name" }, registerTitle(row), el("code", {}, `${row.entry.kind} ${row.id}`)),
    el("span", { class: "end" }, registerBadge(row)),
  ], (body) => {
    if (row.reason) body.append(el("p", { class: "note" }, `${row.means}: ${row.reason}.`));
    if (row.entry.compensating_measure) body.append(el("p", {}, el("span", { class: "label" }, "Instead"), row.entry.compensating_measure));
    body.append(el("dl", { class: "facts" }, registerFacts(row).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
  });
}

function viewRegisters(view, wanted) {
  const good = REGISTERS.filter((row) => row.state === "in_force").length;
  listView(view, {
    title: "Exceptions and attestations",
    intro: "Failing findings that somebody answers for, and what people state about procedures. Only what is signed and has not expired counts.",
    place: "Search id, owner or text", options: [["attested", "in force", good], ["fail", "not in force", REGISTERS.length - good]], items: REGISTERS,
    text: (row) => haystack(row, () => [row.id, row.state, Object.values(row.entry).map(say)]),
    wordsOf: (row) => [row.state === "in_force" ? "attested" : "fail"], box: registerBox, key: (row) => row.id, wanted,
  });
}

function registerSummary() {
  const bad = REGISTERS.filter((row) => row.state !== "in_force");
  const line = (row) => el("li", {}, registerBadge(row), el("span", { class: "name" }, el("a", { href: `#registers/${row.id}` }, registerTitle(row)), el("code", {}, row.id)),
    el("span", { class: "where" }, row.reason || ""));
  return [
    el("p", {}, `${plural(DATA.exceptions.length, "exception")} and ${plural(DATA.attestations.length, "attestation")}; ${bad.length ? `${bad.length} of them ${bad.length === 1 ? "does" : "do"} not count.` : "all count."} `,
      el("a", { href: "#registers" }, "See them all")),
    bad.length ? el("ul", { class: "attention" }, bad.slice(0, 8).map(line)) : "",
  ];
}
