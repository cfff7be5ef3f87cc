// Verifies, in the reader's browser and without a network, that one entry is in a transparency log, unchanged: hashes, proofs, policies,
// signatures. Nothing here knows a page. Whoever is to be believed needs three texts: the entry, the proof (C2SP tlog-proof) and the policy
// (C2SP tlog-policy).
//
// Sources: RFC 6962, 2.1 and RFC 9162, 2.1.3.2 (inclusion); C2SP signed-note, tlog-checkpoint, tlog-cosignature; RFC 8785 (canonical JSON).
"use strict";

const verifying = (() => {
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

  return {
    canonical, check, decimal, fromAddress, hashFrom, hex, isEqual, join, leafHash, MLDSA44, nodeHash, parsed, policyFrom, proofFrom, rootFrom, sha256, toBase64, utf8,
  };
})();
