// Whether a check was seen to turn red in the negative control, when, and by which break.

function proofOf(id) {
  const proof = DATA.proof.proof;
  if (!proof) return null;
  const on = proof.finished_at.slice(0, 10), known = DATA.proof.checks[id];
  if (!known) return null; // a control of the audit itself, or one that came later
  const [cases, hosts, reasons] = known.map((place) => DATA.pool[place]);
  if (!cases.length) {
    return disclosure({ class: "rest proof" }, `Not proven to fail on ${on}`, (body) => body.append(el("ul", {},
      reasons.map(([reason, where]) => el("li", {}, `${where.join(", ")}: ${reason}`)))));
  }
  return disclosure({ class: "rest proof" }, `Proven to fail on ${on}`, (body) => body.append(
    el("p", {}, `On ${hosts.join(", ")}, when it was broken on purpose:`),
    el("ul", {}, cases.map((name) => el("li", {}, DATA.proof.breaks[name] || "", " ", el("code", {}, breakable(name)))))));
}
