// Checks a page of the site: that it is the one that was published, and that its figures are those of the signed readings. The page's address
// inside its language's folder stands in this page's own, after the "#"; everything else is read from the same place, or from chosen files.
"use strict";

(() => {
  const { check, hex, isEqual, parsed, policyFrom, sha256 } = verifying;
  const { element, fill, line, linesOf, numbers, row, say, showKeys, showVerdict, verdictOf } = telling;
  const frame = JSON.parse(document.getElementById("frame").textContent);
  const policy = document.getElementById("policy").textContent;
  // never another host: a browser skips spaces and control characters before an address
  const PAGE = /^(?![\s/])(?!.*\.\.)[^?#:\\\u0000-\u001f]+\.html$/;

  const digestOf = async (bytes) => hex(await sha256(bytes));
  const textOf = logFiles.textOf;

  // --- what is read -----------------------------------------------------------------------------------------------------------------

  /** The address of the JSON with a page's figures; null for pages without one. */
  function dataOf(page) {
    const [, prefix, rest] = /^((?:contests\/[^/]+\/)?)(.*)$/.exec(page);
    const stations = /^stations\/(?:(.+)\/)?[0-9]+\.html$/.exec(rest);
    if (stations) return `data/${prefix}${stations[1] ? `areas/${stations[1]}` : "index"}.json`;
    return rest === "index.html" || rest.startsWith("areas/") ? `data/${prefix}${rest.replace(/html$/, "json")}` : null;
  }

  const digestsIn = (text) =>
    new Map(text.split("\n").filter(Boolean).map((each) => [each.slice(66).trim(), each.slice(0, 64)]));

  /** The digest of a path in the whole list; "" where it names no such path. */
  function wholeList(raw) {
    const digests = digestsIn(textOf(raw));
    return { digestFor: async (path) => digests.get(path) || "", changed: [], missing: [] };
  }

  /** The digest of a path in its part of the list; null where that part is not there, or not the one that the index names. */
  function listInParts(files, index) {
    const parts = digestsIn(textOf(index));
    const digits = (parts.keys().next().value || "").length;
    const [kept, changed, missing] = [new Map(), [], []];

    async function part(name) {
      const raw = await files.read(`digests/${name}`);
      if (raw !== null && (await digestOf(raw)) === parts.get(name)) return digestsIn(textOf(raw));
      (raw === null ? missing : changed).push(`digests/${name}`);
      return null;
    }

    async function digestFor(path) {
      const name = (await digestOf(new TextEncoder().encode(path))).slice(0, digits);
      if (!parts.has(name)) return "";
      if (!kept.has(name)) kept.set(name, await part(name));
      return kept.get(name) === null ? null : kept.get(name).get(path) || "";
    }

    return { digestFor, changed, missing };
  }

  /** The list of digests, in parts where it has some, and where it stands in the log, whatever of it can be read. */
  async function readList(files) {
    const from = files.withFile("SHA256SUMS"); // list and parts come from one place
    const index = await from.read("digests/index");
    const raw = index === null ? await files.read("SHA256SUMS") : index;
    const found = { digestFor: async () => null, changed: [], missing: [], place: null, log: null, proved: null, why: "" };
    if (raw === null) return { ...found, why: "SHA256SUMS" };
    Object.assign(found, index === null ? wholeList(raw) : listInParts(from, raw));
    try {
      found.log = await logFiles.opened((path) => files.read(`${frame.record}log/${path}`));
      if (found.log === null) return { ...found, why: "log/checkpoint" };
      found.place = await found.log.listOfPages(await digestOf(raw), index === null ? "sha256sums" : "sha256parts");
      if (found.place !== null) {
        const { index: at } = found.place;
        found.proved = await check(textOf(await found.log.entry(at)), await found.log.proof(at), policy);
      }
    } catch (error) {
      if (error.isFalse) throw error; // a log that was changed is not one that is missing
      return { ...found, log: null, why: error.message };
    }
    return found;
  }

  /** Whether bytes are those that the list names; null where that cannot be told. */
  async function isListedAs(list, path, raw) {
    const listed = await list.digestFor(path);
    return listed === null ? null : (await digestOf(raw)) === listed;
  }

  /** The readings of some stations, as the log has them: those that lead to its root, by their ids. */
  async function readEntries(log, stations) {
    const [entries, wrong] = [new Map(), []];
    const readings = stations.flatMap((station) => station.readings.map((reading) => ({ station, reading })));
    let asked = 0;
    for (const { station, reading } of log === null ? [] : readings) {
      if (reading.log_index === null) continue;
      asked += 1;
      try {
        const raw = await log.entry(reading.log_index);
        const said = parsed(textOf(raw));
        const isNamed = said.kind === "reading" && said.reading === reading.reading; // a withdrawal names it too, and is none
        if ((await digestOf(raw)) !== reading.reading && !isNamed) wrong.push({ station, reading });
        else if (!(await log.holds(reading.log_index))) wrong.push({ station, reading });
        else if (said.figures) entries.set(reading.reading, said);
      } catch (error) {
        wrong.push({ station, reading });
      }
    }
    return { entries, wrong, asked };
  }

  // --- what is found ----------------------------------------------------------------------------------------------------------------

  async function checkPage(files, page, alone) {
    const path = `${document.documentElement.lang}/${page}`;
    const raw = alone || (await files.read(path));
    if (raw === null) return null;
    const list = await readList(files);
    const isListed = (await list.digestFor(path)) !== "";
    const isSame = await isListedAs(list, path, raw);
    const shown = figures.pageOf(textOf(raw));
    const found = new figures.Comparison();
    const data = await readData(files, page, list);
    const read = await compareAll(found, shown, page, data, list.log);
    const others = isSame === false ? await compareOthers(found, shown, files, page, list) : false;
    return { path, list, isListed, isSame, found, data, read, others };
  }

  async function readData(files, page, list) {
    const path = dataOf(page);
    const raw = path && (await files.read(path));
    if (!raw) return { path, isSame: null, said: null };
    const isSame = await isListedAs(list, path, raw);
    const said = parsed(textOf(raw));
    return { path, isSame, said: said && said.format === "escruta/page/v1" ? said : null };
  }

  async function compareAll(found, shown, page, data, log) {
    if (data.said === null) return { entries: new Map(), wrong: [], asked: 0 };
    const here = data.said.stations.filter((station) => figures.isOn(shown, station));
    const read = await readEntries(log, here);
    if (data.said.page === page) figures.compareTotals(found, shown, data.said, say("checking.page"));
    figures.compareStations(found, shown, { ...data.said, stations: here }, read.entries);
    figures.compareData(found, here, read.entries);
    return read;
  }

  /** Looks where a false page is not the same page in another language, of which the digest is right. */
  async function compareOthers(found, shown, files, page, list) {
    for (const [language, written] of Object.entries(frame.editions)) {
      if (language === document.documentElement.lang) continue;
      const raw = await files.read(`${language}/${page}`);
      if (raw === null || !(await isListedAs(list, `${language}/${page}`, raw))) continue;
      if (figures.compareEditions(found, shown, figures.pageOf(textOf(raw)), written, language)) return true;
    }
    return false;
  }

  // --- what is said -----------------------------------------------------------------------------------------------------------------

  const pick = (ok, yes, no, open) => (ok === null ? open : ok ? yes : no);

  function pageLines({ path, list, isListed, isSame, found, data, read }) {
    const lines = [];
    const same = isListed === false ? "page_unlisted" : pick(isSame, "page_same", "page_other", "page_open");
    lines.push(line(isSame, say(`checking.line.${same}`), path));
    if (data.path) lines.push(line(data.isSame, say(`checking.line.${pick(data.isSame, "data_same", "data_other", "data_open")}`), data.path));
    const values = { n: numbers.format(found.compared), k: numbers.format(found.differing.length) };
    if (found.compared || found.differing.length) {
      lines.push(line(!found.differing.length, say(`checking.line.${found.differing.length ? "figures_other" : "figures_same"}`, values)));
    }
    if (read.asked || (data.said && data.said.stations.length)) {
      const ok = read.asked ? read.wrong.length === 0 : null;
      const said = { k: numbers.format(read.asked - read.wrong.length), n: numbers.format(read.asked) };
      const which = read.wrong.map(({ station, reading }) => `${station.station} · ${reading.source}`).join(", ");
      lines.push(line(ok, say(`checking.line.${pick(ok, "readings_same", "readings_other", "readings_open")}`, said), which));
    }
    if (data.said && data.said.candidates) {
      const sums = figures.addsUp(data.said);
      const hasTotals = data.said.candidates.some(({ votes }) => votes !== null); // none where no station is counted
      if (hasTotals || sums === false) lines.push(line(sums, say(`checking.line.${pick(sums, "sums_same", "sums_other", "sums_open")}`)));
    }
    for (const path of list.changed) lines.push(line(false, say("checking.line.part_other"), path));
    for (const path of list.missing) lines.push(line(null, say("checking.line.part_open"), path));
    if (list.log === null) lines.push(line(null, say("checking.line.log_open"), list.why));
    else if (list.place === null) lines.push(line(false, say("checking.line.list_other")));
    else {
      const { index, isLatest } = list.place;
      lines.push(line(true, say("checking.line.list_same", { index: numbers.format(index) })));
      if (!isLatest) lines.push(line(null, say("checking.line.list_old")));
    }
    return lines;
  }

  function isFalse({ list, isSame, found, data, read }) {
    if (isSame === false || data.isSame === false || list.changed.length || found.differing.length || read.wrong.length) return true;
    return (list.log !== null && list.place === null) || (data.said !== null && figures.addsUp(data.said) === false);
  }

  function verdictOfPage(result) {
    const { list, isSame, found, data, read } = result;
    if (found.differing.length) return ["bad", "checking.verdict.figure", inWords(found.differing[0])];
    if (isFalse(result)) return ["bad", isSame === false ? "checking.verdict.changed" : "checking.verdict.bad"];
    if (list.proved === null || isSame === null || (data.path && data.isSame === null)) return ["warn", "checking.verdict.open"];
    const [kind, key] = verdictOf(list.proved);
    if (kind === "bad") return [kind, "checking.verdict.bad"];
    if (!list.place.isLatest) return ["warn", "checking.verdict.old"];
    const compared = !found.compared ? "checking.verdict.same" : read.entries.size ? "checking.verdict.figures" : "checking.verdict.data";
    return [kind, compared, { vouched: say(VOUCHED[key]) }];
  }

  const VOUCHED = {
    "verdict.good": "checking.vouched.good",
    "verdict.quorum": "checking.vouched.quorum",
    "verdict.sealed": "checking.vouched.sealed",
    "verdict.unwitnessed": "checking.vouched.unwitnessed",
  };

  const inWords = ({ place, figure, shown, expected }) => ({ place, figure, shown, expected });

  function differenceRow({ place, figure, shown, expected, by, language }) {
    const made = row(figure, shown, place);
    const wanted = element("td", "", expected, element("small", "", say(by, { language: language || "" })));
    made.append(wanted);
    return made;
  }

  function show(result) {
    const { list, found } = result;
    fill(document, "checks", ...pageLines(result), ...(list.proved === null ? [] : linesOf(list.proved)));
    fill(document, "differences", ...found.differing.slice(0, 200).map(differenceRow));
    document.getElementById("differing").hidden = found.differing.length === 0;
    showVerdict(...verdictOfPage(result));
  }

  // --- the reader -------------------------------------------------------------------------------------------------------------------

  const server = location.protocol === "file:" ? null : places.onServer(new URL("../", location.href));
  let files = [];

  const asked = () => {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch (error) {
      return "";
    }
  };

  /** The page that a saved page says it is: the way from its foot to this page names it. */
  async function ownAddress(raw) {
    const link = figures.pageOf(textOf(raw)).querySelector('a[href*="verify.html#"]');
    return link === null ? "" : decodeURIComponent(link.getAttribute("href").split("#")[1]);
  }

  /** Checks a page; again, where a newer version took its place meanwhile, so that no page is held against another version's list. */
  async function checkOneVersion(from, page, alone) {
    for (let left = 3; ; left -= 1) {
      const before = await from.read("version.json");
      const result = await checkPage(from, page, alone);
      const after = left && before && (await from.read("version.json"));
      if (!after || isEqual(before, after)) return result;
    }
  }

  async function checkWhatIsAsked() {
    const chosen = places.chosen(files);
    const single = files.filter((file) => file.name.endsWith(".html"));
    const alone = files.length && !chosen.isWhole && single.length === 1 ? new Uint8Array(await single[0].arrayBuffer()) : null;
    const page = asked() || (alone === null ? "" : await ownAddress(alone));
    fill(document, "subject", ...(page ? [page] : []));
    document.querySelectorAll("a.keep").forEach((link) => (link.hash = location.hash));
    if (PAGE.test(page)) document.getElementById("back").href = page;
    if (!page) return showVerdict("", "checking.verdict.none");
    if (!PAGE.test(page)) return showVerdict("bad", "checking.verdict.no_page");
    showVerdict("", "checking.verdict.working");
    const result = await checkOneVersion(places.eitherOf(...(files.length ? [chosen] : []), ...(server ? [server] : [])), page, alone);
    if (result === null) return showVerdict("", server ? "checking.verdict.not_there" : "checking.verdict.choose");
    return show(result);
  }

  async function start() {
    const whole = document.querySelector("main");
    whole.setAttribute("aria-busy", "true");
    try {
      showKeys(await policyFrom(policy));
      await checkWhatIsAsked();
    } catch (error) {
      showVerdict("bad", "verdict.unreadable", { why: error.message });
    }
    whole.setAttribute("aria-busy", "false");
  }

  for (const id of ["folder", "files"]) {
    const input = document.getElementById(id);
    input.disabled = false;
    input.addEventListener("change", () => {
      files = Array.from(input.files);
      start();
    });
  }
  addEventListener("hashchange", () => location.reload());
  start();
})();
