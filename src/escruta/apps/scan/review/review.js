"use strict";
const facts = JSON.parse(document.getElementById("facts").textContent);
const at = (id) => document.getElementById(id);
const say = (key, values = {}) =>
  String(facts.words[key]).replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
const SVG = "http://www.w3.org/2000/svg";
let reader = "", task = null, zoom = 1;

at("who").querySelector("label").textContent = say("name");
at("who").querySelector("p").textContent = say("why_name");
at("who").querySelector("button").textContent = say("begin");
at("station").querySelector("legend").textContent = say("station");
at("figures").querySelector("legend").textContent = say("figures");
at("save").textContent = say("save");
at("no").textContent = say("not_a_sheet");
at("pass").textContent = say("pass");
document.querySelector(".keys").textContent = say("keys");
at("done").textContent = say("done");
at("view").setAttribute("aria-label", say("picture"));

function row(place, key, name) {
  const label = document.createElement("label"), span = document.createElement("span"), input = document.createElement("input");
  label.className = "row";
  span.textContent = name;
  input.name = key;
  input.autocomplete = "off";
  if (place === "figures") input.inputMode = "numeric";
  input.addEventListener("focus", () => { input.select(); look(key); });
  label.append(span, input);
  at(place).append(label);
}
for (const part of facts.parts) row("station", "station." + part, part);
for (const each of facts.columns) row("figures", each.column, each.name);
const fields = [...document.querySelectorAll("#station input, #figures input")];

async function ask(path, said) {
  const answer = await fetch(path, said && { method: "POST", body: JSON.stringify(said) });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error + (found.expected ? " (" + found.expected + ")" : ""));
  return found;
}

// What goes wrong is said where the eye is; a key that is held down, or pressed again too soon, decides nothing.
let busy = false;
async function once(work) {
  if (busy) return;
  busy = true;
  const buttons = document.querySelectorAll(".go button");
  buttons.forEach((button) => { button.disabled = true; });
  try {
    await work();
  } catch (error) {
    at("said").textContent = say("failed", { why: error.message });
    at("done").textContent = say("failed", { why: error.message });
    at("done").hidden = !at("work").hidden;
  } finally {
    busy = false;
    buttons.forEach((button) => { button.disabled = false; });
  }
}

async function next() {
  const found = await ask("next?lang=" + facts.language + "&reader=" + encodeURIComponent(reader));
  at("left").textContent = say("left", { n: found.left });
  task = found.task;
  at("work").hidden = task === null;
  at("done").hidden = task !== null;
  if (task !== null) show();
}

function show() {
  at("role").textContent = say(["first", "second", "third"][Math.min(task.number, 3) - 1]);
  at("reasons").replaceChildren(...task.reasons.map((reason) => {
    const item = document.createElement("li");
    item.textContent = { "no-reading": say("no_reading"), unread: say("unread") }[reason] || reason;
    return item;
  }));
  at("said").textContent = "";
  for (const field of fields) {
    const part = field.name.startsWith("station.") ? field.name.slice(8) : null;
    const value = part === null ? task.figures[field.name] : task.station[part];
    field.value = value === undefined || value === null ? "" : String(value);
    field.removeAttribute("aria-invalid");
  }
  at("photo").alt = say("picture");
  at("photo").src = "picture/" + task.digest + "/" + task.page;
  draw();
  fields[0].focus();
}

function draw() {
  const over = at("over");
  over.setAttribute("viewBox", "0 0 " + task.width + " " + task.height);
  over.setAttribute("preserveAspectRatio", "none");
  const shapes = [];
  const polygon = (points, kind, key) => {
    const shape = document.createElementNS(SVG, "polygon");
    shape.setAttribute("points", points.map((point) => point.join(",")).join(" "));
    shape.setAttribute("class", kind);
    if (key) shape.dataset.key = key;
    shapes.push(shape);
  };
  for (const code of task.codes) polygon(code, "code");
  for (const [key, points] of Object.entries(task.places)) {
    polygon(points, "cell", key);
    const read = task.figures[key];
    if (read === undefined || read === null) continue;
    const text = document.createElementNS(SVG, "text");
    text.setAttribute("x", points[1][0] + 8);
    text.setAttribute("y", points[2][1]);
    text.textContent = String(read);
    shapes.push(text);
  }
  over.replaceChildren(...shapes);
}

function look(key) {
  let here = null;
  for (const shape of at("over").querySelectorAll("polygon")) {
    const is = shape.dataset.key === key;
    shape.classList.toggle("here", is);
    if (is) here = shape;
  }
  if (here === null) return;
  const box = here.getBoundingClientRect(), view = at("view").getBoundingClientRect();
  at("view").scrollBy({ left: box.left - view.left - view.width / 2 + box.width / 2, top: box.top - view.top - view.height / 2 });
}

function enlarge(times) {
  zoom = Math.min(6, Math.max(0.5, zoom * times));
  at("sheet").style.width = 100 * zoom + "%";
  const field = document.activeElement;
  if (field && field.name) look(field.name);
}

function typed() {
  const station = {}, figures = {};
  let bad = null;
  for (const field of fields) {
    const text = field.value.trim();
    const isPart = field.name.startsWith("station.");
    const fits = isPart ? text !== "" : /^(\d{1,8}|x)$/i.test(text);
    field.setAttribute("aria-invalid", String(!fits));
    if (!fits && bad === null) bad = field;
    if (isPart) station[field.name.slice(8)] = text;
    else figures[field.name] = /^x$/i.test(text) ? null : Number(text);
  }
  if (bad !== null) { bad.focus(); at("said").textContent = say("missing"); return null; }
  return { station, figures, is_sheet: true };
}

function decide(said) {
  if (said === null || task === null) return;
  once(async () => {
    await ask("decide", { digest: task.digest, page: task.page, reader, ...said });
    await next();
  });
}

function leave() {
  once(async () => {
    await ask("pass", { digest: task.digest, page: task.page, reader });
    await next();
  });
}

at("who").addEventListener("submit", (event) => {
  event.preventDefault();
  reader = at("name").value.trim();
  if (reader === "") return;
  at("who").hidden = true;
  once(next);
});
at("typed").addEventListener("submit", (event) => { event.preventDefault(); decide(typed()); });
at("no").addEventListener("click", () => decide({ station: {}, figures: {}, is_sheet: false }));
at("pass").addEventListener("click", leave);
at("typed").addEventListener("keydown", (event) => {
  const place = fields.indexOf(event.target);
  if (event.repeat && (event.ctrlKey || event.key === "Enter")) { event.preventDefault(); return; }
  if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); decide(typed()); return; }
  if (event.key === "." && event.ctrlKey) { event.preventDefault(); leave(); return; }
  if (place < 0) return;
  if (event.key === "Enter") {
    event.preventDefault();
    const other = fields[place + (event.shiftKey ? -1 : 1)];
    if (other) other.focus();
    else if (!event.shiftKey) at("save").focus();
  } else if (event.key === "+" || (event.key === "-" && !event.target.name.startsWith("station."))) {
    event.preventDefault();
    enlarge(event.key === "+" ? 1.3 : 1 / 1.3);
  }
});
at("name").focus();
