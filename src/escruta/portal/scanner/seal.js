// Reads and checks the seal of a tally sheet: the profile escruta/sealed-sheet/v1, without a network and without a page.
//
// Strict as the profile asks: one form of every seal, and a reason for everything that is refused. It mirrors the modules of
// `escruta.sheets.seal`; tests hold the two to the same vectors.
//
// Sources: RFC 9285 (base45), RFC 8949 4.2.1 (deterministic CBOR), RFC 9052 4.2 and 4.4 (COSE_Sign1), RFC 8032 (Ed25519), RFC 9679.
"use strict";

const escrutaSeal = (() => {
  const PREFIX = "ESC1:";
  const LARGEST_SEAL = 1600;
  const LONGEST_TEXT = PREFIX.length + (LARGEST_SEAL / 2) * 3;
  const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
  const PACKED = "0123456789.-/:";
  const MARKS = ["illegible", "empty", "not-on-sheet", "not-a-count"];
  const ACTS = ["count", "canvass", "ruling", "rerun"];
  const LARGEST_COUNT = 10_000_000_000;

  /** Why a text is no seal: `part` is letters, or form for everything behind them. */
  class Refused extends Error {
    constructor(part, message) {
      super(message);
      this.part = part;
    }
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const require = (holds, message) => {
    if (!holds) throw new Refused("form", message);
  };

  // --- letters ------------------------------------------------------------------------------------------------------------------

  function fromBase45(text) {
    const values = Array.from(text, (letter) => ALPHABET.indexOf(letter));
    if (values.includes(-1)) throw new Refused("letters", "a letter that base45 does not have");
    if (values.length % 3 === 1) throw new Refused("letters", "the text is cut off");
    const bytes = [];
    for (let at = 0; at < values.length; at += 3) {
      const group = values.slice(at, at + 3);
      const number = group.reduce((sum, value, place) => sum + value * 45 ** place, 0);
      if (number >= 256 ** (group.length - 1)) throw new Refused("letters", "three letters say more than two bytes");
      if (group.length === 3) bytes.push(number >> 8);
      bytes.push(number & 255);
    }
    return Uint8Array.from(bytes);
  }

  function bytesOf(text) {
    if (text.length > LONGEST_TEXT) throw new Refused("letters", "the text is too long");
    if (!text.startsWith(PREFIX)) throw new Refused("letters", "no prefix");
    return fromBase45(text.slice(PREFIX.length));
  }

  // --- CBOR ---------------------------------------------------------------------------------------------------------------------

  function head(raw, at) {
    require(at < raw.length, "the bytes are cut off");
    const kind = raw[at] >> 5;
    const short = raw[at] & 31;
    require(kind < 6, "a tag, float or simple value");
    if (short < 24) return [kind, short, at + 1];
    require(short < 28, "a length is left open, or no CBOR");
    const size = 1 << (short - 24);
    require(at + 1 + size <= raw.length, "the bytes are cut off");
    const number = raw.slice(at + 1, at + 1 + size).reduce((sum, byte) => sum * 256 + byte, 0);
    require(number >= 24 && (size === 1 || number >= 2 ** (4 * size)), "a number is not in its shortest form");
    require(number <= Number.MAX_SAFE_INTEGER, "a number is too large");
    return [kind, number, at + 1 + size];
  }

  function read(raw, start, depth) {
    const [kind, number, at] = head(raw, start);
    if (kind === 0) return [number, at];
    if (kind === 1) return [-1 - number, at];
    if (kind < 4) {
      require(number <= raw.length - at, "a length that the bytes do not have");
      const bytes = raw.slice(at, at + number);
      return [kind === 2 ? bytes : decodeText(bytes), at + number];
    }
    require(depth < 4 && number <= raw.length - at, "too deep, or more items than bytes");
    return kind === 4 ? readArray(raw, number, at, depth) : readMap(raw, number, at, depth);
  }

  function decodeText(bytes) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      throw new Refused("form", "a text is not UTF-8");
    }
  }

  function readArray(raw, size, start, depth) {
    const items = [];
    let at = start;
    for (let count = 0; count < size; count += 1) {
      const [item, end] = read(raw, at, depth + 1);
      items.push(item);
      at = end;
    }
    return [items, at];
  }

  /** Keys come in the order of their bytes, each once. */
  function readMap(raw, size, start, depth) {
    const entries = new Map();
    let [at, earlier] = [start, ""];
    for (let count = 0; count < size; count += 1) {
      const [kind, number, end] = head(raw, at);
      const key = hex(raw.slice(at, end));
      require(kind < 2 && key > earlier, "keys that are no numbers, not in order, or twice");
      const [value, next] = read(raw, end, depth + 1);
      entries.set(kind === 0 ? number : -1 - number, value);
      [at, earlier] = [next, key];
    }
    return [entries, at];
  }

  function fromCbor(raw) {
    const [value, end] = read(raw, 0, 0);
    require(end === raw.length, "bytes stand after the end");
    return value;
  }

  // --- COSE and the sheet ---------------------------------------------------------------------------------------------------------

  const isBytes = (value, size) => value instanceof Uint8Array && (size === undefined || value.length === size);

  function readSeal(text) {
    const raw = bytesOf(text);
    require(raw.length <= LARGEST_SEAL && raw[0] === 0xd2, "no COSE_Sign1");
    const parts = fromCbor(raw.slice(1));
    require(Array.isArray(parts) && parts.length === 4, "no COSE_Sign1");
    const [protectedHeaders, unprotected, payload, signature] = parts;
    require(unprotected instanceof Map && unprotected.size === 0, "headers stand outside the signature");
    require(isBytes(protectedHeaders, 13) && isBytes(payload) && isBytes(signature, 64), "a part of another type or length");
    require(hex(protectedHeaders).startsWith("a201270448"), "the headers are not those of a seal");
    return { sheet: sheetFrom(payload), kid: hex(protectedHeaders.slice(5)), protectedHeaders, payload, signature };
  }

  function sheetFrom(payload) {
    const map = fromCbor(payload);
    require(map instanceof Map, "what is signed is no map");
    const keys = [...map.keys()];
    require([1, 2, 3, 4, 5, 6].every((key) => map.has(key)) && keys.every((key) => key >= 1 && key <= 9), "keys of the map");
    require(map.get(1) === 1, "another version");
    require(isBytes(map.get(2), 8), "no form");
    const number = (key, largest, smallest = 1) => {
      if (!map.has(key)) return 0;
      const value = map.get(key);
      require(typeof value === "number" && value >= smallest && value <= largest, `key ${key} is out of range`);
      return value;
    };
    return {
      form: hex(map.get(2)),
      station: stationFrom(map.get(3)),
      figures: figuresFrom(map.get(4)),
      printed: number(5, 0xffffffff, 0),
      copy: number(6, 65535),
      recipient: number(7, 65535),
      act: ACTS[number(8, 3)],
      isZero: number(9, 1) === 1,
    };
  }

  function figuresFrom(value) {
    require(Array.isArray(value) && value.length > 0 && value.length <= 512, "no figures");
    return value.map((figure) => {
      require(typeof figure === "number" && figure >= -MARKS.length && figure <= LARGEST_COUNT, "no count and no mark");
      return figure < 0 ? MARKS[-1 - figure] : figure;
    });
  }

  function stationFrom(value) {
    let station = value;
    if (isBytes(value)) {
      const halves = Array.from(value).flatMap((byte) => [byte >> 4, byte & 15]);
      if (halves[halves.length - 1] === 15) halves.pop();
      require(halves.every((half) => half < PACKED.length), "no packed station");
      station = halves.map((half) => PACKED[half]).join("");
    } else {
      require(typeof value === "string" && [...value].some((letter) => !PACKED.includes(letter)), "no station");
    }
    const size = new TextEncoder().encode(station).length;
    const isPlain = !/[\p{C}\p{Z}]/u.test(station.replace(/ /g, "")) && station.normalize("NFC") === station;
    require(size > 0 && size <= 64 && isPlain && station.trim() === station, "no station");
    return station;
  }

  // --- keys -----------------------------------------------------------------------------------------------------------------------

  const subtle = () => globalThis.crypto && globalThis.crypto.subtle;

  async function sha256(bytes) {
    return subtle() ? new Uint8Array(await subtle().digest("SHA-256", bytes)) : noble.sha256(bytes);
  }

  const COSE_KEY = [0xa3, 1, 1, 0x20, 6, 0x21, 0x58, 0x20]; // {1: OKP, -1: Ed25519, -2: 32 bytes}: RFC 9679
  const kidOf = async (key) => hex((await sha256(Uint8Array.from([...COSE_KEY, ...key]))).slice(0, 8));

  /** Opens the list as `scanner_page` wrote it. */
  function openList(list) {
    const bytes = Uint8Array.from(atob(list.keys), (letter) => letter.charCodeAt(0));
    const spans = list.spans.flatMap(([from, until, count]) => Array(count).fill([from, until]));
    const keys = list.stations.map((station, at) => ({
      station,
      bytes: bytes.slice(32 * at, 32 * at + 32),
      from: spans[at][0],
      until: spans[at][1],
    }));
    return { ...list, keys, byKid: null };
  }

  /** Finds a key: first among those of the station that the sheet claims, and only then among all. */
  async function keyOf(seal, list) {
    for (const key of list.keys.filter((each) => each.station === seal.sheet.station)) {
      if ((await kidOf(key.bytes)) === seal.kid) return key;
    }
    if (list.byKid === null) {
      const kids = await Promise.all(list.keys.map((key) => kidOf(key.bytes)));
      list.byKid = new Map(kids.map((kid, at) => [kid, list.keys[at]]));
    }
    return list.byKid.get(seal.kid) || null;
  }

  /** Sig_structure: ["Signature1", protected, h'', payload]. */
  function toBeSigned(seal) {
    const size = seal.payload.length;
    const length = size < 24 ? [0x40 + size] : size < 256 ? [0x58, size] : [0x59, size >> 8, size & 255];
    const start = [0x84, 0x6a, ...new TextEncoder().encode("Signature1"), 0x40 + seal.protectedHeaders.length];
    return Uint8Array.from([...start, ...seal.protectedHeaders, 0x40, ...length, ...seal.payload]);
  }

  async function isSigned(seal, key) {
    const message = toBeSigned(seal);
    try {
      const imported = await subtle().importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
      return await subtle().verify({ name: "Ed25519" }, imported, seal.signature, message);
    } catch (error) {
      /* the browser does not know Ed25519, or the page is on plain http */
    }
    try {
      return noble.verifyEd25519(seal.signature, message, key);
    } catch (error) {
      return false;
    }
  }

  const FAULTS = ["signature-false", "other-station", "other-form", "before-validity", "after-validity"];

  function statusOf(reasons) {
    if (reasons.some((reason) => FAULTS.includes(reason))) return "invalid";
    if (reasons.includes("revoked")) return "revoked";
    return reasons.includes("stolen-later") ? "undecided" : "valid";
  }

  function afterRevocation(sheet, [at, reason], seen) {
    if (sheet.printed >= at) return ["revoked"];
    if (seen !== null && seen < at) return ["revoked-later"];
    return [reason === "stolen" ? "stolen-later" : "revoked-later", "own-claim"];
  }

  /** What a text shows: status, reasons, and what was found. `seen` is a moment at which the seal was there, in seconds. */
  async function check(text, list, seen = null) {
    let seal = null;
    try {
      seal = readSeal(text);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { status: "no-seal", reasons: [error.part], message: error.message };
    }
    const form = list.forms.find((each) => each.id === seal.sheet.form) || null;
    const key = await keyOf(seal, list);
    if (key === null) return { status: "unknown-key", reasons: ["unknown-key"], seal, form, key, revocation: null };
    const { sheet } = seal;
    const revocation = list.revoked[seal.kid] || null;
    const found = {
      "signature-false": !(await isSigned(seal, key.bytes)),
      "other-station": sheet.station !== key.station,
      "other-form": form === null || form.figures.length !== sheet.figures.length,
      "before-validity": sheet.printed < key.from,
      "after-validity": sheet.printed >= key.until,
    };
    const reasons = FAULTS.filter((reason) => found[reason]);
    if (revocation !== null) reasons.push(...afterRevocation(sheet, revocation, seen));
    if (sheet.printed > list.issued) reasons.push("list-is-older");
    if (seen !== null && sheet.printed > seen) reasons.push("printed-after-seen");
    return { status: statusOf(reasons), reasons, seal, form, key, revocation };
  }

  return { check, openList };
})();
