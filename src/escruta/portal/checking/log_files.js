// Reads a log from its published files: entries, and the hashes that lead from one to the root. Source: C2SP tlog-tiles.
// Nothing that is read here is believed: who asks recomputes the root.
"use strict";

const logFiles = (() => {
  const { hashFrom, isEqual, leafHash, nodeHash, parsed, proofFrom, rootFrom, toBase64 } = verifying;
  const WIDTH = 256;
  const HEIGHT = 8;
  const HASH = 32;
  const FARTHEST = 64; // bundles to look through, from the end, for the last list of pages

  /** A text that must be UTF-8, as it is. */
  const textOf = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

  function tilePath(kind, number, width) {
    let name = String(number % 1000).padStart(3, "0");
    for (let rest = Math.floor(number / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
      name = `x${String(rest % 1000).padStart(3, "0")}/${name}`;
    }
    return `tile/${kind}/${name}${width === WIDTH ? "" : `.p/${width}`}`;
  }

  function entriesOf(bytes, width) {
    const entries = [];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; entries.length < width; ) {
      const end = at + 2 + view.getUint16(at);
      if (end > bytes.length) throw new Error("a bundle of entries ends too early");
      entries.push(bytes.subarray(at + 2, end));
      at = end;
    }
    return entries;
  }

  /** Opens a log; `read` gives the bytes of a path in its folder, or null. */
  async function opened(read) {
    const raw = await read("checkpoint");
    if (raw === null) return null;
    const checkpoint = textOf(raw);
    const [, count, encoded] = checkpoint.split("\n");
    const [size, root] = [verifying.decimal(count || ""), hashFrom(encoded || "")];
    const kept = new Map();

    function once(key, make) {
      if (!kept.has(key)) kept.set(key, make());
      return kept.get(key);
    }

    async function tile(kind, number, there) {
      const width = number < Math.floor(there / WIDTH) ? WIDTH : there % WIDTH;
      const found = (await read(tilePath(kind, number, width))) || (await read(tilePath(kind, number, WIDTH)));
      if (found === null) throw new Error(`log/${tilePath(kind, number, width)}`);
      return { found, width };
    }

    const hashes = (level, number) =>
      once(`${level}/${number}`, async () => (await tile(level, number, Math.floor(size / WIDTH ** level))).found);
    const bundle = (number) =>
      once(`entries/${number}`, async () => {
        const { found, width } = await tile("entries", number, size);
        return entriesOf(found, width);
      });

    /** The root of the subtree of 2**height leaves with this number, or of fewer at the right edge; null beyond it. */
    const node = (height, number) => once(`node ${height}/${number}`, () => nodeAt(height, number));

    async function nodeAt(height, number) {
      const span = 2 ** height;
      if (number * span >= size) return null;
      if ((number + 1) * span > size) {
        const [left, right] = [await node(height - 1, 2 * number), await node(height - 1, 2 * number + 1)];
        return right === null ? left : nodeHash(left, right);
      }
      const within = height % HEIGHT;
      if (within > 0) return nodeHash(await node(height - 1, 2 * number), await node(height - 1, 2 * number + 1));
      const start = (number % WIDTH) * HASH;
      const found = (await hashes(height / HEIGHT, Math.floor(number / WIDTH))).subarray(start, start + HASH);
      if (found.length !== HASH) throw new Error("a tile is too short");
      return found;
    }

    async function path(index) {
      const found = [];
      for (let height = 0; 2 ** height < size; height += 1) {
        const number = Math.floor(index / 2 ** height);
        const sibling = await node(height, number % 2 ? number - 1 : number + 1);
        if (sibling !== null) found.push(sibling);
      }
      return found;
    }

    async function entry(index) {
      if (index >= size) throw new Error(`${index}`);
      return (await bundle(Math.floor(index / WIDTH)))[index % WIDTH];
    }

    /** The proof of an entry as a text (C2SP tlog-proof). */
    async function proof(index) {
      const lines = ["c2sp.org/tlog-proof@v1", `index ${index}`, ...(await path(index)).map(toBase64)];
      return `${lines.join("\n")}\n\n${checkpoint}`;
    }

    /** Whether an entry leads to the root. */
    async function holds(index) {
      return isEqual(await rootFrom(await leafHash(await entry(index)), index, size, await path(index)), root);
    }

    const falseAt = (index) => Object.assign(new Error(`log: ${index}`), { isFalse: true });

    /** Refuses entries of a bundle that are not those of the tree: each has its hash in a tile, and a tile holds when one of its hashes does. */
    async function refuseFalse(number) {
      const [entries, found] = [await bundle(number), await hashes(0, number)];
      for (const [at, raw] of entries.entries()) {
        if (!isEqual(await leafHash(raw), found.subarray(at * HASH, (at + 1) * HASH))) throw falseAt(number * WIDTH + at);
      }
      if (!(await holds(number * WIDTH))) throw falseAt(number * WIDTH);
    }

    /** The entries of lists of pages, from the end. */
    async function* listsOfPages() {
      const last = Math.floor((size - 1) / WIDTH);
      for (let number = last; number >= 0 && number > last - FARTHEST; number -= 1) {
        const entries = await bundle(number);
        await refuseFalse(number); // else a later list could be hidden
        for (let at = entries.length - 1; at >= 0; at -= 1) {
          const said = parsed(textOf(entries[at]));
          if (said && said.kind === "pages") yield { index: number * WIDTH + at, said };
        }
      }
    }

    /** Finds the entry in which a list of pages, or the index of its parts, stands; `isLatest` says whether no later list stands after it. */
    async function listOfPages(digest, member) {
      let isLatest = true;
      for await (const { index, said } of listsOfPages()) {
        if (said[member] === digest) return { index, isLatest };
        isLatest = false;
      }
      return null;
    }

    proofFrom(`c2sp.org/tlog-proof@v1\nindex 0\n\n${checkpoint}`); // refuses what is no checkpoint
    return { entry, holds, listOfPages, proof, size };
  }

  return { opened, textOf };
})();
