// Checks, in the reader's browser and without a network, that one entry is in a transparency log, unchanged.
//
// The page holds three texts: the entry, the proof (C2SP tlog-proof) and the policy (C2SP tlog-policy). The page of a site holds the
// checkpoint, the policy and the tops of the tree; entry, index and the other hashes come in its address, after the "#", as
// INDEX.ENTRY.HASHES in Base 64 for addresses. Nothing that comes from an address or an entry is ever taken for HTML.
//
// Sources: RFC 6962, 2.1 and RFC 9162, 2.1.3.2 (inclusion); C2SP signed-note, tlog-checkpoint, tlog-cosignature; RFC 8785 (canonical JSON).
"use strict";

(() => {
  // --- bytes and texts --------------------------------------------------------------------------------------------------------

  const utf8 = (text) => new TextEncoder().encode(text);
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const isEqual = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

  function join(...parts) {
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));

  /** Standard Base 64 (RFC 4648, 4), and only as an encoder writes it. */
  function fromBase64(text) {
    let bytes = null;
    try {
      bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    } catch (error) {
      /* told below */
    }
    if (bytes === null || toBase64(bytes) !== text) throw new Error(`no Base 64: ${text.slice(0, 40)}`);
    return bytes;
  }

  /** Base 64 for addresses (RFC 4648, 5), without padding. */
  const fromAddress = (text) =>
    fromBase64(text.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (text.length % 4)) % 4));

  function decimal(text) {
    const number = Number(text);
    if (!/^(0|[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(number)) throw new Error(`no number: ${text.slice(0, 40)}`);
    return number;
  }

  function hashFrom(text) {
    const bytes = fromBase64(text);
    if (bytes.length !== 32) throw new Error(`a hash of ${bytes.length} bytes`);
    return bytes;
  }

  function u64(number) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
    return bytes;
  }

  /** A text after its length in one byte. */
  function short(text) {
    const bytes = utf8(text);
    if (bytes.length < 1 || bytes.length > 255) throw new Error("a name is too long");
    return join([bytes.length], bytes);
  }

  // --- what the browser does itself, or else noble in this page -----------------------------------------------------------------

  const subtle = () => globalThis.crypto && globalThis.crypto.subtle;

  async function sha256(bytes) {
    return subtle() ? new Uint8Array(await subtle().digest("SHA-256", bytes)) : noble.sha256(bytes);
  }

  const leafHash = (entry) => sha256(join([0], entry));
  const nodeHash = (left, right) => sha256(join([1], left, right));

  /** Whether a key made a signature; null where the browser does not know this kind. */
  async function isSignedNatively(key, message, signature) {
    const [name, format] = key.kind === MLDSA44 ? ["ML-DSA-44", "raw-public"] : ["Ed25519", "raw"];
    try {
      const imported = await subtle().importKey(format, key.bytes, { name }, false, ["verify"]);
      return await subtle().verify({ name }, imported, signature, message);
    } catch (error) {
      return null;
    }
  }

  function isSignedByNoble(key, message, signature) {
    try {
      return (key.kind === MLDSA44 ? noble.verifyMlDsa44 : noble.verifyEd25519)(signature, message, key.bytes);
    } catch (error) {
      return false; // bytes that are no key or no signature
    }
  }

  async function isSigned(key, message, signature) {
    const found = await isSignedNatively(key, message, signature);
    return found === null ? isSignedByNoble(key, message, signature) : found;
  }

  // --- keys and policy ----------------------------------------------------------------------------------------------------------

  const ED25519 = 1; // over the text
  const COSIGNATURE = 4; // over a time and the text
  const MLDSA44 = 6; // over name, time, origin, size and root
  const KEY_SIZES = { [ED25519]: 32, [COSIGNATURE]: 32, [MLDSA44]: 1312 };

  /** The twelve groups of five digits that stand beside a key in print. */
  async function spoken(text) {
    const digits = (BigInt(`0x${hex(await sha256(utf8(text)))}`) % 10n ** 60n).toString().padStart(60, "0");
    return digits.match(/.{5}/g).join(" ");
  }

  async function keyFrom(text, kinds) {
    const [name, id, ...rest] = text.split("+");
    const raw = fromBase64(rest.join("+"));
    const kind = raw[0];
    if (!kinds.includes(kind) || raw.length - 1 !== KEY_SIZES[kind]) throw new Error(`no key for this: ${name}`);
    const expected = hex((await sha256(join(utf8(`${name}\n`), raw))).slice(0, 4));
    if (id !== expected || !name) throw new Error(`the id of ${name} is ${expected}, not ${id}`);
    return { name, id, kind, bytes: raw.slice(1), text, spoken: await spoken(text) };
  }

  /** Reads a policy: `quorum` tells, from the names of those who cosigned, whether they are enough. */
  async function policyFrom(text) {
    const policy = { logs: [], witnesses: [], quorum: null, asks: false };
    const rules = new Map();
    const members = new Set();
    const define = (name, rule) => {
      if (name === "none" || rules.has(name)) throw new Error(`the name ${name} is taken`);
      rules.set(name, rule);
    };
    const rule = (name) => {
      if (!rules.has(name)) throw new Error(`${name} is not defined`);
      return rules.get(name);
    };
    for (const line of text.split("\n")) {
      const [word, ...words] = line.split(/[ \t]+/).filter((each) => each !== "");
      if (word === undefined || word[0] === "#") continue;
      if (word === "log") {
        addKey(policy.logs, await keyFrom(words[0] || "", [ED25519, MLDSA44]));
      } else if (word === "witness") {
        const [label] = words;
        addKey(policy.witnesses, { label, ...(await keyFrom(words[1] || "", [COSIGNATURE, MLDSA44])) });
        define(label, (cosigned) => cosigned.has(label));
      } else if (word === "group") {
        const [label, count, ...names] = words;
        const parts = names.map((name) => {
          if (members.has(name)) throw new Error(`${name} is a member twice`);
          members.add(name);
          return rule(name);
        });
        const needed = count === "all" ? parts.length : count === "any" ? 1 : decimal(count || "");
        if (needed < 1 || needed > parts.length) throw new Error(`${needed} of ${parts.length} in ${label}`);
        define(label, (cosigned) => parts.filter((part) => part(cosigned)).length >= needed);
      } else if (word === "quorum" && policy.quorum === null && words.length === 1) {
        policy.asks = words[0] !== "none";
        policy.quorum = policy.asks ? rule(words[0]) : () => true;
      } else {
        throw new Error(`a line of the policy: ${word}`);
      }
    }
    if (policy.quorum === null) throw new Error("no line of the policy gives the quorum");
    return policy;
  }

  function addKey(keys, key) {
    if (keys.some((other) => isEqual(other.bytes, key.bytes))) throw new Error(`the same key twice: ${key.name}`);
    keys.push(key);
  }

  // --- the proof ------------------------------------------------------------------------------------------------------------------

  function checkpointFrom(text) {
    const at = text.lastIndexOf("\n\n");
    if (at < 0 || !text.endsWith("\n")) throw new Error("no checkpoint");
    const body = text.slice(0, at + 1);
    const [origin, size, root, ...more] = body.split("\n");
    if (!origin || more.length !== 1 || more[0] !== "") throw new Error("a checkpoint has three lines");
    const signatures = text.slice(at + 2, -1).split("\n").map(signatureFrom);
    return { body, origin, size: decimal(size), root: hashFrom(root), signatures };
  }

  function signatureFrom(line) {
    const [dash, name, encoded, ...more] = line.split(" ");
    if (dash !== "\u2014" || !name || !encoded || more.length) throw new Error("no signature line");
    const raw = fromBase64(encoded);
    return { name, id: hex(raw.slice(0, 4)), signature: raw.slice(4) };
  }

  function proofFrom(text) {
    const at = text.indexOf("\n\n");
    const lines = text.slice(0, at).split("\n");
    if (at < 0 || lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Error("no proof");
    if (lines.length && lines[0].startsWith("extra ")) lines.shift(); // nothing vouches for it
    const index = lines.shift() || "";
    if (!index.startsWith("index ")) throw new Error("no index");
    return { index: decimal(index.slice(6)), hashes: lines.map(hashFrom), checkpoint: checkpointFrom(text.slice(at + 2)) };
  }

  /** RFC 9162, 2.1.3.2; sizes may pass 2**31, so no shifts. */
  async function rootFrom(leaf, index, size, hashes) {
    if (index >= size) throw new Error("the index is not below the size");
    let [node, last, root] = [index, size - 1, leaf];
    const up = () => {
      node = Math.floor(node / 2);
      last = Math.floor(last / 2);
    };
    for (const sibling of hashes) {
      if (last === 0) throw new Error("the proof is too long");
      if (node % 2 === 1 || node === last) {
        root = await nodeHash(sibling, root);
        while (node % 2 === 0 && node !== 0) up();
      } else {
        root = await nodeHash(root, sibling);
      }
      up();
    }
    if (last !== 0) throw new Error("the proof is too short");
    return root;
  }

  async function isIncluded(entry, proof) {
    const { size, root } = proof.checkpoint;
    try {
      return isEqual(await rootFrom(await leafHash(entry), proof.index, size, proof.hashes), root);
    } catch (error) {
      return false;
    }
  }

  /** The bytes that a key signed, the signature, and when; C2SP tlog-cosignature. */
  function signedBy(key, checkpoint, blob) {
    if (key.kind === ED25519) return { message: utf8(checkpoint.body), signature: blob, time: 0 };
    const time = blob.length < 8 ? -1n : new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
    if (time < 0n || time >= 1n << 63n) throw new Error("no time");
    const signature = blob.slice(8);
    if (key.kind === COSIGNATURE) {
      return { message: utf8(`cosignature/v1\ntime ${time}\n${checkpoint.body}`), signature, time: Number(time) };
    }
    const { origin, size, root } = checkpoint;
    const label = utf8("subtree/v1\n\0");
    const message = join(label, short(key.name), u64(time), short(origin), u64(0), u64(size), root);
    return { message, signature, time: Number(time) };
  }

  /** What a key of the policy has to say: `true` and when, `false` where a line is wrong, `null` where there is none. */
  async function signatureOf(key, checkpoint) {
    const lines = checkpoint.signatures.filter((line) => line.name === key.name && line.id === key.id);
    let latest = null;
    for (const line of lines) {
      try {
        const { message, signature, time } = signedBy(key, checkpoint, line.signature);
        if (!(await isSigned(key, message, signature))) return { ok: false };
        latest = Math.max(latest || 0, time);
      } catch (error) {
        return { ok: false };
      }
    }
    return { ok: lines.length ? true : null, time: latest };
  }

  /** Everything that can be found out from the three texts. */
  async function check(entryText, proofText, policyText) {
    const policy = await policyFrom(policyText);
    const proof = proofFrom(proofText);
    const { checkpoint } = proof;
    const entry = utf8(entryText);
    const logs = [];
    for (const key of policy.logs.filter((each) => each.name === checkpoint.origin)) {
      logs.push({ key, ...(await signatureOf(key, checkpoint)) });
    }
    const witnesses = [];
    for (const key of policy.witnesses) {
      const found = await signatureOf(key, checkpoint);
      witnesses.push({ key, ...found, ok: found.ok && !found.time ? null : found.ok }); // without a time it says too little
    }
    const cosigned = new Set(witnesses.filter((each) => each.ok).map((each) => each.key.label));
    const isSpoilt = [...logs, ...witnesses].some((each) => each.ok === false); // signed-note: refuse the whole note
    return {
      proof,
      policy,
      logs,
      witnesses,
      id: hex(await sha256(entry)),
      isCanonical: canonical(parsed(entryText)) === entryText,
      isIncluded: await isIncluded(entry, proof),
      isSigned: logs.some((each) => each.ok) && !isSpoilt,
      cosigned: cosigned.size,
      hasQuorum: policy.quorum(cosigned),
      isSealed: checkpoint.origin.startsWith("unsigned.invalid/"),
    };
  }

  // --- the entry ------------------------------------------------------------------------------------------------------------------

  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch (error) {
      return undefined;
    }
  }

  /** Canonical JSON (RFC 8785), which follows what JSON.stringify does; names in the order of their UTF-16 units. */
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
    return `{${members.join(",")}}`;
  }

  // --- the proof's middle, from the address -----------------------------------------------------------------------------------------

  /** The way from one of the tops of the tree, which stand in the page, to the root. */
  async function pathOverTops(at, tops) {
    const path = [];
    for (let level = tops, node = at; level.length > 1; node = Math.floor(node / 2)) {
      const sibling = node % 2 === 0 ? node + 1 : node - 1;
      if (sibling < level.length) path.push(level[sibling]);
      const above = [];
      for (let left = 0; left < level.length; left += 2) {
        above.push(left + 1 < level.length ? await nodeHash(level[left], level[left + 1]) : level[left]);
      }
      level = above;
    }
    return path;
  }

  async function fromFragment(fragment, frame) {
    const [index, entry, lower, ...more] = fragment.split(".");
    if (lower === undefined || more.length) throw new Error("the address is not whole");
    const below = fromAddress(lower);
    const hashes = [];
    for (let at = 0; at < below.length; at += 32) hashes.push(toBase64(below.slice(at, at + 32)));
    const above = await pathOverTops(Math.floor(decimal(index) / 2 ** frame.height), frame.tops.map(hashFrom));
    const lines = ["c2sp.org/tlog-proof@v1", `index ${index}`, ...hashes, ...above.map(toBase64)];
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromAddress(entry));
    return { entry: text, proof: `${lines.join("\n")}\n\n${frame.checkpoint}` };
  }

  // --- the page: text goes in as text ---------------------------------------------------------------------------------------------

  const words = JSON.parse(document.getElementById("words").textContent);
  const names = JSON.parse(document.getElementById("names").textContent);
  const frame = JSON.parse(document.getElementById("frame").textContent);
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  const times = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "medium", timeZone: "UTC" });
  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  function fill(root, id, ...children) {
    const found = root.querySelector(`#${id}`);
    found.replaceChildren(...children);
    found.hidden = children.length === 0;
  }

  function row(head, cell, note) {
    const th = element("th", "", head);
    th.scope = "row";
    if (note) th.append(element("small", "", note));
    return element("tr", "", th, element("td", "", cell));
  }

  const figureWord = (figure) => words[`figure.${figure}`];
  const markWord = (mark) => words[`mark.${mark}`] || mark;

  function figureRow(contest, figure, value) {
    const name = figureWord(figure) || names[`${contest}/${figure}`];
    const shown = Number.isSafeInteger(value) ? numbers.format(value) : element("i", "", markWord(String(value)));
    return name === undefined ? row(figure, shown) : row(name, shown, figure);
  }

  const MEMBERS = ["election", "contest", "station", "source", "origin", "method", "act", "copy", "supersedes"];

  function showEntry(root, text, id) {
    const said = parsed(text);
    const members = said !== null && typeof said === "object" && !Array.isArray(said) ? said : {};
    const figures = Object.entries(Object(members.figures));
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

  /** One line of what was checked; `ok` is true, false, or null for what could not be checked. */
  function line(ok, text, note) {
    const [className, sign, word] = ok === null ? ["open", "–", "open"] : ok ? ["good", "✓", "good"] : ["bad", "✗", "bad"];
    const mark = element("b", "sign", sign, element("span", "vh", ` ${say(`sign.${word}`)}: `));
    return element("li", className, mark, element("span", "", text, ...(note ? [element("small", "", note)] : [])));
  }

  const keyNote = (key) => say("key.id", { id: key.id, kind: key.kind === MLDSA44 ? "ML-DSA-44" : "Ed25519" });

  function logLine({ key, ok }) {
    const text = ok === null ? "log.silent" : ok ? "log.signed" : "log.false";
    return line(ok, say(text, { name: key.name }), keyNote(key));
  }

  function witnessLine({ key, ok, time }) {
    const values = { name: key.label, time: time ? times.format(new Date(time * 1000)) : "" };
    return line(ok, say(ok === null ? "witness.silent" : ok ? "witness.signed" : "witness.false", values), keyNote(key));
  }

  function quorumLine({ policy, cosigned, hasQuorum }) {
    const values = { k: numbers.format(cosigned), n: numbers.format(policy.witnesses.length) };
    if (!policy.asks) return line(null, say(policy.witnesses.length ? "quorum.not_asked" : "quorum.nobody", values));
    return line(hasQuorum, say(hasQuorum ? "quorum.met" : "quorum.unmet", values));
  }

  function linesOf(found) {
    const { index, checkpoint } = found.proof;
    const values = { index: numbers.format(index), size: numbers.format(checkpoint.size) };
    return [
      line(found.isIncluded, say(found.isIncluded ? "included" : "not_included", values), toBase64(checkpoint.root)),
      line(found.isCanonical, say(found.isCanonical ? "canonical" : "not_canonical")),
      ...(found.logs.length ? found.logs.map(logLine) : [line(false, say("log.unknown", { name: checkpoint.origin }))]),
      ...found.witnesses.map(witnessLine),
      quorumLine(found),
    ];
  }

  function verdictOf(found) {
    if (!found.isIncluded || !found.isSigned || !found.isCanonical) return ["bad", "verdict.bad"];
    if (!found.hasQuorum) return ["warn", "verdict.quorum"];
    if (found.isSealed) return ["warn", "verdict.sealed"];
    return found.policy.asks ? ["good", "verdict.good"] : ["warn", "verdict.unwitnessed"];
  }

  function showVerdict(kind, key, values) {
    const box = document.getElementById("verdict");
    box.className = kind;
    const sign = { good: "✓", warn: "!", bad: "✗" }[kind] || "–";
    fill(document, "verdict", element("b", "sign", sign), element("span", "", say(key, values)));
  }

  function showKeys(policy) {
    const keys = [...policy.logs, ...policy.witnesses].map((key) => {
      const whose = key.label === undefined ? say("key.log") : say("key.witness", { name: key.label });
      return element("li", "", element("b", "", key.name), ` ${whose} · ${keyNote(key)}`, element("code", "", key.spoken));
    });
    fill(document, "keys", ...keys);
  }

  // --- taking it along --------------------------------------------------------------------------------------------------------------

  function download(name, type, text) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    const link = element("a");
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

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
