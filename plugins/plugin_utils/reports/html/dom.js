// Small helpers. Everything that comes from data goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes by name, `on` for listeners, children as nodes or texts (empty ones are left out). */
function el(name, attributes, ...children) {
  const made = document.createElement(name);
  setAll(made, attributes);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function svg(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  setAll(made, attributes);
  made.append(...children);
  return made;
}

function setAll(node, attributes) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") Object.entries(value).forEach(([event, listener]) => node.addEventListener(event, listener));
    else node.setAttribute(name, value === true ? "" : value);
  }
}

/** A table whose rows become cards where there is no room: each cell then says what its column is called. */
function wideTable(name, caption, heads) {
  return el("table", { class: name, role: "table" }, caption ? el("caption", { class: "sr" }, caption) : null,
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map(([label, kind]) => el("th", { scope: "col", role: "columnheader", class: kind || null }, label)))),
    el("tbody", { role: "rowgroup" }));
}

function wideRow(heads, cells, attributes = {}) {
  cells.forEach((cell, place) => {
    cell.setAttribute("data-label", heads[place][0]);
    cell.setAttribute("role", cell.localName === "th" ? "rowheader" : "cell");
  });
  return el("tr", { role: "row", ...attributes }, cells);
}

function plural(number, one, many) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many || one + "s"}`;
}

function words(name) {
  return String(name).replaceAll("_", " ");
}

/** Puts items into a node a screenful at a time, the next when the reader comes near the end. */
function lazily(into, items, make, size = 100) {
  let next = 0;
  const more = el("button", { type: "button", class: "more", on: { click: () => add() } });
  const watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && add(), {
    rootMargin: "600px",
  });
  function add(until = next + size) {
    const part = document.createDocumentFragment();
    for (; next < Math.min(until, items.length); next += 1) part.append(make(items[next], next));
    (into.tBodies ? into.tBodies[0] : into).append(part);
    if (next >= items.length) {
      watcher.disconnect();
      more.remove();
      return;
    }
    more.textContent = `Show more (${(items.length - next).toLocaleString("en")} left)`;
    if (!more.isConnected) {
      into.after(more);
      watcher.observe(more);
    }
  }
  // The first part needs a parent to put the button behind: callers attach `into` first or call start later.
  return { start: () => add(size), upTo: (index) => next <= index && add(index + 1) };
}

/** A disclosure whose content is made when it is first opened. */
function disclosure(attributes, summary, fill) {
  const body = el("div", { class: "body" });
  const box = el("details", attributes, el("summary", {}, summary), body);
  box.addEventListener("toggle", () => {
    if (box.open && !body.childNodes.length) fill(body);
  });
  return box;
}
