// Finds the figures that a page shows, and says which of them are not those that they should be. A page that is looked at is parsed and never
// shown, so that nothing in it runs. Figures are known by what a reader knows them by: the heads of their row and column.
"use strict";

const figures = (() => {
  const { figureWord, markWord, names, say, words } = telling;
  const [GROUP, POINT] = [words.group, words.point];

  // --- numbers as the page writes them ------------------------------------------------------------------------------------------

  const counted = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, GROUP);

  /** Half up, as the pages round; 0 and 100 % only where it is exactly that. Whole numbers below 2**53 throughout. */
  function share(part, whole, digits) {
    const all = 100 * 10 ** digits;
    const units = Math.floor((2 * part * all + whole) / (2 * whole));
    const [sign, shown] = units === 0 && part > 0 ? ["<", 1] : units === all && part < whole ? [">", units - 1] : ["", units];
    return sign + (shown / 10 ** digits).toFixed(digits).replace(".", POINT);
  }

  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const groups = new RegExp(`(\\d)${escaped(GROUP)}(?=\\d{3}(?!\\d))`, "g");

  /** The numbers in a text, as digits with a point. */
  function numbersIn(text, [grouping, point] = [groups, POINT]) {
    const plain = text.replace(grouping, "$1").replace(new RegExp(`(\\d)${escaped(point)}(?=\\d)`, "g"), "$1.");
    return plain.match(/\d+(?:\.\d+)*/g) || [];
  }

  // --- the page -------------------------------------------------------------------------------------------------------------------

  let parser = { createHTML: (text) => text };
  if (globalThis.trustedTypes) parser = globalThis.trustedTypes.createPolicy("escruta-looked-at", parser);
  const pageOf = (text) => new DOMParser().parseFromString(parser.createHTML(text), "text/html");

  /** Space as a browser shows it; what stands between thousands is left as it is. */
  const tidied = (text) => text.replace(/[ \t\r\n]+/g, " ").trim();

  /** The text of an element without what stands beside it in small letters, as a sign or as a picture. */
  function textOf(element, without = "small, svg, i.dot, .vh") {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(without).forEach((each) => each.remove());
    return tidied(copy.textContent);
  }

  const smallOf = (element) => (element.querySelector("small") ? textOf(element.querySelector("small"), "svg") : "");

  /** Every cell of a table, with the heads of its row and column. */
  function* cellsOf(table) {
    const columns = Array.from(table.querySelectorAll("thead th"), (head) => textOf(head));
    for (const row of table.querySelectorAll("tbody tr")) {
      const head = row.querySelector("th");
      if (head === null) continue;
      const link = head.querySelector("a[href]");
      const cells = Array.from(row.querySelectorAll("td"));
      yield* cells.map((cell, at) => ({
        cell,
        at,
        row: textOf(head, "small, svg, b, i.dot"),
        column: columns[at + 1] || "",
        href: link === null ? "" : link.getAttribute("href"),
      }));
    }
  }

  // --- what was compared ----------------------------------------------------------------------------------------------------------

  class Comparison {
    constructor() {
      this.compared = 0;
      this.differing = [];
      this.at = null;
    }

    same(place, figure, shown, expected, by) {
      this.compared += 1;
      if (shown !== expected) this.differing.push({ place, figure, shown, expected, by, at: this.at });
    }

    /** Says at which element the next figures stand. */
    lookAt(element) {
      this.at = element;
      return this;
    }

    /** A count beside the figure that it should be; a figure that is not known must not look like a number. */
    count(place, figure, text, expected, by) {
      const wanted = expected === null || expected === undefined ? say("checking.no_number") : counted(expected);
      const shown = numbersIn(text).length ? text.replace(/^≥\s*/, "") : say("checking.no_number");
      this.same(place, figure, shown, wanted, by);
    }

    share(place, figure, text, part, whole, by) {
      const digits = (numbersIn(text)[0] || "").split(".")[1];
      if (digits === undefined || !whole) return;
      this.same(place, figure, text.replace(/[\s%]/g, ""), share(part, whole, digits.length), by);
    }
  }

  const candidateVotes = (result) => (result.figures || {}).candidate_votes;

  function compareTotals(found, page, data, place) {
    const by = "checking.by.data";
    const byName = new Map(data.candidates.map((each) => [tidied(each.name), each]));
    const steps = new Map(data.coverage.map((each) => [words[`step.${each.step}`], each]));
    const verdicts = new Map(Object.entries(data.verdicts).map(([verdict, stations]) => [words[`verdict.${verdict}`], stations]));
    const inside = new Map(data.areas.map((each) => [each.data.replace(/^data\//, "").replace(/json$/, "html"), each]));
    for (const table of page.querySelectorAll("table")) {
      if (table.closest(".st")) continue;
      const cells = [...cellsOf(table)];
      const rows = new Set(cells.map((each) => each.row));
      const hasAll = (known) => known.size > 0 && [...known.keys()].every((name) => rows.has(name));
      const [isResult, isFunnel, isBreakdown] = [hasAll(byName), hasAll(steps), hasAll(verdicts)];
      for (const { cell, row, column, href } of cells) {
        const figure = column ? `${row} · ${column}` : row;
        const text = textOf(cell);
        found.lookAt(cell);
        if (isResult && byName.has(row) && column === words["result.votes"]) {
          found.count(place, figure, text, byName.get(row).votes, by);
        } else if (isResult && byName.has(row) && column === words["result.share"]) {
          found.share(place, figure, text, byName.get(row).votes, candidateVotes(data), by);
        } else if (isFunnel && steps.has(row) && column === words["funnel.stations"]) {
          found.count(place, figure, text, steps.get(row).stations, by);
        } else if (isFunnel && steps.has(row) && column === words["funnel.registered"]) {
          found.count(place, figure, text, steps.get(row).registered_voters, by);
        } else if (isBreakdown && verdicts.has(row) && column === words["funnel.stations"]) {
          found.count(place, figure, text, verdicts.get(row), by);
        } else if (href && inside.has(linked(data.page, href))) {
          compareInside(found, { place, figure, column, cell }, inside.get(linked(data.page, href)), byName);
        }
      }
    }
    compareFacts(found, page, data, place);
  }

  /** The address of a page that another page links to. */
  const linked = (page, href) => new URL(href, `https://site.invalid/${page}`).pathname.slice(1);

  function compareInside(found, { place, figure, column, cell }, area, byName) {
    const by = "checking.by.data";
    const candidate = byName.get(column);
    if (column === words["children.counted"]) found.count(place, figure, textOf(cell), area.counted, by);
    if (column === words["children.lead"] && numbersIn(textOf(cell)).length) found.count(place, figure, textOf(cell), area.margin_votes, by);
    if (candidate === undefined) return;
    const votes = area.votes[candidate.candidate];
    found.count(place, figure, textOf(cell), votes, by);
    const whole = Object.values(area.votes).reduce((sum, each) => sum + (each || 0), 0);
    if (smallOf(cell) && votes !== null) found.share(place, figure, smallOf(cell), votes, whole, by);
  }

  /** The figures beside the votes, and the three to take home. */
  function compareFacts(found, page, data, place) {
    const by = "checking.by.data";
    const named = (values) => new Map(Object.entries(values || {}).map(([figure, value]) => [figureWord(figure), value]));
    const [beside, bounds] = [named(data.figures), named(data.at_least)];
    const countIn = (text) => numbersIn(text).map((number) => counted(number)).join(" ");
    for (const item of page.querySelectorAll("#embed li")) {
      const figure = item.querySelector("b");
      const name = textOf(item, "b, small");
      if (figure === null || !beside.has(name)) continue;
      const [exact, least] = [beside.get(name), bounds.get(name)];
      if (exact !== null) found.lookAt(item).count(place, name, textOf(figure), exact, by);
      else if (least !== undefined) found.lookAt(item).count(place, name, countIn(textOf(figure)), least, by);
    }
    const of = (step) => (data.coverage.find((each) => each.step === step) || {}).stations;
    const facts = new Map([
      [words["fact.lead"], data.outcome.margin_votes],
      [words["fact.counted"], of("counted")],
      [words["fact.backed"], of("corroborated")],
    ]);
    for (const term of page.querySelectorAll("dl.nums dt")) {
      const figure = term.parentElement.querySelector("dd b");
      if (figure !== null && facts.has(textOf(term))) found.lookAt(figure).count(place, textOf(term), textOf(figure), facts.get(textOf(term)), by);
    }
  }

  // --- polling stations -------------------------------------------------------------------------------------------------------------

  /** The name of a station's place in its page, as the pages make it. */
  const anchorOf = (station) =>
    "s" + station.replace(/[^0-9A-Za-z._-]/gu, (sign) => (sign === "/" ? ":" : `~${sign.codePointAt(0).toString(16)}~`));

  /** What a figure is called on a page. */
  const labelOf = (contest, figure) => figureWord(figure) || labels[`${contest}/${figure}`] || figure;
  const labels = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, tidied(name)]));

  /** Each station's readings beside the figures that they should have: those of the log where it was read, else those of the page's JSON. */
  function compareStations(found, page, data, entries) {
    for (const station of data.stations) {
      const block = page.getElementById(anchorOf(station.station));
      const place = say("station", { station: station.station });
      const verdict = block.querySelector("h3 .v");
      if (verdict !== null) found.lookAt(verdict).same(place, say("checking.verdict_of"), textOf(verdict), words[`verdict.${station.verdict}`], "checking.by.data");
      for (const table of block.querySelectorAll("table")) compareReadings(found, table, { place, station, data, entries });
    }
  }

  /** Whether a polling station stands on a page with its readings. */
  const isOn = (page, station) => page.getElementById(anchorOf(station.station)) !== null;

  function compareReadings(found, table, { place, station, data, entries }) {
    const known = new Map();
    for (const figure of new Set(station.readings.flatMap((each) => Object.keys(each.figures)))) {
      const label = labelOf(data.contest, figure);
      known.set(label, [...(known.get(label) || []), figure]);
    }
    const rows = new Map();
    for (const { cell, at, row } of cellsOf(table)) {
      const reading = station.readings[at];
      if (!known.has(row) || reading === undefined) continue;
      if (at === 0) rows.set(row, (rows.has(row) ? rows.get(row) : -1) + 1);
      const like = known.get(row);
      const figure = like[Math.min(rows.get(row) || 0, like.length - 1)];
      compareFigure(found, cell, { place, row, figure, reading, entry: entries.get(reading.reading) });
    }
  }

  function compareFigure(found, cell, { place, row, figure, reading, entry }) {
    const by = entry === undefined ? "checking.by.data" : "checking.by.reading";
    const figures = entry === undefined ? { ...reading.figures, ...reading.marks } : entry.figures;
    const value = figures[figure];
    const named = `${row} · ${reading.source}`;
    found.lookAt(cell);
    if (typeof value === "number") found.count(place, named, textOf(cell), value, by);
    else if (typeof value === "string") found.same(place, named, textOf(cell), markWord(value), by);
    else found.count(place, named, textOf(cell), null, by);
  }

  /** The figures of the page's JSON beside those of the readings in the log. */
  function compareData(found, stations, entries) {
    for (const station of stations) {
      for (const reading of station.readings) {
        const entry = entries.get(reading.reading);
        if (entry === undefined) continue;
        const place = say("checking.in_data", { station: station.station });
        const all = new Set([...Object.keys(reading.figures), ...Object.keys(entry.figures)]);
        for (const figure of all) {
          const given = reading.marks[figure] || (reading.figures[figure] === undefined ? null : reading.figures[figure]);
          const wanted = entry.figures[figure] === undefined ? null : entry.figures[figure];
          if (given !== wanted) found.differing.push({ place, figure: `${figure} · ${reading.source}`, shown: String(given), expected: String(wanted), by: "checking.by.reading" });
        }
        if (entry.station !== station.station || entry.source !== reading.source) {
          const [shown, expected] = [`${station.station} · ${reading.source}`, `${entry.station} · ${entry.source}`];
          found.differing.push({ place, figure: say("checking.whose"), shown, expected, by: "checking.by.reading" });
        }
      }
    }
  }

  // --- sums -------------------------------------------------------------------------------------------------------------------------

  /** Whether the parts of a page add up to its totals: true, false, or null where they cannot be added up from what the page has. */
  function addsUp(data) {
    const isLowest = data.areas.length === 0;
    if (isLowest === (data.stations.length === 0)) return null;
    for (const { candidate, votes } of data.candidates) {
      const parts = isLowest
        ? data.stations.filter((each) => each.counted).map((station) => votesOf(station, `votes.${candidate}`))
        : data.areas.filter((area) => area.counted !== 0 || area.votes[candidate] !== null).map((area) => area.votes[candidate]);
      if (votes === null && parts.length > 0) return false;
      if (votes === null || parts.includes(undefined) || (!isLowest && parts.includes(null))) return null;
      if (parts.reduce((sum, each) => sum + (each || 0), 0) !== votes) return false;
    }
    return true;
  }

  /** What the standing readings of a station agree on; undefined where they do not, null where none has it. */
  function votesOf(station, figure) {
    const standing = station.readings.filter((each) => each.standing).map((each) => each.figures[figure]);
    const given = [...new Set(standing.filter((each) => typeof each === "number"))];
    return given.length > 1 ? undefined : given.length ? given[0] : null;
  }

  // --- another edition --------------------------------------------------------------------------------------------------------------

  const BLOCKS = "td, th, li, p, dd, dt, h1, h2, h3, summary, figcaption, text, desc, title";

  /** The texts inside an element, each by itself: two numbers that stand side by side in two elements are two. */
  const piecesOf = (node) => (node.nodeType === Node.TEXT_NODE ? [node.data] : Array.from(node.childNodes).flatMap(piecesOf));

  /** Every part of a page that has numbers, in order, with its numbers; the order of those inside one part is the language's. */
  function numberedParts(page, writes) {
    const parts = [];
    for (const element of page.querySelectorAll("main *")) {
      if (!element.matches(BLOCKS)) continue;
      const copy = element.cloneNode(true);
      copy.querySelectorAll(BLOCKS).forEach((each) => each.remove());
      const numbers = numbersIn(piecesOf(copy).join(" "), writes);
      if (numbers.length) parts.push({ element, numbers: [...numbers].sort() });
    }
    return parts;
  }

  /** Where the numbers of a page are not those of the same page in another language; nothing where the two do not match part by part. */
  function compareEditions(found, page, other, written, language) {
    const grouping = new RegExp(`(\\d)${escaped(written.group)}(?=\\d{3}(?!\\d))`, "g");
    const [mine, theirs] = [numberedParts(page), numberedParts(other, [grouping, written.point])];
    if (mine.length !== theirs.length) return false;
    mine.forEach((part, at) => {
      const [shown, expected] = [part.numbers.join(" "), theirs[at].numbers.join(" ")];
      const isNamed = found.differing.some(({ at: known }) => known && (part.element.contains(known) || known.contains(part.element)));
      if (shown === expected || isNamed) return;
      const section = part.element.closest("section");
      const title = section && section.querySelector("h2, h3");
      const head = part.element.closest("tr") && part.element.closest("tr").querySelector("th");
      const figure = head ? textOf(head) : textOf(part.element).slice(0, 80);
      found.differing.push({ place: title ? textOf(title) : say("checking.head"), figure, shown, expected, by: "checking.by.edition", language, at: part.element });
    });
    return true;
  }

  return { addsUp, compareData, compareEditions, compareStations, compareTotals, Comparison, isOn, pageOf };
})();
