// Checks a transparency log, or a proof of one entry. It shares no code with escruta: it was written from the specifications alone.
//
//   node check_log.mjs FOLDER POLICYFILE [OLDCHECKPOINT...]
//   node check_log.mjs --proof PROOFFILE ENTRYFILE POLICYFILE
//
// Prints one JSON object with every fault. Exit: 0 sound, 1 faults, 2 nothing could be checked (arguments, policy).
//
// Sources: RFC 6962 section 2.1 and RFC 9162 section 2.1 (tree), C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles,
// tlog-proof, tlog-policy (July 2026), FIPS 204 and RFC 8032 (signatures, by way of node:crypto), RFC 8410 and RFC 9881 (key encodings).

import { createPublicKey, hash, verify } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const TILE = 256;
const HASH = 32;
const ED25519 = 0x01;
const COSIGNATURE = 0x04;
const MLDSA44 = 0x06;
const KEY_BYTES = { [ED25519]: 32, [COSIGNATURE]: 32, [MLDSA44]: 1312 };
const MAX_TIME = (1n << 63n) - 1n;
const MISSING_IN_A_ROW = 1000; // a checkpoint may claim any size; a folder cannot make us look for ever

class Unusable extends Error {}

// --- the tree (RFC 6962, 2.1) -------------------------------------------------------------------------------------------------

const sha256 = (bytes) => hash("sha256", bytes, "buffer");
const leafHash = (entry) => sha256(Buffer.concat([Buffer.of(0), entry]));
const nodeHash = (left, right) => sha256(Buffer.concat([Buffer.of(1), left, right]));
const half = (n) => Math.floor(n / 2); // no shifts: sizes may pass 2**31

/** The roots of the complete subtrees that make up a tree, largest first: what is needed to add a leaf or to tell the root. */
class Frontier {
  constructor() {
    this.size = 0;
    this.roots = [];
  }

  push(leaf) {
    let node = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = half(rest)) {
      const left = this.roots.pop();
      node = left && node && nodeHash(left, node);
    }
    this.roots.push(node);
    this.size += 1;
  }

  /** The root, or null where a leaf is unknown. */
  root() {
    if (this.size === 0) return sha256(Buffer.alloc(0));
    if (this.roots.includes(null)) return null;
    return this.roots.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** Where an inclusion proof leads, by RFC 9162, 2.1.3.2. */
function rootOfInclusion(leaf, index, size, path) {
  if (index >= size) throw new Error("the index is not below the size");
  let fn = index;
  let sn = size - 1;
  let node = leaf;
  for (const sibling of path) {
    if (sn === 0) throw new Error("the proof has too many hashes");
    if (fn % 2 === 1 || fn === sn) {
      node = nodeHash(sibling, node);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      node = nodeHash(node, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  if (sn !== 0) throw new Error("the proof has too few hashes");
  return node;
}

// --- texts --------------------------------------------------------------------------------------------------------------------

/** Standard Base 64 (RFC 4648, 4), and only as it is written by an encoder. */
function base64(text) {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new Error(`not Base 64: ${JSON.stringify(text.slice(0, 60))}`);
  return bytes;
}

function decimal(text) {
  if (!/^(0|[1-9][0-9]*)$/.test(text)) throw new Error(`not a decimal number: ${JSON.stringify(text.slice(0, 60))}`);
  if (BigInt(text) > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`too large for this checker: ${text.slice(0, 60)}`);
  return Number(text);
}

function hashOfLine(text) {
  const bytes = base64(text);
  if (bytes.length !== HASH) throw new Error(`a hash of ${bytes.length} bytes`);
  return bytes;
}

function utf8(bytes) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw new Error("a control character other than newline");
  return text;
}

const isKeyName = (name) => name !== "" && !/[\p{White_Space}+]/u.test(name);

/** Text and signature lines of a signed note, split at the last empty line. */
function parseNote(bytes) {
  const note = utf8(bytes);
  const at = note.lastIndexOf("\n\n");
  if (at < 0) throw new Error("no empty line before the signatures");
  if (!note.endsWith("\n")) throw new Error("the last line does not end");
  const lines = note.slice(at + 2).split("\n").slice(0, -1);
  if (lines.length === 0) throw new Error("no signature");
  const signatures = lines.map((line) => {
    const [dash, name, encoded, ...more] = line.split(" ");
    if (dash !== "\u2014" || more.length || encoded === undefined || !isKeyName(name)) throw new Error("not a signature line");
    const raw = base64(encoded);
    if (raw.length < 5) throw new Error("a signature line without a signature");
    return { name, id: raw.subarray(0, 4).toString("hex"), signature: raw.subarray(4) };
  });
  return { text: note.slice(0, at + 1), signatures };
}

function parseCheckpoint(bytes) {
  const { text, signatures } = parseNote(bytes);
  const [origin, size, root, ...extensions] = text.split("\n").slice(0, -1);
  if (!origin || root === undefined) throw new Error("fewer than three lines");
  if (extensions.includes("")) throw new Error("an empty extension line");
  return { text, signatures, origin, size: decimal(size), root: hashOfLine(root), extensions };
}

function parseProof(bytes) {
  const note = utf8(bytes);
  const at = note.indexOf("\n\n");
  if (at < 0) throw new Error("no empty line before the checkpoint");
  const lines = note.slice(0, at).split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Error("not a tlog-proof");
  if (lines[0]?.startsWith("extra ")) base64(lines.shift().slice("extra ".length));
  const index = lines.shift();
  if (!index?.startsWith("index ")) throw new Error("no index");
  return {
    index: decimal(index.slice("index ".length)),
    path: lines.map(hashOfLine),
    checkpoint: parseCheckpoint(Buffer.from(note.slice(at + 2), "utf8")),
  };
}

// --- keys and policy ----------------------------------------------------------------------------------------------------------

const SPKI = {
  // SubjectPublicKeyInfo up to the key's bytes: id-Ed25519 (RFC 8410), id-ml-dsa-44 (RFC 9881)
  32: Buffer.from("302a300506032b6570032100", "hex"),
  1312: Buffer.from("30820532300b06096086480165030403110382052100", "hex"),
};

function parseVerifierKey(text) {
  const [name, id, ...rest] = text.split("+"); // Base 64 has + in it
  const raw = base64(rest.join("+"));
  const [kind, material] = [raw[0], raw.subarray(1)];
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(id ?? "")) throw new Error("not a verifier key");
  if (material.length !== KEY_BYTES[kind]) throw new Error(`a key of kind ${kind} and ${material.length} bytes`);
  const expected = sha256(Buffer.concat([Buffer.from(`${name}\n`), raw])).subarray(0, 4).toString("hex");
  if (expected !== id) throw new Error(`the key's id is ${id}, its bytes give ${expected}`);
  const key = createPublicKey({ key: Buffer.concat([SPKI[material.length], material]), format: "der", type: "spki" });
  return { name, id, kind, key, material: material.toString("hex") };
}

const utf8Key = (octets) => parseVerifierKey(Buffer.from(octets, "latin1").toString("utf8"));

function requireKind(key, kinds) {
  if (!kinds.includes(key.kind)) throw new Error(`a key of kind ${key.kind} has another task`);
  return key;
}

function requireNew(key, others) {
  if (others.some((other) => other.material === key.material)) throw new Error("the same key twice");
  return key;
}

const POLICY_LINES = {
  log(policy, [key, , ...more]) {
    if (key === undefined || more.length) throw new Error("log <vkey> [<url>]");
    policy.logs.push(requireNew(requireKind(utf8Key(key), [ED25519, MLDSA44]), policy.logs));
  },
  witness(policy, [name, key, , ...more]) {
    if (key === undefined || more.length) throw new Error("witness <name> <vkey> [<url>]");
    const known = requireNew(requireKind(utf8Key(key), [COSIGNATURE, MLDSA44]), policy.witnesses);
    define(policy, name, () => policy.cosigned.has(known));
    policy.witnesses.push(known);
  },
  group(policy, [name, count, ...members]) {
    if (members.length === 0) throw new Error("group <name> all|any|<k> <name>...");
    const needed = count === "all" ? members.length : count === "any" ? 1 : decimal(count);
    if (needed < 1 || needed > members.length) throw new Error(`${needed} of ${members.length} members`);
    for (const member of members) {
      if (!policy.names.has(member)) throw new Error(`${member} is not defined above`);
      if (policy.used.has(member)) throw new Error(`${member} is a member twice`);
      policy.used.add(member);
    }
    const rules = members.map((member) => policy.names.get(member));
    define(policy, name, () => rules.filter((rule) => rule()).length >= needed);
  },
  quorum(policy, [name, ...more]) {
    if (name === undefined || more.length || policy.quorum) throw new Error("exactly one line: quorum <name>");
    if (name !== "none" && !policy.names.has(name)) throw new Error(`${name} is not defined above`);
    policy.quorum = name === "none" ? () => true : policy.names.get(name);
  },
};

function define(policy, name, rule) {
  if (name === "none" || policy.names.has(name)) throw new Error(`the name ${name} is taken`);
  policy.names.set(name, rule);
}

/** Who must have signed. Names are octets: the text is read as Latin-1, and only keys as UTF-8. */
function parsePolicy(bytes) {
  const policy = { logs: [], witnesses: [], names: new Map(), used: new Set(), quorum: null, cosigned: new Set() };
  const text = bytes.toString("latin1");
  if (/[\x00-\x08\x0b-\x1f\x7f]/.test(text)) throw new Error("a control character other than tab and newline");
  text.split("\n").forEach((line, number) => {
    const [word, ...words] = line.split(/[ \t]+/).filter((each) => each !== "");
    if (word === undefined || word.startsWith("#")) return;
    try {
      if (!Object.hasOwn(POLICY_LINES, word)) throw new Error(`unknown word ${word}`);
      POLICY_LINES[word](policy, words);
    } catch (error) {
      throw new Error(`line ${number + 1}: ${error.message}`);
    }
  });
  if (!policy.quorum) throw new Error("no quorum line");
  return policy;
}

// --- signatures ---------------------------------------------------------------------------------------------------------------

const u64 = (number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
};
const opaque8 = (text) => {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length < 1 || bytes.length > 255) throw new Error("a name of more than 255 bytes");
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
};

/** The bytes that were signed, and the signature: C2SP signed-note (0x01), tlog-cosignature (0x04, 0x06). */
function signedMessage(key, checkpoint, blob) {
  if (key.kind === ED25519) return { message: Buffer.from(checkpoint.text), signature: blob, time: null };
  if (blob.length < 8) throw new Error("no time");
  const time = blob.readBigUInt64BE(0);
  if (time > MAX_TIME) throw new Error("a time above 2**63 - 1");
  const signature = blob.subarray(8);
  if (key.kind === COSIGNATURE) {
    return { message: Buffer.from(`cosignature/v1\ntime ${time}\n${checkpoint.text}`), signature, time };
  }
  const { origin, size, root } = checkpoint;
  const label = Buffer.from("subtree/v1\n\0");
  const message = Buffer.concat([label, opaque8(key.name), u64(time), opaque8(origin), u64(0), u64(size), root]);
  return { message, signature, time };
}

/** The known keys that signed; throws where a known key's signature is false (signed-note: reject the whole note). */
function verifiedKeys(checkpoint, keys, timed) {
  const found = new Set();
  for (const line of checkpoint.signatures) {
    for (const key of keys.filter((each) => each.name === line.name && each.id === line.id)) {
      const { message, signature, time } = signedMessage(key, checkpoint, line.signature);
      if (!verify(null, message, key.key, signature)) throw new Error(`the signature of ${key.name} (${key.id}) is false`);
      if (timed && time === 0n) throw new Error(`the cosignature of ${key.name} (${key.id}) has no time`);
      found.add(key);
    }
  }
  return found;
}

/** Faults of a checkpoint's signatures under the policy. */
function signatureFaults(checkpoint, policy, where, needsQuorum) {
  const faults = [];
  try {
    const logs = verifiedKeys(checkpoint, policy.logs.filter((key) => key.name === checkpoint.origin), false);
    policy.cosigned = verifiedKeys(checkpoint, policy.witnesses, true);
    if (logs.size === 0) faults.push({ kind: "not-signed", where, why: "by no log of the policy under its origin" });
    const covers = [...logs].some((key) => key.kind === ED25519);
    if (checkpoint.extensions.length && !covers) faults.push({ kind: "extensions-not-signed", where });
    if (needsQuorum && !policy.quorum()) {
      faults.push({ kind: "quorum-unmet", where, why: `${policy.cosigned.size} of ${policy.witnesses.length} cosigned` });
    }
  } catch (error) {
    faults.push({ kind: "signature-false", where, why: error.message });
  }
  return faults;
}

// --- tiles --------------------------------------------------------------------------------------------------------------------

/** tlog-tiles: index 1234067 is x001/x234/067. */
function tilePath(level, number) {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.../g);
  return ["tile", String(level), ...groups.slice(0, -1).map((group) => `x${group}`), groups.at(-1)].join("/");
}

/** Level, number and width of a path below tile/, or null for a path that no log has. */
function parseTilePath(path) {
  const match = /^tile\/(0|[1-9][0-9]?|entries)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  if (!match) return null;
  const [, level, groups, width] = match;
  const number = Number(groups.replaceAll(/[x/]/g, ""));
  if (Number(width ?? 1) >= TILE || Number(level) > 63 || tilePath(level, number) !== `tile/${level}/${groups}`) return null;
  return { level, number, width: Number(width ?? TILE) };
}

function splitBundle(bytes) {
  const entries = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + (at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0);
    if (end > bytes.length) throw new Error(`ends within an entry, at byte ${at}`);
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

class LogCheck {
  constructor(folder, size) {
    this.folder = folder;
    this.size = size;
    this.faults = [];
    this.unchecked = [];
    this.known = new Set(); // paths that were held against what was recomputed
    this.levels = []; // per level: the hashes of the tile being filled, and its number
    this.frontier = new Frontier();
    this.roots = new Map(); // size -> root, for old checkpoints
    this.entries = 0;
  }

  fault(kind, where, why) {
    this.faults.push(why === undefined ? { kind, where } : { kind, where, why });
  }

  read(path) {
    const name = join(this.folder, path);
    return existsSync(name) && statSync(name).isFile() ? readFileSync(name) : null;
  }

  /** A full tile; at the right edge the partial one, or the full one that took its place. */
  readWidth(path, width) {
    if (width === TILE) return { path, bytes: this.read(path) };
    const partial = `${path}.p/${width}`;
    const bytes = this.read(partial);
    return bytes === null ? { path: existsSync(join(this.folder, path)) ? path : partial, bytes: this.read(path) } : { path: partial, bytes };
  }

  /** The leaf hashes of one bundle, with nulls where neither the bundle nor the tile tells them. */
  leaves(number, width) {
    const name = tilePath("entries", number);
    const { path, bytes } = this.readWidth(name, width);
    this.known.add(path);
    try {
      if (bytes === null) throw new Error("is not there");
      const entries = splitBundle(bytes);
      if (entries.length !== (path === name ? TILE : width)) throw new Error(`has ${entries.length} entries`);
      this.checkPartials(name, (count) => Buffer.concat(bundleOf(entries.slice(0, count))), entries.length);
      this.entries += width;
      return entries.slice(0, width).map(leafHash);
    } catch (error) {
      this.fault(bytes === null ? "missing" : "malformed", path, error.message);
    }
    const tile = this.readWidth(tilePath(0, number), width).bytes; // so that the rest can still be checked
    if (tile === null || tile.length < width * HASH) return Array(width).fill(null);
    return Array.from({ length: width }, (_, at) => tile.subarray(at * HASH, (at + 1) * HASH));
  }

  /** Holds every partial form of a tile or bundle that lies in the folder against the whole. */
  checkPartials(path, prefix, width) {
    const folder = join(this.folder, `${path}.p`);
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder)) {
      const partial = `${path}.p/${name}`;
      const parsed = parseTilePath(partial);
      if (parsed === null || parsed.width > width || this.known.has(partial)) continue; // told by strays(), or before
      this.known.add(partial);
      const bytes = this.read(partial);
      const expected = prefix(parsed.width);
      if (bytes !== null && expected !== null && !bytes.equals(expected)) this.fault("differs", partial, "from what the entries give");
    }
  }

  /** One more hash of a level; a full tile goes into the level above. */
  push(level, node) {
    const tile = (this.levels[level] ??= { number: 0, hashes: [] });
    tile.hashes.push(node);
    if (tile.hashes.length < TILE) return;
    this.checkTile(level);
    const whole = new Frontier();
    tile.hashes.forEach((each) => whole.push(each));
    this.levels[level] = { number: tile.number + 1, hashes: [] };
    this.push(level + 1, whole.root());
  }

  checkTile(level) {
    const { number, hashes } = this.levels[level];
    const name = tilePath(level, number);
    const { path, bytes } = this.readWidth(name, hashes.length);
    this.known.add(path);
    const stated = path === name ? TILE : hashes.length;
    if (bytes === null) this.fault("missing", path);
    else if (bytes.length !== stated * HASH) this.fault("malformed", path, `${bytes.length} bytes`);
    else {
      const wrong = hashes.findIndex((each, at) => each !== null && !each.equals(bytes.subarray(at * HASH, (at + 1) * HASH)));
      if (wrong >= 0) this.fault("differs", path, `hash ${wrong} is not that of what lies below it`);
    }
    const recomputed = hashes.includes(null) ? null : Buffer.concat(hashes);
    this.checkPartials(name, (count) => recomputed && recomputed.subarray(0, count * HASH), hashes.length);
  }

  run(oldSizes) {
    const wanted = new Set(oldSizes);
    if (wanted.has(0)) this.roots.set(0, this.frontier.root());
    let missing = 0;
    for (let number = 0; number * TILE < this.size; number += 1) {
      const leaves = this.leaves(number, Math.min(TILE, this.size - number * TILE));
      missing = leaves[0] === null ? missing + 1 : 0;
      if (missing >= MISSING_IN_A_ROW) {
        this.fault("missing", tilePath("entries", number), `${missing} bundles and tiles in a row; the rest was not looked at`);
        return null;
      }
      for (const leaf of leaves) {
        this.frontier.push(leaf);
        this.push(0, leaf);
        if (wanted.has(this.frontier.size)) this.roots.set(this.frontier.size, this.frontier.root());
      }
    }
    this.levels.forEach((tile, level) => tile.hashes.length && this.checkTile(level));
    this.strays();
    return this.frontier.root();
  }

  /** Files below tile/ that no checkpoint up to this one has. */
  strays() {
    if (!existsSync(join(this.folder, "tile"))) return;
    for (const each of readdirSync(join(this.folder, "tile"), { recursive: true, withFileTypes: true })) {
      if (each.isDirectory()) continue;
      const path = join(each.parentPath, each.name).slice(join(this.folder, "/").length).replaceAll("\\", "/");
      if (this.known.has(path)) continue;
      const parsed = parseTilePath(path);
      if (parsed === null) this.fault("not-of-the-log", path);
      else this.unchecked.push({ where: path, why: "beyond the checkpoint's size" });
    }
  }
}

function bundleOf(entries) {
  return entries.flatMap((entry) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    return [length, entry];
  });
}

// --- the two questions --------------------------------------------------------------------------------------------------------

/** What an older checkpoint says that the log does not. */
function historyFaults(old, where, now, roots) {
  if (old.origin !== now.origin) return [{ kind: "other-log", where, why: old.origin }];
  if (old.size > now.size) return [{ kind: "rolled-back", where, why: `it was ${old.size}, it is ${now.size}` }];
  const root = roots.get(old.size);
  if (!root) return [{ kind: "not-recomputed", where }];
  return root.equals(old.root) ? [] : [{ kind: "history-changed", where, why: `at size ${old.size}` }];
}

function checkFolder(folder, policyFile, oldFiles) {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new Unusable(`${folder} is not a folder`);
  const policy = readPolicy(policyFile);
  const faults = [];
  const parsed = (where, bytes) => {
    try {
      return parseCheckpoint(bytes);
    } catch (error) {
      faults.push({ kind: "checkpoint-malformed", where, why: error.message });
      return null;
    }
  };
  const olds = oldFiles.map((file) => ({ file, old: parsed(file, readFor(file)) })).filter(({ old }) => old);
  if (!existsSync(join(folder, "checkpoint"))) return { faults: [...faults, { kind: "missing", where: "checkpoint" }] };
  const now = parsed("checkpoint", readFileSync(join(folder, "checkpoint")));
  if (now === null) return { faults };
  for (const { file, old } of olds) faults.push(...signatureFaults(old, policy, file, false));
  faults.push(...signatureFaults(now, policy, "checkpoint", true));
  const cosigned = policy.cosigned.size;
  const check = new LogCheck(folder, now.size);
  const root = check.run(olds.map(({ old }) => old.size));
  faults.push(...check.faults);
  if (!root?.equals(now.root)) faults.push({ kind: "root-differs", where: "checkpoint" });
  for (const { file, old } of olds) faults.push(...historyFaults(old, file, now, check.roots));
  return {
    origin: now.origin,
    size: now.size,
    root: now.root.toString("base64"),
    entries: check.entries,
    cosigned,
    witnesses: policy.witnesses.length,
    faults,
    unchecked: check.unchecked,
  };
}

function checkProof(proofFile, entryFile, policyFile) {
  const policy = readPolicy(policyFile);
  const entry = readFor(entryFile);
  let proof;
  try {
    proof = parseProof(readFor(proofFile));
  } catch (error) {
    if (error instanceof Unusable) throw error;
    return { faults: [{ kind: "proof-malformed", where: proofFile, why: error.message }] };
  }
  const { checkpoint, index, path } = proof;
  const faults = signatureFaults(checkpoint, policy, proofFile, true);
  try {
    const root = rootOfInclusion(leafHash(entry), index, checkpoint.size, path);
    if (!root.equals(checkpoint.root)) throw new Error("the hashes lead to another root");
  } catch (error) {
    faults.push({ kind: "not-included", where: proofFile, why: error.message });
  }
  return {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: checkpoint.root.toString("base64"),
    index,
    cosigned: policy.cosigned.size,
    witnesses: policy.witnesses.length,
    faults,
    unchecked: [],
  };
}

function readFor(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Unusable(error.message);
  }
}

function readPolicy(file) {
  const bytes = readFor(file);
  try {
    return parsePolicy(bytes);
  } catch (error) {
    throw new Unusable(`${file}: ${error.message}`);
  }
}

function main(words) {
  if (words[0] === "--proof" && words.length === 4) return checkProof(words[1], words[2], words[3]);
  if (words[0] === "--proof" || words.length < 2) {
    throw new Unusable("check_log.mjs FOLDER POLICYFILE [OLDCHECKPOINT...] | --proof PROOFFILE ENTRYFILE POLICYFILE");
  }
  return checkFolder(words[0], words[1], words.slice(2));
}

try {
  const answer = main(process.argv.slice(2));
  console.log(JSON.stringify({ sound: answer.faults.length === 0, ...answer }, null, 1));
  process.exitCode = answer.faults.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof Unusable)) throw error;
  console.log(JSON.stringify({ sound: false, unusable: error.message, faults: [] }, null, 1));
  process.exitCode = 2;
}
