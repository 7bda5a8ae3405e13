// The pictures of the network, made anew from their shapes: no markup, no id, nothing that could run or load.

const PICTURES = Object.entries(DATA.diagrams.pictures);
const ZOOMS = [["fit", "Fit"], ["1", "100 %"], ["1.5", "150 %"], ["2", "200 %"], ["3", "300 %"]];

function shape([name, attributes, ...content]) {
  return svg(name, attributes, ...content.map((part) => (typeof part === "string" ? part : shape(part))));
}

/** One picture; its title is its name, and its description stands below it as text. */
function drawing({ title, shapes }) {
  const picture = shape(shapes);
  picture.setAttribute("class", "drawing");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", title);
  return picture;
}

function pictureCard([name, content]) {
  const picture = drawing(content), width = Number(content.shapes[1].width) || 800;
  const box = el("div", { class: "scroll canvas", tabindex: "0", role: "region", "aria-label": `${content.title}, can be scrolled` }, picture);
  const buttons = ZOOMS.map(([zoom, label]) => el("button", { type: "button", class: "filter zoom", "aria-pressed": String(zoom === "fit"), on: { click: (event) => {
    buttons.forEach((one) => one.setAttribute("aria-pressed", String(one === event.currentTarget)));
    picture.style.width = zoom === "fit" ? "" : `${width * Number(zoom)}px`;
    picture.style.maxWidth = zoom === "fit" ? "" : "none";
  } } }, label));
  return el("section", { class: "card", id: `picture-${name}` }, el("h3", {}, content.title), el("div", { class: "filters", role: "group", "aria-label": "Size" }, buttons), box,
    content.description ? disclosure({ class: "rest" }, "The same in words", (body) => body.append(el("p", {}, content.description))) : "",
    el("p", { class: "info" }, "As a file: ", el("code", {}, `diagrams/${name}.svg`), " of the bundle."));
}

function viewDiagram(view, wanted) {
  view.append(el("h2", {}, "Diagram"), el("p", { class: "intro" }, "What the site model says of the network and of who talks to whom. That the network is so, findings and the segmentation test show."),
    DATA.diagrams.problem ? warnings([DATA.diagrams.problem]) : "");
  if (!PICTURES.length) {
    view.append(el("p", { class: "empty" }, "No picture was drawn."));
    return;
  }
  view.append(...PICTURES.map(pictureCard));
  const asked = wanted && PICTURES.findIndex(([name]) => name === wanted);
  if (asked > 0) requestAnimationFrame(() => view.querySelectorAll(".card")[asked].scrollIntoView({ block: "start" }));
}

function paperDiagram() {
  if (!PICTURES.length) return [el("h2", {}, "Diagram"), el("p", { class: "empty" }, `No picture was drawn. ${DATA.diagrams.problem || ""}`)];
  return PICTURES.map(([, content]) => el("div", { class: "sheet" }, el("h2", {}, content.title), drawing(content)));
}
