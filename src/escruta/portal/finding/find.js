// Finds a place or a polling station in `places`, which another script gives. Nothing that is typed leaves the page.
"use strict";
(() => {
  const MOST = 30;
  const say = JSON.parse(document.getElementById("words").textContent);
  const plurals = new Intl.PluralRules(say.locale);
  const numbers = new Intl.NumberFormat(say.locale, { useGrouping: "always" });
  const input = document.getElementById("q");
  const list = document.getElementById("found");
  const told = document.getElementById("told");

  // "{n} places" in the form that the language has for this number.
  const counted = (forms, n) =>
    (typeof forms === "string" ? forms : forms[plurals.select(n)] || forms.other).replace("{n}", numbers.format(n));

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const codeOf = (text) => plain(text).replace(/[^\p{L}\p{N}]+/gu, " ").trim().replace(/(^|\s)0+(?=\d)/g, "$1");

  // The row of a place, as the index has it: depth, code, name, address, beginning of its stations' keys, and their ends.
  const rows = places.rows;
  const above = [];
  const path = [];
  rows.forEach((row, at) => {
    const depth = row[0] || 0;
    path[depth] = at;
    above[at] = path.slice(1, depth);
  });

  const keysOf = (row) => {
    const [, , , , prefix, ends] = row;
    if (!ends) return [];
    if (prefix === "\n") return ends.split("\n");
    return ends.split(",").flatMap((end) => {
      const run = /^(\d+)-(\d+)$/.exec(end);
      if (!run) return [(prefix || "") + end];
      const keys = [];
      for (let number = +run[1]; number <= +run[2]; number++) keys.push((prefix || "") + number);
      return keys;
    });
  };

  const nameOf = (at) => {
    const [depth, code, name] = rows[at];
    return depth ? name || `${say.levels[depth]} ${code}` : say.country;
  };
  const slugOf = (at) => encodeURIComponent(rows[at][3] || rows[at][1]);
  const slugs = (at) => [...above[at], at].map(slugOf).join("/");
  const anchorOf = (key) =>
    "s" + key.replace(/[^0-9A-Za-z._-]/gu, (sign) => (sign === "/" ? ":" : `~${sign.codePointAt(0).toString(16)}~`));
  const pageOf = (at) => (rows[at][0] ? `areas/${slugs(at)}.html` : "index.html");
  const pageOfStation = (at, keys, place) => {
    const aPage = rows[at][6] || places.page;
    const inArea = rows[at][0] && keys.length <= aPage;
    const folder = rows[at][0] ? `${slugs(at)}/` : "";
    const page = inArea ? pageOf(at) : `stations/${folder}${Math.floor(place / aPage) + 1}.html`;
    return `${page}#${anchorOf(keys[place])}`;
  };

  let index = null;
  let stations = null;
  const build = () => {
    index = new minisearch.Index({
      fields: ["name", "code", "path"],
      processTerm: (term) => plain(term).replace(/^0+(?=\d)/, "") || null,
    });
    stations = new Map();
    const documents = [];
    rows.forEach((row, at) => {
      keysOf(row).forEach((key, place) => stations.set(codeOf(key), [at, place]));
      if (row[0]) {
        const names = above[at].map((one) => rows[one][2] || "").join(" ");
        documents.push({ id: at, name: row[2] || "", code: row[1], path: names });
      }
    });
    index.addAll(documents);
  };

  // Places in which every word is found; where there is none, and no station has this key, those with some of the words.
  const search = (text, isKey) => {
    const options = {
      prefix: (term) => term.length > 1,
      fuzzy: (term) => (/^\d+$/.test(term) ? false : term.length > 8 ? 3 : term.length > 4 ? 2 : term.length > 3 ? 1 : false),
      boost: { name: 4, code: 4 },
      weights: { fuzzy: 0.4, prefix: 0.7 },
      boostDocument: (at) => 1 + (rows[at][0] || 0) / 20,
    };
    const every = index.search(text, { ...options, combineWith: "AND" });
    return every.length || isKey ? every : index.search(text, options);
  };

  const item = (href, title, lines) => {
    const entry = document.createElement("li");
    const link = document.createElement("a");
    link.href = href;
    link.textContent = title;
    entry.append(link);
    for (const line of lines.filter(Boolean)) {
      const small = document.createElement("small");
      small.textContent = line;
      entry.append(small);
    }
    return entry;
  };
  const wayTo = (at) => above[at].map(nameOf).join(" › ");

  const show = () => {
    const text = input.value.trim();
    list.replaceChildren();
    told.textContent = "";
    if (!text) return;
    if (!index) build();
    const found = [];
    const exact = stations.get(codeOf(text));
    if (exact) {
      const [at, place] = exact;
      const keys = keysOf(rows[at]);
      found.push(item(pageOfStation(at, keys, place), `${say.station} ${keys[place]}`, [[wayTo(at), nameOf(at)].filter(Boolean).join(" › ")]));
    }
    const hits = search(text, exact !== undefined);
    for (const hit of hits.slice(0, MOST)) {
      const row = rows[hit.id];
      const number = keysOf(row).length;
      const kind = row[2] ? `${say.levels[row[0]]} ${row[1]}` : "";
      found.push(item(pageOf(hit.id), nameOf(hit.id), [wayTo(hit.id), [kind, number ? counted(say.stations, number) : ""].filter(Boolean).join(" · ")]));
    }
    list.append(...found);
    const all = hits.length + (exact ? 1 : 0);
    told.textContent = all ? counted(say.some, all) + (hits.length > MOST ? ` ${say.shown.replace("{n}", numbers.format(MOST))}` : "") : say.none;
  };

  // A search is a part of the address, so that the way back leads to it; what stands behind # is never sent to a server.
  const fromAddress = () => {
    const given = new URLSearchParams(location.hash.slice(1)).get("q");
    if (given !== null && given !== input.value) {
      input.value = given;
      show();
    }
  };
  const keepAndShow = () => {
    const text = input.value.trim();
    history.replaceState(null, "", text ? `#q=${encodeURIComponent(text)}` : location.pathname);
    show();
  };
  let waiting = 0;
  input.disabled = false;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keepAndShow, 120);
  });
  document.getElementById("find").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    keepAndShow();
    list.querySelector("a")?.focus();
  });
  addEventListener("hashchange", fromAddress);
  fromAddress();
})();
