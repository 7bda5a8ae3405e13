// The frame: heading, tabs, and which view the address asks for.

const VIEWS = [
  ["summary", "Summary", viewSummary],
  ["requirements", "Requirements", viewRequirements, DATA.requirements.length],
  ["hosts", "Hosts", viewHosts, HOSTS.length],
  ["roles", "Roles", viewRoles, ROLES.length],
  ["claims", "Claims", viewClaims, DATA.claims.length],
  ["findings", "Findings", viewFindings, FINDINGS.length],
  ["changes", "Changes", viewChanges, CHANGED.length],
  ["segments", "Segments", viewSegments, TEST ? TEST.summary.pairs : undefined],
  ["rules", "Rules", viewRules, REVIEW ? REVIEW.totals.rules : undefined],
  ["diagram", "Diagram", viewDiagram],
  ["registers", "Registers", viewRegisters, REGISTERS.length],
  ["ledger", "Ledger", viewLedger, LEDGER.length],
  ["about", "About", viewAbout],
];

function announce(text) {
  document.getElementById("live").textContent = text;
}

/** What the address asks for; a name may hold a per cent sign that encodes nothing. */
function asked() {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text).split("/");
  } catch {
    return text.split("/");
  }
}

function show() {
  const [name, ...rest] = asked();
  const [known, label, draw] = VIEWS.find(([one]) => one === name) || VIEWS[0];
  const view = document.getElementById("view"), wanted = rest.join("/");
  view.replaceChildren();
  draw(view, wanted || undefined);
  if (known === "findings" && STATUSES.includes(wanted)) view.querySelector(`.filter.${wanted}`).click();
  document.querySelectorAll("#tabs a").forEach((tab) => {
    if (tab.hash === `#${known}`) {
      tab.setAttribute("aria-current", "page");
      tab.scrollIntoView({ block: "nearest", inline: "nearest" }); // where the tabs are wider than the page
    } else tab.removeAttribute("aria-current");
  });
  document.title = `${label}: ${DATA.run.site.title}, evidence report`;
  return Boolean(wanted);
}

function start() {
  const run = DATA.run, commit = run.collection.commit;
  document.getElementById("site").textContent = run.site.title;
  document.getElementById("meta").append(
    el("time", { datetime: run.started_at }, run.started_at.replace("T", " ").replace("Z", " UTC")),
    ` · run ${run.run} · ${run.collection.name} ${run.collection.version}${commit ? ` (${commit.id.slice(0, 10)}${commit.modified ? ", modified" : ""})` : ""}`);
  document.getElementById("tabs").append(...VIEWS.map(([name, label, , number]) =>
    el("a", { href: `#${name}` }, label, number === undefined ? null : el("span", { class: "number" }, number.toLocaleString("en")))));
  const theme = document.getElementById("theme"), root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const label = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; label(); });
  label();
  document.getElementById("printer").addEventListener("click", () => print());
  document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); document.getElementById("view").focus(); });
  addEventListener("keydown", (event) => {
    const field = document.querySelector(".search");
    if (event.key === "/" && field && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) { event.preventDefault(); field.focus(); }
  });
  addEventListener("hashchange", () => { if (!show()) { scrollTo(0, 0); document.getElementById("view").focus({ preventScroll: true }); } });
  show();
}

start();
