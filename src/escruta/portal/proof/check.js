// Checks one entry of a log: the page of one sheet, or the page of a site.
//
// The page holds three texts: the entry, the proof (C2SP tlog-proof) and the policy (C2SP tlog-policy). The page of a site holds the
// checkpoint, the policy and the tops of the tree; entry, index and the other hashes come in its address, after the "#", as
// INDEX.ENTRY.HASHES in Base 64 for addresses. Nothing that comes from an address or an entry is ever taken for HTML.
"use strict";

(() => {
  const { check, decimal, fromAddress, hashFrom, hex, nodeHash, parsed, policyFrom, sha256, toBase64, utf8 } = verifying;
  const { download, element, figureWord, fill, linesOf, markWord, names, numbers, row, say, showKeys, showVerdict, verdictOf, words } = telling;
  const order = new Map(JSON.parse(document.getElementById("order").textContent).map((name, place) => [name, place]));
  const frame = JSON.parse(document.getElementById("frame").textContent);

  // --- the proof's middle, from the address -----------------------------------------------------------------------------------------

  /** The whole subtrees into which the page cuts the tree: at each of the sizes, and none higher than a part asks for (`heights.py`). */
  function topsOf({ sizes, tops }) {
    const found = [];
    let start = 0;
    for (const end of sizes) {
      let height = 0;
      for (let rest = Math.floor((end - start - 1) / 256); rest >= 1; rest = Math.floor(rest / 2)) height += 1;
      const widest = 2 ** Math.max(8, height);
      while (start < end) {
        let width = 1;
        while (width < widest && start % (2 * width) === 0 && start + 2 * width <= end) width *= 2;
        found.push({ start, width, hash: hashFrom(tops[found.length] || "") });
        start += width;
      }
    }
    return found;
  }

  /** Where RFC 6962, 2.1 parts a row of tops: behind the largest power of two of leaves that is smaller than all of them. */
  function partingOf(row) {
    const [first, last] = [row[0], row[row.length - 1]];
    let half = 1;
    while (2 * half < last.start + last.width - first.start) half *= 2;
    return row.findIndex((top) => top.start === first.start + half);
  }

  async function rootOver(row) {
    if (row.length === 1) return row[0].hash;
    const at = partingOf(row);
    return nodeHash(await rootOver(row.slice(0, at)), await rootOver(row.slice(at)));
  }

  /** The way from one of the tops of the tree, which stand in the page, to the root. */
  async function pathOverTops(row, place) {
    if (row.length <= 1) return [];
    const at = partingOf(row);
    const [left, right] = [row.slice(0, at), row.slice(at)];
    return place < at
      ? [...(await pathOverTops(left, place)), await rootOver(right)]
      : [...(await pathOverTops(right, place - at)), await rootOver(left)];
  }

  async function fromFragment(fragment, frame) {
    const [index, entry, lower, ...more] = fragment.split(".");
    if (lower === undefined || more.length) throw new Error("the address is not whole");
    const below = fromAddress(lower);
    const hashes = [];
    for (let at = 0; at < below.length; at += 32) hashes.push(toBase64(below.slice(at, at + 32)));
    const tops = topsOf(frame);
    const place = tops.findIndex((top) => decimal(index) < top.start + top.width);
    if (place < 0) throw new Error("the index is not below the size");
    const above = await pathOverTops(tops, place);
    const lines = ["c2sp.org/tlog-proof@v1", `index ${index}`, ...hashes, ...above.map(toBase64)];
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromAddress(entry));
    return { entry: text, proof: `${lines.join("\n")}\n\n${frame.checkpoint}` };
  }

  // --- the entry --------------------------------------------------------------------------------------------------------------------

  function figureRow(contest, figure, value) {
    const name = figureWord(figure) || names[`${contest}/${figure}`];
    const shown = Number.isSafeInteger(value) ? numbers.format(value) : element("i", "", markWord(String(value)));
    return name === undefined ? row(figure, shown) : row(name, shown, figure);
  }

  const MEMBERS = ["election", "contest", "station", "source", "origin", "method", "act", "copy", "supersedes"];

  function showEntry(root, text, id) {
    const said = parsed(text);
    const members = said !== null && typeof said === "object" && !Array.isArray(said) ? said : {};
    const placeOf = ([figure]) => order.get(`${members.contest}/${figure}`) ?? -1; // what all elections have is first
    const figures = Object.entries(Object(members.figures)).sort((a, b) => placeOf(a) - placeOf(b));
    const first = MEMBERS.filter((name) => name in members);
    const rest = Object.keys(members).filter((name) => !MEMBERS.includes(name) && name !== "figures");
    const plain = (name) => (typeof members[name] === "string" ? members[name] : JSON.stringify(members[name]));
    const title = typeof members.station === "string" ? say("station", { station: members.station }) : say("entry");
    fill(root, "title", title);
    root.querySelector("title").textContent = title;
    fill(root, "figures", ...figures.map(([figure, value]) => figureRow(members.contest, figure, value)));
    const rows = [...first, ...rest].map((name) => row(words[`member.${name}`] || name, plain(name)));
    fill(root, "members", ...rows, ...(id ? [row(say("member.reading"), element("code", "", id))] : []));
  }

  // --- taking it along --------------------------------------------------------------------------------------------------------------

  /** This page as it came, with the texts inside and without what leads back to a site. */
  function oneFile(blank, { entry, proof, id }) {
    const page = blank.cloneNode(true);
    showEntry(page, entry, id);
    fill(page, "entry", entry);
    fill(page, "proof", proof);
    fill(page, "frame", "null");
    page.querySelectorAll(".site").forEach((each) => each.remove());
    page.querySelectorAll(".fork a").forEach((link) => link.removeAttribute("href")); // the names of the files stay
    return `<!doctype html>\n${page.outerHTML}\n`;
  }

  function offer(id, action) {
    const button = document.getElementById(id);
    if (button === null) return;
    button.hidden = false;
    button.addEventListener("click", action);
  }

  async function main() {
    const blank = document.documentElement.cloneNode(true);
    const policy = document.getElementById("policy").textContent;
    let texts = { entry: document.getElementById("entry").textContent, proof: document.getElementById("proof").textContent };
    try {
      if (frame !== null) {
        addEventListener("hashchange", () => location.reload());
        document.querySelectorAll("a.keep").forEach((link) => (link.hash = location.hash));
        if (location.hash.length < 2) {
          showKeys(await policyFrom(policy));
          showVerdict("", "verdict.none");
          return;
        }
        texts = await fromFragment(location.hash.slice(1), frame);
        fill(document, "entry", texts.entry);
        fill(document, "proof", texts.proof);
      }
      showEntry(document, texts.entry, hex(await sha256(utf8(texts.entry))));
      const found = await check(texts.entry, texts.proof, policy);
      showKeys(found.policy);
      fill(document, "checks", ...linesOf(found));
      showVerdict(...verdictOf(found));
      offer("save", () => download(`${found.id.slice(0, 16)}.html`, "text/html", oneFile(blank, { ...texts, id: found.id })));
      offer("save-proof", () => download(`${found.id}.tlog-proof`, "text/plain", texts.proof));
    } catch (error) {
      showVerdict("bad", "verdict.unreadable", { why: error.message });
    }
  }

  main();
})();
